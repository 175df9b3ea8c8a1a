internal import Clocks
import MetricModel
import Synchronization

/// The series of declared metrics. What a declaration does not allow is refused and counted.
///
/// A registry is built from descriptors alone, and a process may have several. `counter(_:)` and its siblings give
/// access to a metric:
///
/// ```swift
/// let images = try registry.counter("images_processed_total")
/// images.with("inference", "success")?.increment()
/// ```
///
/// All of it may be used from any thread. An update of a series that exists never waits for a scrape to be rendered.
/// The registry knows nothing of files, text formats and the network.
public final class Registry: Sendable {
  /// The most UTF-8 bytes that a label value may have: 4,096, as the longest path of the system. A longer one is
  /// refused.
  public static let labelValueBytesMax = 4096

  /// The metrics in the order of the exposition.
  package let metrics: [Metric]
  /// The limits that the registry was made with.
  public let limits: RegistryLimits
  private let indexByName: [String: Int]
  let ledger: Ledger
  let state: Mutex<RegistryState>

  /// Creates a registry. Counters and histograms without labels exist from now on, at 0; all other series begin when
  /// they are first asked for.
  ///
  /// - Parameters:
  ///   - metrics: the metrics in the order of the exposition.
  ///   - limits: how many time series there may be.
  /// - Precondition: Metric names are unique, labels of one name are declared alike, buckets are finite and ascending,
  ///   and a native histogram's factor is above 1; otherwise the program stops. Names and quantiles are not checked
  ///   here: the catalog's rules do that.
  public convenience init(metrics: [MetricDescriptor], limits: RegistryLimits = RegistryLimits()) {
    self.init(metrics: metrics, limits: limits, now: { Moment.now.wall })
  }

  /// - Parameters:
  ///   - now: the wall clock, in nanoseconds since 1970.
  ///   - monotonic: the clock that timers go by, in nanoseconds.
  package init(
    metrics descriptors: [MetricDescriptor],
    limits: RegistryLimits,
    now: @escaping @Sendable () -> Int64,
    monotonic: @escaping @Sendable () -> Int64 = { Moment.monotonicNow }
  ) {
    var labels: [LabelDescriptor] = []
    var tables: [String: Int] = [:]
    var indexByName: [String: Int] = [:]
    var metrics: [Metric] = []
    let ledger = Ledger(now: now, monotonic: monotonic)
    for (index, descriptor) in descriptors.enumerated() {
      precondition(indexByName.updateValue(index, forKey: descriptor.name) == nil, "metric declared twice")
      let bounds = descriptor.buckets
      precondition(
        descriptor.type != .histogram
          || (bounds.allSatisfy(\.isFinite) && zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }),
        "buckets must be finite and ascending"
      )
      precondition(descriptor.nativeHistogram.map { $0.factor > 1 } ?? true, "native buckets must grow")
      let positions = descriptor.labels.map { label in
        if let known = tables[label.name] {
          precondition(labels[known] == label, "label declared in two ways")
          return known
        }
        tables[label.name] = labels.count
        labels.append(label)
        return labels.count - 1
      }
      metrics.append(
        Metric(descriptor: descriptor, index: index, limits: limits, labelTables: positions, ledger: ledger)
      )
    }
    self.metrics = metrics
    self.limits = limits
    self.indexByName = indexByName
    self.ledger = ledger
    state = Mutex(RegistryState(metricCount: metrics.count, labels: labels, seriesLimit: limits.series))
    // The ledger is made before the metrics, which hold it; it learns their names here.
    ledger.rejections.withLock { $0 = RejectionCounts(names: metrics.map(\.rejectionNames), indexByName: indexByName) }
    for metric in metrics where metric.labelTables.isEmpty && metric.existsFromStart {
      materialize(metric: metric.index, labelValues: [])
    }
  }

  /// Whether a label of a metric makes room for new values.
  package func evicts(metric index: Int) -> Bool { !metrics[index].evictingLabels.isEmpty }

  /// The position of a declared metric.
  package func index(of name: String) -> Int? { indexByName[name] }

  /// The series of a metric for what a source says of each of its labels, in the metric's order; nil: refused and
  /// counted, or, where it would be older than all that a label has room for, evicted at once. A counter, histogram or
  /// summary exists from then on: ask when there is a sample for it.
  ///
  /// - Parameter path: which label values are known to be of another time than the sample.
  /// - Precondition: `metric` is a position in `metrics`.
  package func series(
    metric index: Int,
    labelValues: [String],
    at time: SampleTime = .now,
    _ path: PathLabels = .none
  ) -> Series? {
    let metric = metrics[index]
    let admission = state.withLock { $0.series(of: metric, labelValues: labelValues, at: time, path) }
    return series(admission, of: metric, labelValues)
  }

  /// Notes that a label's value was said, without a sample; only what is live takes notice.
  ///
  /// - Precondition: `metric` is a position in `metrics`, and `label` one in its labels, which evicts.
  package func use(_ value: String, ofLabel label: Int, of metric: Int, at time: SampleTime) {
    let age = ledger.age(at: time)
    let table = metrics[metric].labelTables[label]
    state.withLock { $0.use(value, of: table, age: age) }
  }

  /// The series of a counter that is to exist before its first sample, at 0 where it is new; nil: it may not exist. Counts
  /// no rejection: nothing was said that is lost.
  package func beginning(
    ofCounter index: Int,
    labelValues: [String],
    at time: SampleTime,
    _ path: PathLabels
  ) -> Series? {
    let metric = metrics[index]
    let admission = state.withLock { $0.series(of: metric, labelValues: labelValues, at: time, path) }
    if case .series(let series) = admission { return series }
    return nil
  }

  /// The series of a counter with the total that its source keeps itself: where it is new, nobody sees it at 0 before.
  ///
  /// - Precondition: `metric` is the position of a counter.
  package func series(metric index: Int, labelValues: [String], total: Double) -> Series? {
    let metric = metrics[index]
    let admission = state.withLock { state in
      let admission = state.series(of: metric, labelValues: labelValues, at: .now)
      if case .series(let series) = admission { series.setTotal(total) }
      return admission
    }
    return series(admission, of: metric, labelValues)
  }

  private func series(_ admission: RegistryState.Admission, of metric: Metric, _ labelValues: [String]) -> Series? {
    switch admission {
    case .series(let series):
      return series
    case .refused(let reason, let label):
      metric.reject(reason, label: label) { Self.refused(labelValues, label) }
      return nil
    case .evicted:
      return nil
    }
  }

  /// What of a sample's label values was refused: that of a label, or all.
  private static func refused(_ labelValues: [String], _ label: Int?) -> String? {
    guard let label else { return labelValues.isEmpty ? nil : labelValues.joined(separator: ", ") }
    return labelValues.indices.contains(label) ? labelValues[label] : nil
  }

  /// The time of what a log says that was modified at a time.
  ///
  /// - Parameter isFollowed: whether it was seen to change, rather than found: then it is the newest, unless both clocks
  ///   are credible. Logs that changed one after the other may be read in any order, so their times tell more.
  package func time(ofLogModifiedAt modified: Int64, isFollowed: Bool) -> SampleTime {
    let now = ledger.now()
    let time = min(modified, now)
    let newest = ledger.latest(time)
    let isCredible = newest <= now && time > now &- Self.changeAgeMax
    return SampleTime(modified: isFollowed && !isCredible ? newest : time)
  }

  /// A log that is seen to change has a time like that, in nanoseconds, unless its writer gives it another.
  private static let changeAgeMax: Int64 = 10_000_000_000

  /// The wall clock, in nanoseconds since 1970.
  package var now: Int64 { ledger.now() }

  /// The series that may show, for the time being, what is not certain for these labels: the one that there is, or one
  /// that goes with what it shows; nil: there is no room for it. Counts no rejection. `drop` ends one that was made for
  /// it.
  package func provisionalSeries(metric index: Int, labelValues: [String]) -> Series? {
    let metric = metrics[index]
    return state.withLock { $0.provisionalSeries(of: metric, labelValues: labelValues) }
  }

  /// The label values that the series of these would carry, which is not made; nil: its labels do not allow one.
  ///
  /// - Parameter countsRefusal: whether a refusal is counted.
  package func meaning(metric index: Int, labelValues: [String], countsRefusal: Bool) -> [String]? {
    let metric = metrics[index]
    switch state.withLock({ $0.meaning(of: labelValues, for: metric) }) {
    case .values(let values):
      return values
    case .refused(let reason, let label):
      if countsRefusal { metric.reject(reason, label: label) { Self.refused(labelValues, label) } }
      return nil
    }
  }

  /// Why labels would be refused; nil: they would not. Counts nothing.
  package func refusal(metric index: Int, labelValues: [String]) -> (reason: Rejection.Reason, label: String)? {
    let metric = metrics[index]
    if case .refused(let reason, let label) = state.withLock({ $0.meaning(of: labelValues, for: metric) }) {
      return (reason, label.map { metric.descriptor.labels[$0].name } ?? "")
    }
    if case .refused(let reason, let label) = state.withLock({
      $0.series(of: metric, labelValues: labelValues, at: .never)
    }) {
      return (reason, label.map { metric.descriptor.labels[$0].name } ?? "")
    }
    return nil
  }

  /// Makes a series exist before its first sample, where it may exist; counts no rejection.
  package func materialize(metric index: Int, labelValues: [String]) {
    let metric = metrics[index]
    _ = state.withLock { $0.series(of: metric, labelValues: labelValues, at: .never) }
  }

  /// Ends a series of this registry. One that has ended already is left alone.
  package func drop(_ series: Series) {
    precondition(series.metric.ledger === ledger, "a series of another registry")
    state.withLock { $0.drop(series) }
  }

  /// Ends series of a metric; on the thread that feeds them.
  ///
  /// - Parameter deadline: when a series ends if nothing feeds it before, on a clock that stands at `now`; nil: never.
  /// - Returns: the earliest deadline of those that are left.
  package func expire(metric index: Int, now: Int64, deadline: (Series) -> Int64?) -> Int64? {
    var earliest: Int64?
    var over: [Series] = []
    for page in state.withLock({ $0.pages(metric: index) }) {
      page.content.forEachSeries { _, series in
        guard !series.isDropped, let deadline = deadline(series) else { return }
        if deadline <= now { over.append(series) } else { earliest = min(earliest ?? deadline, deadline) }
      }
    }
    if !over.isEmpty { state.withLock { state in for series in over { state.drop(series) } } }
    return earliest
  }

  /// Counts a refusal that was met outside of the registry.
  ///
  /// - Parameter value: what was refused, for people; not asked each time.
  package func count(rejection: Rejection, by count: UInt64 = 1, value: () -> String? = { nil }) {
    ledger.rejections.withLock { $0.count(rejection, by: count, value: value) }
  }

  /// How many samples were refused, by metric, label and reason, since the registry was made. An exporter's registry
  /// goes on from the counts of the saved state and of the registry before a reload, for the metrics that it keeps.
  ///
  /// Declared metrics come first, in their order; undeclared names follow in the order in which they first came. The
  /// first 100 distinct undeclared names of at most 128 bytes are kept; all further ones are counted together under the
  /// name `other`. Counts never fall.
  public func rejections() -> [(rejection: Rejection, count: UInt64)] {
    ledger.rejections.withLock { $0.all }
  }

  /// The same with the last values that were refused since this registry was made, as far as they are known: at most 5 of
  /// at most 200 bytes.
  package func rejectionsWithValues() -> [(rejection: Rejection, count: UInt64, values: [String])] {
    ledger.rejections.withLock { $0.allWithValues }
  }

  /// How many time series, as exposed, a metric has. Its limit is `metrics[index].seriesLimit`.
  package func seriesCount(metric index: Int) -> Int {
    state.withLock { $0.liveCount(metric: index) } * metrics[index].descriptor.timeSeriesPerChild
  }

  /// How many time series there are now, counted as the exposition shows them. Gauges, infos and statesets that have no
  /// value yet are included. The limit is `limits.series`.
  public var seriesCount: Int { state.withLock { $0.timeSeries } }

  /// All series as they are now; the values are read later and may be newer.
  package func snapshot() -> [FamilySnapshot] {
    state.withLock { state in
      metrics.map { FamilySnapshot(metric: $0, pages: state.pages(metric: $0.index)) }
    }
  }
}

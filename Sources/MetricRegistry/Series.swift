import MetricModel
import Synchronization

/// One combination of label values of a metric, with its current value.
///
/// Applications update it through `Counter`, `Gauge` and the other handles, which offer what the metric's type has. Any
/// thread may do so. Updates never wait for a scrape to be rendered; only a summary and a native histogram are locked
/// for as long as a scrape takes to copy them. Updates of a series that has ended are seen by nobody. The registry
/// decides whether a series may exist.
///
/// `@unchecked`, since besides atomics it has variables of two owners, as each says: the thread that feeds series from
/// logs, and the registry's lock.
public final class Series: @unchecked Sendable {
  enum Cell {
    /// A gauge, info or stateset: `bits` is all.
    case number
    /// Its value is in `bits`.
    case counter(CounterCell)
    case histogram(HistogramCell)
    case nativeHistogram(NativeHistogramCell)
    case summary(SummaryCell)
  }

  /// A NaN that no update stores: the series has no value yet, and is not exposed.
  package static let noValueBits: UInt64 = 0x7FF8_0000_6E6F_6E65

  package let metric: Metric
  /// The series' label values in the metric's order; each is retained here.
  let values: UnsafeMutablePointer<Unmanaged<LabelValue>>
  let cell: Cell
  /// The value's bits; a stateset's is the position of its state.
  let bits: Atomic<UInt64>
  /// What is shown in place of the value, for the time being.
  let provisionalBits = Atomic<UInt64>(Series.noProvisionalBits)
  private let dropped = Atomic<Bool>(false)
  /// Whether it was made for a value that may be taken back, and is nothing else.
  package let isProvisional: Bool
  /// Of the page that the series is in.
  let changeMark: ChangeMark
  /// What fed it last; nil: an application. Only of the thread that feeds series from logs.
  @exclusivity(unchecked) package var feeder: Feeder? {
    didSet { if feeder !== oldValue { noteChange() } }
  }
  /// When that log was written, in nanoseconds since 1970, as it said what a gauge or a stateset has; or when a process
  /// said it, also of an info; `.min`: nobody knows.
  /// The log may have changed since without a word of it.
  @exclusivity(unchecked) package private(set) var saidAt = Int64.min
  /// How many logs show it, of an info: one must not take away what another still shows. Of the same thread.
  @exclusivity(unchecked) package var logCount = 0
  /// As what it was saved last. Under the registry's lock.
  var saved = SavedSeries()
  /// Its place among the saved series; 0: it was not saved. On the thread that saves.
  package var savedPlace: UInt64 { saved.place }
  /// Whose last line without its end says what is shown for the time being. Of the same thread.
  @exclusivity(unchecked) package internal(set) var provisionalFeeder: Feeder?

  init(metric: Metric, values: [LabelValue], changeMark: ChangeMark, isProvisional: Bool = false) {
    self.metric = metric
    self.isProvisional = isProvisional
    self.changeMark = changeMark
    self.values = .allocate(capacity: values.count)
    for (position, value) in values.enumerated() {
      (self.values + position).initialize(to: .passRetained(value))
    }
    switch metric.descriptor.type {
    case .counter:
      cell = .counter(CounterCell(created: metric.ledger.now()))
      bits = Atomic(0)
    case .gauge, .info, .stateset:
      cell = .number
      bits = Atomic(Self.noValueBits)
    case .histogram:
      let bounds = metric.descriptor.buckets
      let created = metric.ledger.now()
      if let native = metric.descriptor.nativeHistogram {
        cell = .nativeHistogram(NativeHistogramCell(native, bounds: bounds, created: created))
      } else {
        cell = .histogram(HistogramCell(bounds: bounds, created: created))
      }
      bits = Atomic(0)
    case .summary:
      let keeps = !metric.descriptor.quantiles.isEmpty
      let window = keeps ? max(1, metric.descriptor.window) : 0
      cell = .summary(SummaryCell(window: window, created: metric.ledger.now()))
      bits = Atomic(0)
    }
  }

  deinit {
    for position in 0..<labelCount { values[position].release() }
    values.deallocate()
  }

  var labelCount: Int { metric.labelTables.count }

  /// The label values as they are shown, in the order of the metric's labels: after renaming, folding and cleaning.
  public var labelValues: [String] {
    (0..<labelCount).map { labelValue(at: $0) }
  }

  package func labelValue(at position: Int) -> String {
    precondition(position < labelCount)
    return values[position]._withUnsafeGuaranteedRef { $0.text }
  }

  /// Whether the series has ended: evicted, expired or removed. Nobody sees its updates any more, and it stays ended.
  public var isDropped: Bool { dropped.load(ordering: .relaxed) }

  /// Marks the series as ended; false when it already was.
  func markDropped() -> Bool {
    defer { noteChange() }
    return !dropped.exchange(true, ordering: .relaxed)
  }

  /// Whether another log has said what the series has later than `log` changed: by modification time, then by name.
  ///
  /// - Parameter now: the wall clock: a time that is still to come is of a clock that was wrong; nil: it counts as well.
  package func isSaid(after log: Feeder, now: Int64?) -> Bool {
    guard let feeder, feeder !== log, saidAt > .min, saidAt <= now ?? .max else { return false }
    return (saidAt, feeder.name) > (log.modified, log.name)
  }

  /// Notes who says what the series has from now on.
  package func said(by log: Feeder) { said(by: log, at: log.modified) }

  /// - Parameter time: in nanoseconds since 1970.
  package func said(by log: Feeder?, at time: Int64) {
    if feeder !== log { feeder = log }
    saidAt = time
  }

  /// Sets a gauge, or makes an info exist. NaN and infinities are values.
  package func set(_ value: Double, at time: SampleTime = .now) {
    assert(metric.descriptor.type == .gauge || metric.descriptor.type == .info)
    bits.store(value.isNaN ? Double.nan.bitPattern : value.bitPattern, ordering: .relaxed)
    touch(time)
  }

  /// Takes a gauge's value away: it is not exposed until it is set again.
  package func unset() {
    bits.store(Self.noValueBits, ordering: .relaxed)
    noteChange()
  }

  /// Adds to a counter or a gauge. A counter refuses and counts what is negative or not finite; then the answer is
  /// false.
  @discardableResult
  package func add(_ increment: Double, at time: SampleTime = .now) -> Bool {
    metric.descriptor.type == .counter ? count(increment, at: time) : addToGauge(increment, at: time)
  }

  /// Adds to a counter. What is negative or not finite is refused and counted; then the answer is false.
  @inline(__always)
  func count(_ increment: Double, at time: SampleTime) -> Bool {
    if let reason = increment.whyNotCounted {
      metric.reject(reason) { "\(increment)" }
      return false
    }
    var current = bits.load(ordering: .relaxed)
    while true {
      // Neither is negative.
      let sum = min(Double(bitPattern: current) + increment, .greatestFiniteMagnitude)
      let (exchanged, original) = bits.weakCompareExchange(
        expected: current,
        desired: sum.bitPattern,
        ordering: .relaxed
      )
      if exchanged { break }
      current = original
    }
    touch(time)
    return true
  }

  private func addToGauge(_ increment: Double, at time: SampleTime) -> Bool {
    var current = bits.load(ordering: .relaxed)
    while true {
      let sum = (current == Self.noValueBits ? 0 : Double(bitPattern: current)) + increment
      let desired = sum.isNaN ? Double.nan.bitPattern : sum.bitPattern
      let (exchanged, original) = bits.weakCompareExchange(
        expected: current,
        desired: desired,
        ordering: .relaxed
      )
      if exchanged { break }
      current = original
    }
    touch(time)
    return true
  }

  /// Sets a counter to the total that its source keeps itself. A counter refuses and counts what is negative or not
  /// finite; then the answer is false. A total below the one before means that the source began anew.
  @discardableResult
  package func setTotal(_ total: Double, at time: SampleTime = .now) -> Bool {
    assert(metric.descriptor.type == .counter)
    if let reason = total.whyNotCounted {
      metric.reject(reason) { "\(total)" }
      return false
    }
    let before = Double(bitPattern: bits.exchange(total.bitPattern, ordering: .relaxed))
    if total < before { restore(created: metric.ledger.now()) }
    touch(time)
    return true
  }

  /// Adds an observation to a histogram or summary. What is not finite is refused and counted; then the answer is
  /// false.
  @discardableResult
  package func observe(_ value: Double, at time: SampleTime = .now) -> Bool {
    if let reason = value.whyNotObserved {
      metric.reject(reason) { "\(value)" }
      return false
    }
    switch cell {
    case .number, .counter: preconditionFailure("a \(metric.descriptor.type) takes no observations")
    case .histogram(let cell): cell.observe(value)
    case .nativeHistogram(let cell): cell.observe(value)
    case .summary(let cell): cell.observe(value)
    }
    touch(time)
    return true
  }

  /// Adds observations to a histogram without native buckets at once, by bucket (not cumulative, `+Inf` last) with
  /// their sum.
  package func addObservations(bucketCounts: [UInt64], sum: Double, at time: SampleTime = .now) {
    guard case .histogram(let cell) = cell else { preconditionFailure("only a classic histogram takes counts") }
    cell.add(bucketCounts: bucketCounts, sum: sum)
    touch(time)
  }

  /// The same of a histogram with native buckets.
  package func addObservations(
    native: NativeCounts,
    bucketCounts: [UInt64],
    sum: Double,
    at time: SampleTime = .now
  ) {
    guard case .nativeHistogram(let cell) = cell else { preconditionFailure("it has no native buckets") }
    cell.add(native, classic: bucketCounts, sum: sum)
    touch(time)
  }

  /// Adds observations to a summary at once. Its quantiles know nothing of them.
  package func addObservations(count: UInt64, sum: Double, at time: SampleTime = .now) {
    guard case .summary(let cell) = cell else { preconditionFailure("only a summary takes a count alone") }
    cell.add(count: count, sum: sum)
    touch(time)
  }

  /// Makes one state the active one. A text that is no state is refused and counted; then the answer is false.
  @discardableResult
  package func setState(_ state: String, at time: SampleTime = .now) -> Bool {
    guard let position = metric.state(state) else {
      metric.reject(.labelValue, label: labelCount) { state }
      return false
    }
    bits.store(Double(position).bitPattern, ordering: .relaxed)
    touch(time)
    return true
  }

  /// Ends every update: the next exposition sees it, and the evicting labels' values are in use.
  @inline(__always)
  func touch(_ time: SampleTime) {
    noteChange()
    if !metric.evictingLabels.isEmpty { touchValues(time) }
  }

  /// Lets the next exposition see what was written before.
  @inline(__always)
  func noteChange() { changeMark.set() }

  private func touchValues(_ time: SampleTime) {
    // A handle kept after its series ended must not keep the value alive in others.
    if isDropped { return }
    if let label = metric.onlyEvictingLabel {
      // Rows of one log use one value again and again.
      let isNewest = values[label]._withUnsafeGuaranteedRef { metric.ledger.isLast($0, at: time) }
      if isNewest { return }
      let age = metric.ledger.age(at: time)
      return values[label]._withUnsafeGuaranteedRef { $0.use(age) }
    }
    let age = metric.ledger.age(at: time)
    for label in metric.evictingLabels {
      values[label]._withUnsafeGuaranteedRef { $0.use(age) }
    }
  }
}

extension Series {
  /// The value of a counter, gauge or info as it is exposed; nil: none yet.
  package var number: Double? {
    let bits = exposedBits
    return bits == Self.noValueBits ? nil : Double(bitPattern: bits)
  }

  /// The position of a stateset's active state; nil: none yet.
  package var state: Int? { number.flatMap { Int(exactly: $0) } }

  /// Cumulative classic buckets, `+Inf` last, into `buckets`, and the sum, all of one moment. False: no histogram.
  package func readHistogram(into buckets: UnsafeMutableBufferPointer<UInt64>, sum: inout Double) -> Bool {
    switch cell {
    case .histogram(let cell): sum = cell.read(into: buckets)
    case .nativeHistogram(let cell): sum = cell.read(into: buckets)
    case .number, .counter, .summary: return false
    }
    return true
  }

  /// A histogram's cumulative classic buckets, `+Inf` last, and its sum, all of one moment; nil: no histogram.
  package var histogram: (buckets: [UInt64], sum: Double)? {
    let bucketCount = metric.descriptor.buckets.count + 1
    var sum = 0.0
    var isHistogram = false
    let buckets = [UInt64](unsafeUninitializedCapacity: bucketCount) { buffer, count in
      isHistogram = readHistogram(into: buffer, sum: &sum)
      count = isHistogram ? bucketCount : 0
    }
    return isHistogram ? (buckets, sum) : nil
  }

  /// A histogram with native buckets, all of one moment; nil: it has none.
  package var nativeHistogram: NativeHistogramReading? {
    guard case .nativeHistogram(let cell) = cell else { return nil }
    return cell.read()
  }

  /// A summary's sum, count, and the values at the metric's quantiles, NaN before the first observation; nil: no
  /// summary.
  package var summary: (sum: Double, count: UInt64, quantiles: [Double])? {
    guard case .summary(let cell) = cell else { return nil }
    return cell.read(quantiles: metric.descriptor.quantiles)
  }
}

import MetricModel
import Synchronization

/// What the series of one declared metric share: its descriptor and what follows from it. Never changes.
package final class Metric: Sendable {
  package let descriptor: MetricDescriptor
  /// Its position in the registry, which is its place in the exposition.
  package let index: Int
  /// The most time series, as exposed.
  package let seriesLimit: Int
  /// Its labels' positions among the registry's label tables.
  let labelTables: [Int]
  /// The positions of the labels that evict their oldest value.
  let evictingLabels: [Int]
  let ledger: Ledger
  /// Whether one of its series has, or had, an exemplar.
  private let exemplarsWereSeen = Atomic<Bool>(false)
  private let stateIndex: [ByteText: Int]

  init(descriptor: MetricDescriptor, index: Int, limits: RegistryLimits, labelTables: [Int], ledger: Ledger) {
    self.descriptor = descriptor
    self.index = index
    self.labelTables = labelTables
    self.ledger = ledger
    seriesLimit = descriptor.maxSeries ?? limits.seriesPerMetric
    evictingLabels = descriptor.labels.indices.filter { descriptor.labels[$0].evictsOldest }
    stateIndex = Dictionary(
      descriptor.states.enumerated().map { (ByteText($1), $0) },
      uniquingKeysWith: { first, _ in first }
    )
  }

  var rejectionNames: RejectionCounts.Names {
    let own = descriptor.type == .stateset ? [descriptor.name] : []
    return RejectionCounts.Names(metric: descriptor.name, labels: [""] + descriptor.labels.map(\.name) + own)
  }

  /// Whether series may be created before their first sample: a count of nothing is 0, a gauge without value is none.
  package var existsFromStart: Bool { descriptor.type == .counter || descriptor.type == .histogram }

  /// Whether what was said last is all that its series have, and several logs may say it.
  var showsNewest: Bool { [.gauge, .stateset, .info].contains(descriptor.type) }

  /// Counts a refusal of a sample of this metric; `label` is a position in its labels, nil the metric as a whole.
  ///
  /// - Parameter value: what was refused, for people; not asked each time.
  func reject(_ reason: Rejection.Reason, label: Int? = nil, value: () -> String? = { nil }) {
    ledger.rejections.withLock {
      $0.count(metric: index, label: label.map { $0 + 1 } ?? 0, reason: reason, value: value)
    }
  }

  package var hasExemplars: Bool { exemplarsWereSeen.load(ordering: .relaxed) }

  func noteExemplar() { exemplarsWereSeen.store(true, ordering: .relaxed) }

  func state(_ text: String) -> Int? { stateIndex[ByteText(text)] }
}

/// What series need of their registry without keeping it alive: the record tick, the clock, the counts of rejections.
final class Ledger: Sendable {
  /// Grows with each accepted update of a series whose label evicts.
  private let clock = Atomic<UInt64>(0)
  /// The newest time of any of them.
  private let newest = Atomic<Int64>(.min)
  let rejections = Mutex(RejectionCounts())
  /// Nanoseconds since 1970.
  let now: @Sendable () -> Int64
  /// Nanoseconds since the machine started.
  let monotonic: @Sendable () -> Int64

  init(now: @escaping @Sendable () -> Int64, monotonic: @escaping @Sendable () -> Int64) {
    self.now = now
    self.monotonic = monotonic
  }

  /// The age of what a sample uses that comes now.
  @inline(__always)
  func age(at time: SampleTime) -> LabelAge {
    LabelAge(
      time: time == .now ? latestOfNow() : time.nanoseconds,
      tick: clock.wrappingAdd(1, ordering: .relaxed).newValue
    )
  }

  /// Whether nothing was used after the value, and that at the same time: then one more use changes nothing.
  @inline(__always)
  func isLast(_ use: LabelUse, at time: SampleTime) -> Bool {
    use.age == LabelAge(time: time.nanoseconds, tick: clock.load(ordering: .relaxed))
  }

  @inline(never)
  private func latestOfNow() -> Int64 { latest(now()) }

  /// The time, or the newest that there was: what is seen to come now is older than nothing, whatever clocks say.
  func latest(_ time: Int64) -> Int64 { newest.max(time, ordering: .relaxed).newValue }
}

import MetricModel
import Synchronization

/// Up to 64 neighbouring series of a metric: their values beside each other, and all else that they have.
///
/// A series is a place in a block, and stays there: a place is never given to another series, so that a handle needs to
/// know no more, and updates what it was made for without a lock. When all series of a block have ended, the registry
/// forgets it; who has a handle keeps it in memory.
///
/// `@unchecked`, since besides atomics it has variables of two owners, as each says: the thread that feeds series from
/// logs, and the registry's lock.
final class SeriesBlock: @unchecked Sendable {
  /// The bits of a word. What only one series of a block still needs is paid for all of them.
  static let capacityMax = 64
  /// What a metric of few series costs.
  private static let capacityMin = 4

  let metric: Metric
  let capacity: Int
  /// Whether its series were made for values that may be taken back, and are nothing else.
  let isProvisional: Bool
  /// Of the page that the block is in.
  let pageMark: PageMark
  /// For saving.
  let unsaved = ChangeMark()
  /// A bit for each series that has ended.
  private let endedBits = Atomic<UInt64>(0)
  /// What is shown in place of values, for the time being.
  let provisional = AtomicLazyReference<ProvisionalValues>()
  /// The value's bits of each series; a stateset's is the position of its state. Never moved, and there are `capacity`:
  /// a series has no greater position.
  let values: UnsafeMutablePointer<Atomic<UInt64>>
  /// What series of types other than gauges, infos and statesets have beside them, and the uses of the values of labels
  /// that evict, those of a series together. Both are written once, before anyone has the series, and never moved.
  let cells: UnsafeMutablePointer<Series.Cell>?
  let uses: UnsafeMutablePointer<Unmanaged<LabelUse>>?

  /// Guarded by the registry's lock.
  private(set) var count = 0
  /// Its number among its metric's blocks, for `SeriesIndex`. Guarded by the registry's lock.
  var number = 0
  /// Written under the registry's lock and this one together, and so read under either.
  private let labelLock = Mutex<Void>(())
  @exclusivity(unchecked) private(set) var labels: BlockLabels
  /// As what series were saved last; empty: none was. Under the registry's lock.
  @exclusivity(unchecked) var saved: [SavedSeries] = []
  /// What logs say of the series, `capacity` of it; nil: nothing. Only of the thread that feeds series from logs, which
  /// looks here for each sample: an array would be retained each time.
  @exclusivity(unchecked) private(set) var sources: UnsafeMutablePointer<SeriesSource>?

  init(metric: Metric, capacity: Int, pageMark: PageMark, isProvisional: Bool = false) {
    precondition(capacity <= Self.capacityMax)
    self.metric = metric
    self.capacity = capacity
    self.pageMark = pageMark
    self.isProvisional = isProvisional
    labels = BlockLabels(labelCount: metric.labelTables.count, capacity: capacity)
    values = .allocate(capacity: capacity)
    let initial = Series.Cell.initialBits(of: metric.descriptor.type)
    for position in 0..<capacity { (values + position).initialize(to: Atomic(initial)) }
    cells = Series.Cell.isNeeded(for: metric.descriptor.type) ? .allocate(capacity: capacity) : nil
    let evicting = metric.evictingLabels.count
    uses = evicting > 0 ? .allocate(capacity: capacity * evicting) : nil
  }

  /// One series that has ended.
  convenience init(ofEndedSeriesOf metric: Metric) {
    self.init(metric: metric, capacity: 1, pageMark: PageMark())
    let values = metric.descriptor.labels.map { _ in LabelValue(text: "", slot: 0, age: LabelAge(time: 0, tick: 0)) }
    _ = append(values).markDropped()
  }

  /// How many series a block has room for that follows another one.
  static func capacity(after previous: SeriesBlock?) -> Int {
    min(capacityMax, max(capacityMin, 8 * (previous?.capacity ?? 0)))
  }

  deinit {
    values.deinitialize(count: capacity)
    values.deallocate()
    cells?.deinitialize(count: count)
    cells?.deallocate()
    if let uses { for place in 0..<count * metric.evictingLabels.count { uses[place].release() } }
    uses?.deallocate()
    sources?.deinitialize(count: capacity)
    sources?.deallocate()
  }

  var isFull: Bool { count == capacity }

  /// The series that have ended.
  var ended: PositionSet { PositionSet(endedBits.load(ordering: .relaxed)) }

  /// Marks a series as ended; false when it already was.
  func end(_ position: Int) -> Bool {
    let bit = PositionSet.bit(position)
    return endedBits.bitwiseOr(bit, ordering: .relaxed).oldValue & bit == 0
  }

  /// A further series. Under the registry's lock.
  func append(_ values: [LabelValue]) -> Series {
    precondition(!isFull)
    if let cells { (cells + count).initialize(to: Series.Cell(metric)) }
    if let uses {
      for (place, label) in metric.evictingLabels.enumerated() {
        (uses + count * metric.evictingLabels.count + place).initialize(to: .passRetained(values[label].use))
      }
    }
    labelLock.withLock { _ in labels.append(values) }
    count += 1
    noteChange()
    return Series(block: self, position: count - 1)
  }

  /// Lets the next exposition and the next save see what was written before.
  @inline(__always)
  func noteChange() {
    unsaved.set()
    pageMark.change.set()
  }

  /// For what a log says for the first time.
  func makeSources() -> UnsafeMutablePointer<SeriesSource> {
    let made = UnsafeMutablePointer<SeriesSource>.allocate(capacity: capacity)
    made.initialize(repeating: SeriesSource(), count: capacity)
    sources = made
    return made
  }

  /// A label's text; empty: it is forgotten.
  func labelText(_ label: Int, at position: Int) -> String {
    labelLock.withLock { _ in labels.value(ofLabel: label, at: position)?.text ?? "" }
  }

  /// Forgets the labels of series that have ended. Under the registry's lock.
  func forgetEndedLabels() {
    let ended = ended
    labelLock.withLock { _ in labels.forget(ended) }
  }

  /// The bits of what the series of `members` show, `Series.noValueBits` for what is not exposed. They come in their order
  /// at the beginning of `bits`, which has room for them.
  func readBits(of members: PositionSet, into bits: UnsafeMutableBufferPointer<UInt64>) {
    let ended = ended
    let provisional = provisional.load()
    var place = 0
    for position in members {
      bits[place] = ended.contains(position) ? Series.noValueBits : exposedBits(at: position, provisional)
      place += 1
    }
  }

  @inline(__always)
  private func exposedBits(at position: Int, _ provisional: ProvisionalValues?) -> UInt64 {
    provisional?.bits(at: position) ?? values[position].load(ordering: .relaxed)
  }

  /// The bits of what a series shows.
  func exposedBits(at position: Int) -> UInt64 { exposedBits(at: position, provisional.load()) }
}

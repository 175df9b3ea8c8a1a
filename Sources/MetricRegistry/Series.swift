import MetricModel
import Synchronization

/// One combination of label values of a metric, with its current value.
///
/// This is a reference: its copies are the same series, and each keeps it in memory. Applications update it through
/// `Counter`, `Gauge` and the other handles, which offer what the metric's type has. Any thread may do so. Updates never
/// wait for a scrape to be rendered; only a summary and a native histogram are locked for as long as a scrape takes to
/// copy them. Updates of a series that has ended are seen by nobody. The registry decides whether a series may exist.
public struct Series: Sendable, Hashable {
  /// A NaN that no update stores: the series has no value yet, and is not exposed.
  package static let noValueBits: UInt64 = 0x7FF8_0000_6E6F_6E65

  let block: SeriesBlock
  /// Its place in the block: below `block.count`, since the block alone makes series.
  let position: Int

  public static func == (left: Series, right: Series) -> Bool {
    left.block === right.block && left.position == right.position
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(block))
    hasher.combine(position)
  }

  package var metric: Metric { block.metric }

  /// The value's bits; a stateset's is the position of its state.
  @inline(__always)
  var bits: UnsafeMutablePointer<Atomic<UInt64>> { block.values + position }

  var cell: Cell { block.cells.map { $0[position] } ?? .number }

  /// Whether it was made for a value that may be taken back, and is nothing else.
  package var isProvisional: Bool { block.isProvisional }

  var labelCount: Int { metric.labelTables.count }

  /// The label values as they are shown, in the order of the metric's labels: after renaming, folding and cleaning. Of a
  /// series that has ended they are known until its metric needs the room; from then on each is empty.
  public var labelValues: [String] {
    (0..<labelCount).map { labelValue(at: $0) }
  }

  package func labelValue(at position: Int) -> String {
    block.labelText(position, at: self.position)
  }

  /// The value of a label. Under the registry's lock; before the series has ended.
  func value(ofLabel label: Int) -> LabelValue {
    guard let value = block.labels.value(ofLabel: label, at: position) else {
      preconditionFailure("a series that has ended has no labels")
    }
    return value
  }

  /// Whether the series has ended: evicted, expired or removed. Nobody sees its updates any more, and it stays ended.
  public var isDropped: Bool { block.ended.contains(position) }

  /// Marks the series as ended; false when it already was.
  func markDropped() -> Bool {
    defer { noteChange() }
    return block.end(position)
  }

  /// Sets a gauge, or makes an info exist. NaN and infinities are values.
  package func set(_ value: Double, at time: SampleTime = .now) {
    assert(metric.descriptor.type == .gauge || metric.descriptor.type == .info)
    bits.pointee.store(value.isNaN ? Double.nan.bitPattern : value.bitPattern, ordering: .relaxed)
    touch(time)
  }

  /// Takes a gauge's value away: it is not exposed until it is set again.
  package func unset() {
    bits.pointee.store(Self.noValueBits, ordering: .relaxed)
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
    var current = bits.pointee.load(ordering: .relaxed)
    while true {
      // Neither is negative.
      let sum = min(Double(bitPattern: current) + increment, .greatestFiniteMagnitude)
      let (exchanged, original) = bits.pointee.weakCompareExchange(
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
    var current = bits.pointee.load(ordering: .relaxed)
    while true {
      let sum = (current == Self.noValueBits ? 0 : Double(bitPattern: current)) + increment
      let desired = sum.isNaN ? Double.nan.bitPattern : sum.bitPattern
      let (exchanged, original) = bits.pointee.weakCompareExchange(
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
    let before = Double(bitPattern: bits.pointee.exchange(total.bitPattern, ordering: .relaxed))
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
    bits.pointee.store(Double(position).bitPattern, ordering: .relaxed)
    touch(time)
    return true
  }

  /// Ends every update: the next exposition sees it, and the evicting labels' values are in use.
  @inline(__always)
  func touch(_ time: SampleTime) {
    noteChange()
    if let uses = block.uses { touchValues(uses, time) }
  }

  @inline(__always)
  func noteChange() { block.noteChange() }

  private func touchValues(_ uses: UnsafeMutablePointer<Unmanaged<LabelUse>>, _ time: SampleTime) {
    // A handle kept after its series ended must not keep the value alive in others.
    if isDropped { return }
    let count = metric.evictingLabels.count
    let own = uses + position * count
    // Rows of one log use one value again and again.
    if count == 1, own.pointee._withUnsafeGuaranteedRef({ metric.ledger.isLast($0, at: time) }) { return }
    let age = metric.ledger.age(at: time)
    for place in 0..<count { own[place]._withUnsafeGuaranteedRef { $0.note(age) } }
  }
}

extension Series {
  /// The value of a counter, gauge or info as it is exposed; nil: none yet.
  package var number: Double? {
    let bits = block.exposedBits(at: position)
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

import Synchronization

/// What a series shows for the time being, beside the value that it has: a last line without its end may turn out to be
/// another line. It is seen by an exposition alone, and never saved. All of this belongs to the thread that feeds series
/// from logs.
extension Series {
  /// Shows a gauge's or an info's value.
  package func show(_ value: Double, provisionallyFor feeder: Feeder) {
    show(bits: value.isNaN ? Double.nan.bitPattern : value.bitPattern, feeder)
  }

  /// Shows a stateset's state, which it has to have.
  package func show(state: String, provisionallyFor feeder: Feeder) {
    guard let position = metric.state(state) else { return }
    show(bits: Double(position).bitPattern, feeder)
  }

  /// Shows nothing for the time being.
  package func hide(provisionallyFor feeder: Feeder) { show(bits: Self.noValueBits, feeder) }

  private func show(bits: UInt64, _ feeder: Feeder) {
    provisionalFeeder = feeder
    let values = block.provisional.load() ?? block.provisional.storeIfNil(ProvisionalValues(count: block.capacity))
    values.show(bits, at: position)
    noteChange()
  }

  /// Shows its own value again.
  package func takeBack() {
    guard provisionalFeeder != nil else { return }
    provisionalFeeder = nil
    block.provisional.load()?.takeBack(at: position)
    noteChange()
  }

  /// The value that it has, whatever is shown for the time being; nil: none.
  package var ownNumber: Double? {
    let bits = bits.pointee.load(ordering: .relaxed)
    return bits == Self.noValueBits ? nil : Double(bitPattern: bits)
  }
}

/// What some series of a block show in place of their values.
final class ProvisionalValues: Sendable {
  /// A NaN that no update stores: there is nothing but the series' own value.
  private static let none: UInt64 = 0x7FF8_0000_7072_6F76

  private let count: Int
  /// As many as the block has places. Atomics all, and never moved: hence `nonisolated(unsafe)`.
  private nonisolated(unsafe) let words: UnsafeMutablePointer<Atomic<UInt64>>

  init(count: Int) {
    self.count = count
    words = .allocate(capacity: count)
    for position in 0..<count { (words + position).initialize(to: Atomic(Self.none)) }
  }

  deinit {
    words.deinitialize(count: count)
    words.deallocate()
  }

  /// nil: the series shows its own value.
  func bits(at position: Int) -> UInt64? {
    let bits = words[position].load(ordering: .relaxed)
    return bits == Self.none ? nil : bits
  }

  func show(_ bits: UInt64, at position: Int) { words[position].store(bits, ordering: .relaxed) }

  func takeBack(at position: Int) { words[position].store(Self.none, ordering: .relaxed) }
}

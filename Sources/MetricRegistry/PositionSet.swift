/// Positions in a block of series: a bit for each. As a sequence, they come in ascending order.
struct PositionSet: Sequence, IteratorProtocol {
  private var bits: UInt64

  init(_ bits: UInt64 = 0) { self.bits = bits }

  var isEmpty: Bool { bits == 0 }
  var count: Int { bits.nonzeroBitCount }

  func contains(_ position: Int) -> Bool { bits & Self.bit(position) != 0 }

  mutating func insert(_ position: Int) { bits |= Self.bit(position) }

  mutating func subtract(_ other: PositionSet) { bits &= ~other.bits }

  /// The member before which there are so many others.
  func member(at place: Int) -> Int {
    var rest = self
    for _ in 0..<place { rest.bits &= rest.bits - 1 }
    return rest.bits.trailingZeroBitCount
  }

  /// The smallest, which leaves the set.
  @inline(__always)
  mutating func next() -> Int? {
    if bits == 0 { return nil }
    let position = bits.trailingZeroBitCount
    bits &= bits - 1
    return position
  }

  /// As a word.
  static func bit(_ position: Int) -> UInt64 { 1 << UInt64(truncatingIfNeeded: position) }
}

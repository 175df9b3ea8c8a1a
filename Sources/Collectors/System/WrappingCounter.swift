/// A counter of which the kernel shows the lowest 32 bits alone, made whole: a fall by more than half of 2^32 goes on.
/// Any other fall is what it counts beginning anew, and so it is shown.
struct WrappingCounter: Sendable {
  private var last: UInt64 = 0
  /// What the lost bits make up.
  private var before: UInt64 = 0

  private static let range: UInt64 = 1 << 32

  /// The total, given what the kernel shows now.
  mutating func total(_ shown: UInt64) -> UInt64 {
    if shown < last {
      let fall = last - shown
      before = fall > Self.range / 2 && fall <= Self.range ? before &+ Self.range : 0
    }
    last = shown
    return before &+ shown
  }
}

/// Arithmetic with times in nanoseconds, which come from files and clocks: it ends at the bounds of 64 bits, and never
/// traps.
enum Nanoseconds {
  static let perSecond: Int64 = 1_000_000_000

  static func elapsed(from start: Int64, to end: Int64) -> Int64 {
    let (difference, overflow) = end.subtractingReportingOverflow(start)
    return overflow ? (start < 0 ? .max : .min) : difference
  }

  static func secondsElapsed(from start: Int64, to end: Int64) -> Double {
    seconds(elapsed(from: start, to: end))
  }

  static func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / Double(perSecond) }

  /// The same clamped; nil: it is not a number.
  static func clamped(seconds: Double) -> Int64? {
    let nanoseconds = (seconds * Double(perSecond)).rounded()
    if nanoseconds.isNaN { return nil }
    return Int64(exactly: nanoseconds) ?? (nanoseconds < 0 ? .min : .max)
  }

  /// nil: 64 bits do not hold it.
  static func adding(seconds: Double, to time: Int64) -> Int64? {
    guard let nanoseconds = Int64(exactly: (seconds * Double(perSecond)).rounded()) else { return nil }
    let (sum, overflow) = time.addingReportingOverflow(nanoseconds)
    return overflow ? nil : sum
  }
}

extension Int {
  /// The sum, or the largest there is.
  func addingClamped(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }
}

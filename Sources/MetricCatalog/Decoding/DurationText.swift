/// Durations as the catalog writes them: a whole number and one unit, `500ms 15s 5m 2h 14d`.
enum DurationText {
  /// Ten years: longer than anything is kept.
  static let longest = Duration.seconds(3650 * 86_400)

  /// nil: it is none. Far too long ones are cut to more than `longest`.
  static func parse(_ text: String) -> Duration? {
    let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
    guard !digits.isEmpty else { return nil }
    let milliseconds: Int
    switch text.dropFirst(digits.count) {
    case "ms": milliseconds = 1
    case "s": milliseconds = 1_000
    case "m": milliseconds = 60_000
    case "h": milliseconds = 3_600_000
    case "d": milliseconds = 86_400_000
    default: return nil
    }
    let count = min(Int(String(text.prefix(digits.count))) ?? Int.max, 1_000_000_000_000 / milliseconds)
    return .milliseconds(count * milliseconds)
  }

  /// The text of a duration that the catalog can hold, in the largest unit that is exact.
  static func text(_ duration: Duration) -> String {
    let milliseconds = duration / .milliseconds(1)
    for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)] as [(String, Double)]
    where milliseconds.truncatingRemainder(dividingBy: length) == 0 {
      return "\(Int(milliseconds / length))\(unit)"
    }
    return "\(Int(milliseconds))ms"
  }
}

/// Durations as the catalog writes them: a whole number and one unit, `500ms 15s 5m 2h 14d`.
package enum DurationText {
  /// Ten years: longer than anything is kept.
  static let longest = Duration.seconds(3650 * 86_400)

  private static let milliseconds = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]

  /// The units, as a regular expression has them.
  static let units = milliseconds.sorted { $0.value < $1.value }.map(\.key).joined(separator: "|")

  /// nil: it is none. Far too long ones are cut to more than `longest`.
  package static func parse(_ text: String) -> Duration? {
    let digits = text.utf8.prefix { (0x30...0x39).contains($0) }
    guard !digits.isEmpty, let milliseconds = milliseconds[String(text.dropFirst(digits.count))] else { return nil }
    let count = min(Int(String(text.prefix(digits.count))) ?? Int.max, 1_000_000_000_000 / milliseconds)
    return .milliseconds(count * milliseconds)
  }

  /// As the catalog would write it: in the largest unit that it is a whole number of.
  package static func text(_ duration: Duration) -> String {
    let count = Int(duration / .milliseconds(1))
    let unit = milliseconds.filter { count % $0.value == 0 }.max { $0.value < $1.value }
    return unit.map { "\(count / $0.value)\($0.key)" } ?? "\(count)ms"
  }
}

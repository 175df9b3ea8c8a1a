/// Durations as Go writes them, `1s`, `250ms` or `1m30s`: what `rate_limit` takes.
enum IntervalText {
  /// Longer ones make no sense between two requests, and sums stay far from overflow.
  static let longest: Duration = .seconds(24 * 3_600)

  /// In nanoseconds, the longest first where one begins like another.
  private static let units: [(name: String, nanoseconds: Double)] = [
    ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3_600e9),
  ]

  static func parse(_ text: String) -> Duration? {
    if text == "0" { return .zero }
    var rest = text[...]
    var sum = 0.0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
      rest = rest.dropFirst(digits.count)
      guard let first = digits.first, first != ".", digits.last != ".", let number = Double(digits) else { return nil }
      guard let unit = units.first(where: { rest.hasPrefix($0.name) && !continues(rest.dropFirst($0.name.count)) })
      else { return nil }
      rest = rest.dropFirst(unit.name.count)
      sum += number * unit.nanoseconds
    }
    guard sum <= 24 * 3_600e9 else { return nil }
    return .nanoseconds(Int64(sum))
  }

  private static func continues(_ rest: Substring) -> Bool {
    rest.first.map { !("0"..."9").contains($0) } ?? false
  }
}

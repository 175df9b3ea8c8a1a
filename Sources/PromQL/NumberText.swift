/// Reads numbers and durations.
///
/// <https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations>
enum NumberText {
  /// The number that a text is, such as `5`, `.5`, `5.`, `1e-3`, `0x1F` or `1_000`.
  ///
  /// As in Go, a whole number that begins with 0 is octal: `0755` is 493, and `089` is 89.
  ///
  /// - Returns: nil if it is no number, or one too large to hold.
  static func value(_ text: ArraySlice<UInt8>) -> Double? {
    guard let digits = withoutSeparators(text), let first = digits.first else { return nil }
    if first == UInt8(ascii: "0"), digits.count > 1 {
      if digits[1] | 0x20 == UInt8(ascii: "x") {
        return Int64(String(decoding: digits[2...], as: UTF8.self), radix: 16).map(Double.init)
      }
      if digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "7") }),
        let octal = Int64(String(decoding: digits, as: UTF8.self), radix: 8)
      {
        return Double(octal)
      }
    }
    guard isDecimal(digits), let value = Double(String(decoding: digits, as: UTF8.self)), value.isFinite else {
      return nil
    }
    return value
  }

  /// The text without `_`; nil if one of them is not between two digits. One may also follow `0x`.
  private static func withoutSeparators(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard text.contains(UInt8(ascii: "_")) else { return Array(text) }
    let bytes = Array(text)
    let isHexadecimal = bytes.count > 2 && bytes[0] == UInt8(ascii: "0") && bytes[1] | 0x20 == UInt8(ascii: "x")
    func isDigit(_ index: Int) -> Bool {
      index < bytes.count && (isHexadecimal ? bytes[index].hexadecimal != nil : bytes[index].isDigit)
    }
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "_") {
      guard index > 0, isDigit(index + 1), isDigit(index - 1) || (isHexadecimal && index == 2) else { return nil }
    }
    return bytes.filter { $0 != UInt8(ascii: "_") }
  }

  /// Whether it is digits with at most one point between, before or behind them, and perhaps an exponent.
  private static func isDecimal(_ bytes: [UInt8]) -> Bool {
    var at = 0
    func digits() -> Int {
      let start = at
      while at < bytes.count, bytes[at].isDigit { at += 1 }
      return at - start
    }
    var count = digits()
    if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
      at += 1
      count += digits()
    }
    guard count > 0 else { return false }
    if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
      guard digits() > 0 else { return false }
    }
    return at == bytes.count
  }

  /// The units from the longest to the shortest, with their milliseconds. A year has 365 days.
  static let units: [(name: String, milliseconds: Int64)] = [
    ("y", 31_536_000_000), ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
    ("ms", 1),
  ]

  /// The longest duration in milliseconds: Prometheus counts nanoseconds in 64 bits.
  static let millisecondsMax = Int64.max / 1_000_000

  /// The longest duration in seconds, in either direction.
  static let secondsMax = Double(Int64.max) / 1e9

  /// The seconds of a duration such as `1h30m`: units from the longest to the shortest, each at most once.
  ///
  /// - Returns: nil if it is no duration, or longer than `millisecondsMax`.
  static func seconds(_ text: ArraySlice<UInt8>) -> Double? {
    var milliseconds: Int64 = 0
    var from = 0
    for part in parts(text) ?? [] {
      guard let unit = units[from...].firstIndex(where: { $0.name.utf8.elementsEqual(part.unit) }),
        let count = Int64(String(decoding: part.digits, as: UTF8.self))
      else { return nil }
      let (product, overflows) = count.multipliedReportingOverflow(by: units[unit].milliseconds)
      guard !overflows, product <= millisecondsMax - milliseconds else { return nil }
      milliseconds += product
      from = unit + 1
    }
    return from > 0 ? Double(milliseconds) / 1000 : nil
  }

  /// The digits and units of a text; nil if it is made of anything else.
  private static func parts(_ text: ArraySlice<UInt8>) -> [(digits: ArraySlice<UInt8>, unit: ArraySlice<UInt8>)]? {
    var parts: [(ArraySlice<UInt8>, ArraySlice<UInt8>)] = []
    var rest = text
    while !rest.isEmpty {
      let digits = rest.prefix(while: \.isDigit)
      let unit = rest[digits.endIndex...].prefix(while: \.isLetter)
      guard !digits.isEmpty, !unit.isEmpty else { return nil }
      parts.append((digits, unit))
      rest = rest[unit.endIndex...]
    }
    return parts
  }

  /// The duration with its units.
  ///
  /// - Parameter seconds: a value that `seconds(_:)` gave, or its negation.
  static func text(seconds: Double) -> String {
    // The nearest one: the number of seconds may be none that a `Double` holds exactly.
    var milliseconds = Int64(abs(seconds) * 1000 + 0.5)
    var text = seconds.sign == .minus ? "-" : ""
    if milliseconds == 0 { return text + "0s" }
    for unit in units where milliseconds >= unit.milliseconds {
      text += "\(milliseconds / unit.milliseconds)\(unit.name)"
      milliseconds %= unit.milliseconds
    }
    return text
  }

  /// Says why a text is neither a number nor a duration.
  static func fault(of text: ArraySlice<UInt8>) -> String {
    let shown = shortened(text)
    if let parts = parts(text), !parts.isEmpty {
      let known = parts.map { part in units.firstIndex { $0.name.utf8.elementsEqual(part.unit) } }
      if let at = known.firstIndex(of: nil) {
        let unit = shortened(parts[at].unit)
        if at == 0, parts[0].digits.elementsEqual("0".utf8), unit.lowercased().hasPrefix("x") {
          return "`\(shown)` is no hexadecimal number that fits into 63 bits"
        }
        if at == 0, unit.lowercased() == "e" { return "the exponent of `\(shown)` has no digits" }
        return "`\(shown)` is no duration: expected the unit y, w, d, h, m, s or ms, found `\(unit)`"
      }
      let order = known.compactMap { $0 }
      if zip(order, order.dropFirst()).contains(where: { $0 >= $1 }) {
        return "`\(shown)` is no duration: units go from y, w, d, h, m, s to ms, each at most once, as in `1h30m`"
      }
      return "the duration `\(shown)` is longer than 292 years"
    }
    if text.contains(UInt8(ascii: ".")), let last = text.last, last.isLetter,
      isDecimal(Array(text.prefix { !$0.isLetter }))
    {
      return "`\(shown)` is no duration: only whole numbers have units, as in `1h30m` for one and a half hours"
    }
    if let digits = withoutSeparators(text), isDecimal(digits) { return "the number `\(shown)` is too large" }
    return "`\(shown)` is neither a number such as `0.5` nor a duration such as `5m`"
  }

  private static func shortened(_ text: ArraySlice<UInt8>) -> String {
    let most = 40
    return String(decoding: text.prefix(most), as: UTF8.self) + (text.count > most ? "…" : "")
  }
}

package import Diagnostics

/// A scalar as written: its own text, its style and its range. What it is (a number, a boolean, nothing) is decided on
/// request, by the core rules of YAML 1.2: `no` and `012` are never anything but what they look like.
package struct YAMLScalar: Sendable {
  package enum Style: Sendable {
    case plain, quoted, block
  }

  package var text: String
  package var style: Style
  /// Quotes included.
  package var range: SourceRange
  /// Where `text` begins in the file, if it stands there byte for byte: one line, no escapes.
  package var textStart: Int?

  package init(text: String, style: Style, range: SourceRange, textStart: Int? = nil) {
    self.text = text
    self.style = style
    self.range = range
    self.textStart = textStart
  }

  /// The range of a part of `text` given in UTF-8 offsets; the whole scalar where the text does not stand verbatim.
  package func range(of part: Range<Int>) -> SourceRange {
    guard let textStart else { return range }
    return SourceRange(textStart + part.lowerBound, textStart + part.upperBound)
  }

  /// Nothing is written, or `~` or `null`.
  package var isNull: Bool {
    style == .plain && ["", "~", "null", "Null", "NULL"].contains(text)
  }

  package var bool: Bool? {
    guard style == .plain else { return nil }
    switch text {
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    default: return nil
    }
  }

  /// nil also for an integer that does not fit 64 bits.
  package var int: Int? {
    guard style == .plain else { return nil }
    if text.hasPrefix("0x") { return Self.int(text.dropFirst(2), radix: 16) }
    if text.hasPrefix("0o") { return Self.int(text.dropFirst(2), radix: 8) }
    let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
    guard !digits.isEmpty, digits.utf8.allSatisfy(Self.isDigit) else { return nil }
    return Int(text)
  }

  /// Integers too.
  package var double: Double? {
    guard style == .plain else { return nil }
    switch text {
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .infinity
    case "-.inf", "-.Inf", "-.INF": return -.infinity
    case ".nan", ".NaN", ".NAN": return .nan
    default: break
    }
    if text.hasPrefix("0x") || text.hasPrefix("0o") { return int.map(Double.init) }
    guard Self.isDecimal(Array(text.utf8)) else { return nil }
    return Double(text.hasSuffix(".") ? text + "0" : text.hasPrefix(".") ? "0" + text : text) ?? Double(normalized)
  }

  /// `+.5`, `-.5`, `5.e3`: forms that YAML has and `Double` may refuse.
  private var normalized: String {
    var result = ""
    var before: Character?
    for character in text {
      if character == ".", !(before?.isNumber ?? false) { result.append("0") }
      if before == ".", !character.isNumber { result.append("0") }
      result.append(character)
      before = character
    }
    return result
  }

  private static func int(_ digits: Substring, radix: Int) -> Int? {
    guard let first = digits.first, first != "-", first != "+" else { return nil }
    return Int(digits, radix: radix)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
  private static func isDecimal(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    if let sign = rest.first, sign == 0x2B || sign == 0x2D { rest.removeFirst() }
    let whole = rest.prefix(while: isDigit).count
    rest.removeFirst(whole)
    var fraction = 0
    if rest.first == 0x2E {
      rest.removeFirst()
      fraction = rest.prefix(while: isDigit).count
      rest.removeFirst(fraction)
    }
    guard whole > 0 || fraction > 0 else { return false }
    guard let exponent = rest.first else { return true }
    guard exponent | 0x20 == 0x65 else { return false }
    rest.removeFirst()
    if let sign = rest.first, sign == 0x2B || sign == 0x2D { rest.removeFirst() }
    return !rest.isEmpty && rest.allSatisfy(isDigit)
  }
}

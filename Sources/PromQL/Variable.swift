/// A variable of Grafana's, which a dashboard replaces by its value before the query is sent: `$x`, `${x}`, `${x:csv}`,
/// `${x.field}`, `[[x]]` or `[[x:csv]]`.
///
/// A name of digits alone is none: `$1` is a group of `label_replace`.
/// <https://grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax/>
package struct Variable: Hashable, Sendable {
  /// How a variable is written.
  package enum Form: Sendable {
    /// `$x`
    case bare
    /// `${x}`
    case braces
    /// `[[x]]`, which Grafana calls deprecated
    case brackets
  }

  /// What stands behind `$`, such as `__interval`.
  package var name: String
  /// The field of `${x.field}`.
  package var field: String?
  /// The format of `${x:format}`. It may have arguments behind further colons, as in `${__from:date:seconds}`.
  package var format: String?
  /// How it is written. It does not matter for whether two variables are equal.
  package var form: Form
  package var place: Place

  package static func == (a: Variable, b: Variable) -> Bool {
    a.name == b.name && a.field == b.field && a.format == b.format
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(field)
    hasher.combine(format)
  }

  /// Whether Grafana itself gives the variable, as a number or a duration such as `15s`.
  ///
  /// <https://grafana.com/docs/grafana/latest/dashboards/variables/add-template-variables/#global-variables>
  var isNumber: Bool {
    switch name {
    case "__interval", "__rate_interval", "__range": true
    case "__interval_ms", "__rate_interval_ms", "__range_s", "__range_ms": true
    // `${__from:date}` is a date, which no number is.
    case "__from", "__to": format == nil || format == "date:seconds"
    default: false
    }
  }
}

extension Variable {
  /// Finds the variable that begins at a byte.
  ///
  /// - Returns: the variable, whose place says where it ends; nil where none begins.
  static func at(_ start: Int, in bytes: [UInt8], before end: Int) -> Variable? {
    guard start + 1 < end else { return nil }
    if bytes[start] == UInt8(ascii: "[") {
      guard bytes[start + 1] == UInt8(ascii: "[") else { return nil }
      return brackets(at: start, in: bytes, before: end)
    }
    guard bytes[start] == UInt8(ascii: "$") else { return nil }
    if bytes[start + 1] == UInt8(ascii: "{") { return braces(at: start, in: bytes, before: end) }
    let name = word(at: start + 1, in: bytes, before: end)
    return isName(bytes[name]) ? Variable(name: text(bytes[name]), form: .bare, start..<name.upperBound) : nil
  }

  private static func braces(at start: Int, in bytes: [UInt8], before end: Int) -> Variable? {
    let name = word(at: start + 2, in: bytes, before: end)
    guard isName(bytes[name]) else { return nil }
    var at = name.upperBound
    func part(behind mark: UInt8, until stops: [UInt8]) -> Range<Int>? {
      guard at < end, bytes[at] == mark else { return nil }
      var close = at + 1
      while close < end, isPlain(bytes[close]), !stops.contains(bytes[close]) { close += 1 }
      guard close > at + 1 else { return nil }
      defer { at = close }
      return at + 1..<close
    }
    let field = part(behind: UInt8(ascii: "."), until: [UInt8(ascii: ":"), UInt8(ascii: "}")])
    let format = part(behind: UInt8(ascii: ":"), until: [UInt8(ascii: "}")])
    guard at < end, bytes[at] == UInt8(ascii: "}") else { return nil }
    var variable = Variable(name: text(bytes[name]), form: .braces, start..<at + 1)
    variable.field = field.map { text(bytes[$0]) }
    variable.format = format.map { text(bytes[$0]) }
    return variable
  }

  private static func brackets(at start: Int, in bytes: [UInt8], before end: Int) -> Variable? {
    let name = word(at: start + 2, in: bytes, before: end)
    guard isName(bytes[name]) else { return nil }
    var at = name.upperBound
    var format: Range<Int>?
    if at < end, bytes[at] == UInt8(ascii: ":") {
      let found = word(at: at + 1, in: bytes, before: end)
      guard !found.isEmpty else { return nil }
      format = found
      at = found.upperBound
    }
    guard at + 1 < end, bytes[at] == UInt8(ascii: "]"), bytes[at + 1] == UInt8(ascii: "]") else { return nil }
    var variable = Variable(name: text(bytes[name]), form: .brackets, start..<at + 2)
    variable.format = format.map { text(bytes[$0]) }
    return variable
  }

  private init(name: String, form: Form, _ range: Range<Int>) {
    self.init(name: name, field: nil, format: nil, form: form, place: Place(range))
  }

  private static func word(at start: Int, in bytes: [UInt8], before end: Int) -> Range<Int> {
    var at = start
    while at < end, bytes[at].isNameByte { at += 1 }
    return min(start, at)..<at
  }

  private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
    !bytes.isEmpty && !bytes.allSatisfy(\.isDigit)
  }

  /// Whether a byte may stand in a field or a format. Quotes may not: a variable never reaches over a string's end.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"), UInt8(ascii: "\\"), UInt8(ascii: "$"),
      UInt8(ascii: "{"):
      false
    default: byte >= 0x20 && byte < 0x7f
    }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}

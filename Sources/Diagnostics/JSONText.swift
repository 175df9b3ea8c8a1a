/// A JSON value, and its text. Objects keep the order of their members, so that the same value always gives the same
/// text. It is for writing only.
///
/// Literals make values; a member whose value is `nil` is left out, and `.null` is written:
///
/// ```
/// let text = (["name": .string(name), "help": help.map(JSON.string), "lines": [1, 2]] as JSON).text
/// ```
package enum JSON: Sendable, Equatable {
  case null
  case boolean(Bool)
  case integer(Int)
  /// JSON knows no infinity and no NaN: they become `null`.
  case number(Double)
  case string(String)
  case array([JSON])
  case object([Member])

  package struct Member: Sendable, Equatable {
    package var name: String
    package var value: JSON

    package init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  /// Members and elements on lines of their own, with an indent of two spaces; a list of scalars stays on one line. The
  /// text ends in a newline.
  package var text: String {
    var text = ""
    write(to: &text, indent: 0)
    return text + "\n"
  }

  /// Everything on one line, without a newline at its end.
  package var line: String {
    var text = ""
    write(to: &text, indent: nil)
    return text
  }

  private func write(to text: inout String, indent: Int?) {
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += Self.text(of: value)
    case .string(let value): Self.write(value, to: &text)
    case .array(let elements):
      let isShort = elements.allSatisfy { $0.isScalar }
      Self.write(elements, in: ("[", "]"), to: &text, isShort ? nil : indent) { $0.write(to: &$1, indent: $2) }
    case .object(let members):
      Self.write(members, in: ("{", "}"), to: &text, indent) { member, text, indent in
        Self.write(member.name, to: &text)
        text += ": "
        member.value.write(to: &text, indent: indent)
      }
    }
  }

  private var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  private static func write<Item>(
    _ items: [Item],
    in brackets: (open: String, close: String),
    to text: inout String,
    _ indent: Int?,
    item: (Item, inout String, Int?) -> Void
  ) {
    func newLine(_ indent: Int?) -> String { indent.map { "\n" + String(repeating: " ", count: $0) } ?? "" }
    let inner = items.isEmpty ? nil : indent.map { $0 + 2 }
    text += brackets.open
    for (index, each) in items.enumerated() {
      if index > 0 { text += inner == nil ? ", " : "," }
      text += newLine(inner)
      item(each, &text, inner)
    }
    text += newLine(inner == nil ? nil : indent) + brackets.close
  }

  /// Whole numbers have no decimals.
  private static func text(of value: Double) -> String {
    guard value.isFinite else { return "null" }
    return Int64(exactly: value).map { String($0) } ?? value.description
  }

  /// What a terminal would take as a command is escaped too, as JSON allows it for every character.
  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where PrintableText.isUnprintable(scalar):
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(booleanLiteral value: Bool) { self = .boolean(value) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }

  /// Members in the order of the literal, without those that are `nil`.
  package init(dictionaryLiteral elements: (String, JSON?)...) {
    self = .object(elements.compactMap { name, value in value.map { Member(name, $0) } })
  }
}

internal import Diagnostics

/// The content of a file that is made: a tree of objects and lists, whose texts may have open places. It is written as JSON,
/// YAML or jsonnet. Members keep their order.
indirect enum Document: Sendable {
  case text(OpenText)
  case integer(Int)
  case number(Double)
  case flag(Bool)
  case list([Document])
  case object([(key: String, value: Document)])

  /// As JSON, without open places.
  var json: JSON {
    switch self {
    case .text(let text): .string(text.plain)
    case .integer(let number): .integer(number)
    case .number(let number): .number(number)
    case .flag(let flag): .boolean(flag)
    case .list(let elements): .array(elements.map(\.json))
    case .object(let members): .object(members.map { .init($0.key, $0.value.json) })
    }
  }

  /// The texts in it, in order.
  var texts: [OpenText] {
    switch self {
    case .text(let text): [text]
    case .integer, .number, .flag: []
    case .list(let elements): elements.flatMap(\.texts)
    case .object(let members): members.flatMap { $0.value.texts }
    }
  }

  /// An object whose members are those that are there.
  static func members(_ members: KeyValuePairs<String, Document?>) -> Document {
    .object(members.compactMap { key, value in value.map { (key, $0) } })
  }

  static func text(_ text: String) -> Document { .text(OpenText(text)) }
}

extension Document: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  init(stringLiteral text: String) { self = .text(OpenText(text)) }
  init(integerLiteral number: Int) { self = .integer(number) }
  init(floatLiteral number: Double) { self = .number(number) }
  init(booleanLiteral flag: Bool) { self = .flag(flag) }
  init(arrayLiteral elements: Document...) { self = .list(elements) }
  init(dictionaryLiteral members: (String, Document)...) { self = .object(members.map { (key: $0.0, value: $0.1) }) }
}

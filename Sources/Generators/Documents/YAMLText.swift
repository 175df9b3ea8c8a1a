internal import Diagnostics

/// Writes documents as YAML, with an indent of two spaces.
///
/// Every text is in double quotes but for keys, names and the like, so that no version of YAML takes it for something else.
enum YAMLText {
  /// The text, which ends in a newline.
  static func text(_ document: Document) -> String { lines(document.json).map { $0 + "\n" }.joined() }

  private static func lines(_ value: JSON) -> [String] {
    switch value {
    case .object(let members) where !members.isEmpty:
      members.flatMap { member in
        let key = scalar(.string(member.name)) + ":"
        return switch member.value {
        case .string(let content) where canBeBlock(content):
          ["\(key) |-"] + indented(content.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        case let inner where isBlock(inner): [key] + indented(lines(inner))
        default: ["\(key) \(scalar(member.value))"]
        }
      }
    case .array(let elements) where !elements.isEmpty:
      elements.flatMap { element in
        let inner = lines(element)
        return ["- \(inner[0])"] + indented(inner.dropFirst())
      }
    default: [scalar(value)]
    }
  }

  private static func indented(_ lines: some Sequence<String>) -> [String] { lines.map { $0.isEmpty ? "" : "  " + $0 } }

  private static func isBlock(_ value: JSON) -> Bool {
    switch value {
    case .object(let members): !members.isEmpty
    case .array(let elements): !elements.isEmpty
    default: false
    }
  }

  /// Whether a text has several lines that may stand as they are: neither its first line nor its last one is empty or
  /// begins with a blank, and nothing needs an escape.
  private static func canBeBlock(_ text: String) -> Bool {
    guard text.contains("\n"), let first = text.first, first != " ", !first.isNewline, !text.hasSuffix("\n") else {
      return false
    }
    return text.unicodeScalars.allSatisfy { $0 == "\n" || !PrintableText.isUnprintable($0) }
  }

  private static func scalar(_ value: JSON) -> String {
    guard case .string(let text) = value, isPlain(text) else { return value.line }
    return text
  }

  /// What YAML, or an older version of it, takes for something else than a text.
  private static let words: Set = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, first &- 97 <= 25 || first &- 65 <= 25 || first == 95 else { return false }
    return text.utf8.allSatisfy { $0 &- 97 <= 25 || $0 &- 65 <= 25 || $0 &- 48 <= 9 || [95, 45, 46, 47].contains($0) }
      && !words.contains(text.lowercased())
  }
}

internal import Diagnostics

/// Writes documents in braces and brackets: what fits into a line with its indent stays on one.
struct DocumentLayout {
  /// JSON without open places.
  static let json = DocumentLayout(
    key: { JSON.string($0).line },
    text: { JSON.string($0.plain).line },
    padding: "",
    isEndedByComma: false
  )

  /// How keys and texts are written.
  var key: @Sendable (String) -> String
  var text: @Sendable (OpenText) -> String
  /// What stands within the braces of an object on one line.
  var padding: String
  /// Whether a comma stands behind the last of several lines, too.
  var isEndedByComma: Bool

  /// In characters.
  private static let width = 120

  /// The text, which ends in a newline.
  func text(_ document: Document) -> String {
    var text = ""
    write(document, to: &text, indent: 0)
    return text + "\n"
  }

  func write(_ document: Document, to text: inout String, indent: Int) {
    let line = line(document)
    let items: [(name: String?, value: Document)]
    let brackets: (open: String, close: String)
    switch document {
    case .list(let elements) where indent + line.count > Self.width:
      items = elements.map { (nil, $0) }
      brackets = ("[", "]")
    case .object(let members) where indent + line.count > Self.width:
      items = members.map { ($0.key, $0.value) }
      brackets = ("{", "}")
    default:
      text += line
      return
    }
    let margin = "\n" + String(repeating: " ", count: indent)
    text += brackets.open
    for (place, item) in items.enumerated() {
      text += (place == 0 ? "" : ",") + margin + "  " + (item.name.map { key($0) + ": " } ?? "")
      write(item.value, to: &text, indent: indent + 2)
    }
    text += (isEndedByComma ? "," : "") + margin + brackets.close
  }

  private func line(_ document: Document) -> String {
    switch document {
    case .text(let open): text(open)
    case .integer, .number, .flag: document.json.line
    case .list(let elements): "[" + elements.map(line).joined(separator: ", ") + "]"
    case .object(let members):
      members.isEmpty
        ? "{}"
        : "{\(padding)" + members.map { "\(key($0.key)): \(line($0.value))" }.joined(separator: ", ") + "\(padding)}"
    }
  }
}

internal import Diagnostics

/// Texts as Markdown writes them, on one line.
enum MarkdownText {
  /// As it is, whatever Markdown makes of its characters.
  static func plain(_ text: String) -> String {
    var result = ""
    for character in line(text) {
      if #"\`*_[]<>|#&"#.contains(character) { result.append("\\") }
      result.append(character)
    }
    return result
  }

  /// As code, also within a table.
  static func code(_ text: String) -> String {
    let text = line(text).replacing("|", with: "\\|")
    guard text.contains("`") else { return "`\(text)`" }
    // A fence is longer than what is within, and a blank parts the two.
    let longest = text.split { $0 != "`" }.map(\.count).max() ?? 0
    let fence = String(repeating: "`", count: longest + 1)
    return "\(fence) \(text) \(fence)"
  }

  static func row(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }

  static func table(_ head: [String], _ rows: [[String]]) -> String {
    row(head) + row(head.map { _ in "---" }) + rows.map(row).joined()
  }

  private static func line(_ text: String) -> String {
    PrintableText.escape(text.replacing("\n", with: " ").replacing("\t", with: " "))
  }
}

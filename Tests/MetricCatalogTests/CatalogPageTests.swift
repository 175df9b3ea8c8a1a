import Foundation
import LogFormats
import Testing

/// The tables of `docs/catalog.md` say what is declared in the sources.
@Suite struct CatalogPageTests {
  /// `UPDATE_GOLDEN=1` writes the tables anew, and fails the run.
  @Test func theTablesAreThoseOfTheSources() throws {
    let file = repository.appending(path: "docs/catalog.md")
    var page = try String(contentsOf: file, encoding: .utf8)
    let (begin, end) = ("<!-- formats -->\n", "<!-- /formats -->")
    let start = try #require(page.range(of: begin)?.upperBound)
    let stop = try #require(page.range(of: end)?.lowerBound)
    page.replaceSubrange(start..<stop, with: Self.formats)
    try expectGolden(page, at: file)
  }

  private static var formats: String {
    var text = "| format | a log is | what is read |\n| --- | --- | --- |\n"
    for format in LogFormats.all {
      let mark = format.isRead ? "" : " †"
      text += "| `\(format.name)`\(mark) | \(content(format.content)) | \(format.help) |\n"
    }
    text += "\nSome formats have keys of their own:\n\n| format | key | value |\n| --- | --- | --- |\n"
    for format in LogFormats.all {
      for (index, key) in format.keys.enumerated() {
        text += "|\(index == 0 ? " `\(format.name)`" : "") | `\(key.name)` | \(key.help) |\n"
      }
    }
    return text
  }

  private static func content(_ content: FormatDescriptor.Content) -> String {
    switch content {
    case .lines: "lines"
    case .document(let document): "one document, at most \(document.bytesMax >> 20) MiB"
    case .frames: "binary frames"
    }
  }
}

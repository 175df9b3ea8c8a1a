import Foundation
import LogFormats
import Testing

@testable import MetricCatalog

/// The tables of `docs/catalog.md` say what is declared in the sources.
@Suite struct CatalogPageTests {
  /// `UPDATE_GOLDEN=1` writes the tables anew, and fails the run.
  @Test func theTablesAreThoseOfTheSources() throws {
    let file = repository.appending(path: "docs/catalog.md")
    var page = try String(contentsOf: file, encoding: .utf8)
    let tables = [
      "label keys": Self.keys(LabelDeclaration.keys), "metric keys": Self.keys(MetricDeclaration.keys, hasTypes: true),
      "watcher keys": Self.keys(WatcherDeclaration.keys(LogFormats.all)), "formats": Self.formats,
      "catalog keys": Self.keys(CatalogDeclaration.keys(offered: [], formats: [])),
      "limit keys": Self.keys(CatalogDeclaration.Limits.keys), "state keys": Self.keys(CatalogDeclaration.State.keys),
      "target keys": Self.keys(TargetDeclaration.Long.keys), "run keys": Self.keys(RunDeclaration.keys),
      "collector keys": Self.keys(CollectorDeclaration.keys),
    ]
    for (name, table) in tables {
      let start = try #require(page.range(of: "<!-- \(name) -->\n")?.upperBound)
      let stop = try #require(page.range(of: "<!-- /\(name) -->")?.lowerBound)
      page.replaceSubrange(start..<stop, with: table)
    }
    try expectGolden(page, at: file)
  }

  @Test func whatAFormatIsCalledIsItsOwn() {
    let names = LogFormats.all.map(\.name)
    #expect(Set(names).count == names.count)
    let common = Set(WatcherDeclaration.keys(LogFormats.all).map(\.name))
    for format in LogFormats.all {
      let keys = format.keys.map(\.name)
      #expect(Set(keys).count == keys.count && common.isDisjoint(with: keys), "\(format.name)")
      #expect(Set(keys).isSuperset(of: (format.choice?.keys ?? []) + format.keys.compactMap(\.needs)), "\(format.name)")
    }
  }

  private static func keys<D, R>(_ keys: [KeyDeclaration<D, R>], hasTypes: Bool = false) -> String {
    var text = hasTypes ? "| key | for | value |\n| --- | --- | --- |\n" : "| key | value |\n| --- | --- |\n"
    for key in keys {
      let types = key.types.map(\.rawValue).joined(separator: ", ")
      text += "| `\(key.name)` |\(hasTypes ? types.isEmpty ? " |" : " \(types) |" : "") \(key.help) |\n"
    }
    return text
  }

  private static var formats: String {
    var text = "| format | a log is | what is read |\n| --- | --- | --- |\n"
    for format in LogFormats.all {
      text += "| `\(format.name)` | \(content(format.content)) | \(format.help) |\n"
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
    case .events: "lines of totals"
    case .frames: "binary frames"
    }
  }
}

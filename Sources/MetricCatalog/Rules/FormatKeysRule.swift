internal import Diagnostics

/// Keys that only some formats have, and what their values look like.
enum FormatKeysRule: Rule {
  private static let key = RuleID("watcher/format-key", "a key of another format, such as `separator` under `jsonl`")
  private static let value = RuleID(
    "watcher/format-value",
    "a separator that is no single character, columns that repeat, …"
  )
  static let ids = [key, value]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      checkKeys(watcher, report)
      checkSeparator(watcher, report)
      checkColumns(watcher, report)
      for text in [watcher.comment, watcher.records, watcher.between] {
        guard let text = text.value, text.value.isEmpty else { continue }
        report.add(value, "this text cannot be empty", at: text.range)
      }
      if let records = watcher.records.value, !records.value.isEmpty,
        records.value.split(separator: ".", omittingEmptySubsequences: false).contains(where: \.isEmpty)
      {
        report.add(value, "a dotted path has a name between its dots, such as `log_history`", at: records.range)
      }
    }
  }

  private static func checkKeys(_ watcher: WatcherDeclaration, _ report: Report) {
    guard let format = watcher.format.value else { return }
    let keys: [(name: String, range: SourceRange?, owner: FormatName)] = [
      ("separator", watcher.separator.name, .csv), ("columns", watcher.columns.name, .csv),
      ("comment", watcher.comment.name, .csv), ("records", watcher.records.name, .json),
      ("lines", watcher.lines.name, .text), ("pairs", watcher.pairs.name, .text),
      ("between", watcher.between.name, .text),
    ]
    for (name, range, owner) in keys where owner != format {
      guard let range else { continue }
      let message = "`\(name)` belongs to the format `\(owner.rawValue)`, and this is `\(format.rawValue)`"
      report.add(key, message, at: range, help: "remove it, or change `format`")
    }
  }

  private static func checkSeparator(_ watcher: WatcherDeclaration, _ report: Report) {
    guard let separator = watcher.separator.value else { return }
    let bytes = Array(separator.value.utf8)
    guard bytes.count == 1, bytes[0] < 0x80, !"\"\r\n".utf8.contains(bytes[0]) else {
      let help = "write one ASCII character in quotes: \",\" \";\" \"|\" \"\\t\""
      return report.add(value, "a separator is one character", at: separator.range, help: help)
    }
    if bytes[0] >= 0x30 && bytes[0] <= 0x39 || "+-.".utf8.contains(bytes[0]) {
      report.add(value, "`\(separator.value)` is part of numbers, so it cannot separate them", at: separator.range)
    }
  }

  private static func checkColumns(_ watcher: WatcherDeclaration, _ report: Report) {
    guard let columns = watcher.columns.value else { return }
    if columns.isEmpty { report.add(value, "the list of columns is empty", at: watcher.columns.range) }
    var first: [String: SourceRange] = [:]
    for column in columns {
      if column.value.isEmpty {
        report.add(value, "a column needs a name", at: column.range)
      } else if let range = first[column.value] {
        let related = [Diagnostic.Related(range: range, note: "it is here")]
        report.add(value, "the column `\(column.value)` is here twice", at: column.range, related: related)
      } else {
        first[column.value] = column.range
      }
    }
  }

  static let examples = RuleExamples(
    triggering: [
      "watchers: { w: { files: f, format: jsonl, ↓separator: ';' } }",
      "watchers: { w: { files: f, format: csv, ↓lines: [x] } }",
      "watchers: { w: { files: f, format: csv, ↓records: a } }",
      "watchers: { w: { files: f, format: csv, separator: ↓';;' } }",
      "watchers: { w: { files: f, format: csv, separator: ↓'1' } }",
      "watchers: { w: { files: f, format: csv, columns: [a, ↓a] } }",
      "watchers: { w: { files: f, format: csv, comment: ↓'' } }",
      "watchers: { w: { files: f, format: json, records: ↓a..b } }",
    ],
    passing: [
      "watchers: { w: { files: f, format: csv, separator: \"\\t\", columns: [a, b], comment: '#' } }",
      "watchers: { w: { files: f, format: json, records: a.b } }",
    ]
  )
}

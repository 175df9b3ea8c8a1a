internal import Diagnostics

/// Columns that are parted by blanks are mostly parted by more than one.
enum SeparatorRule: Rule {
  static let ids = [separator]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      for own in watcher.ownKeys where own.name == "separator" {
        guard case .text(let text)? = own.key.value, text.value == " " else { continue }
        report.add(
          separator,
          "this parts columns at each single blank: two blanks in a row have an empty column between them",
          at: text.range,
          help: "write `blanks` for columns parted by runs of blanks and TABs",
          waivedBy: [watcher.allow]
        )
      }
    }
  }
}

extension SeparatorRule {
  private static let separator = RuleID(
    "watcher/single-blank",
    .warning,
    "`separator` is a single blank",
    why: """
      Programs that print a table fill its columns up with blanks. With a single blank as separator each of them begins a \
      further column, and rows with more columns than the header are malformed.
      """,
    remedy: """
      Write `separator: blanks`, which takes a run of blanks and TABs as one separator. If the log really has exactly one \
      blank between two cells, write `allow: [watcher/single-blank]` at the watcher.
      """,
    triggers: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: lcurve.out, format: csv, separator: " ", fields: { loss: loss } }
      """,
    passes: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: lcurve.out, format: csv, separator: blanks, fields: { loss: loss } }
      """
  )
}

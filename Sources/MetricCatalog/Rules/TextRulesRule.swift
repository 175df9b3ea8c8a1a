internal import Diagnostics
internal import PatternSyntax

/// The format `text` has either line patterns or pairs.
enum TextRulesRule: Rule {
  private static let rules = RuleID(
    "watcher/text-rules",
    "the format `text` without `lines` or `pairs`, with both, or with bad `pairs`"
  )
  static let ids = [rules]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers where watcher.format.value == .text {
      if watcher.lines.isGiven, watcher.pairs.isGiven {
        report.add(rules, "`lines` and `pairs` exclude each other", at: watcher.pairs.name, help: "keep one of them")
      } else if !watcher.lines.isGiven, !watcher.pairs.isGiven {
        report.add(
          rules,
          "the format `text` needs `lines` or `pairs`",
          at: watcher.format.range,
          help: "such as `lines: [\"epoch {epoch} loss {loss}\"]`"
        )
      } else if watcher.between.isGiven, !watcher.pairs.isGiven {
        report.add(rules, "`between` belongs to `pairs`", at: watcher.between.name, help: "remove it")
      }
      if let pairs = watcher.pairs.value, let pattern = pairs.pattern, !pattern.parts.isEmpty,
        PairPattern(pattern, between: " ") == nil
      {
        report.add(
          rules,
          "`pairs` has to capture `{key}` and `{value}`, and nothing else",
          at: pairs.text.range,
          help: "such as \"{key}:{value}\""
        )
      }
    }
  }

  static let examples = RuleExamples(
    triggering: [
      "watchers: { w: { files: f, format: ↓text } }",
      "watchers: { w: { files: f, format: text, lines: [x], ↓pairs: '{key}={value}' } }",
      "watchers: { w: { files: f, format: text, pairs: ↓'{name}={value}' } }",
      "watchers: { w: { files: f, format: text, pairs: ↓'{_} {key}={value}' } }",
      "watchers: { w: { files: f, format: text, lines: [x], ↓between: ',' } }",
    ],
    passing: [
      "watchers: { w: { files: f, format: text, pairs: '{key}={value}', between: ', ' } }",
      "watchers: { w: { files: f, format: text, lines: ['loss {loss}', { line: done, set: { state: finished } }] } }",
    ]
  )
}

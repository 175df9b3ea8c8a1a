/// How the texts of values are read as numbers: by the pattern of a target, and by the marks of a watcher.
enum NumberTextChange: ChangeRule {
  private static let pattern = RuleID(
    "diff/pattern",
    .breaking,
    "a metric gets another part of its field's text",
    why: """
      `pattern` says which part of a text is the number. With another one the same log gives other numbers under the same \
      name, or none.
      """,
    remedy: "Give what is read from the other part a metric of its own. If the log has changed, accept the change.",
    triggers: """
      metrics:
        step: { type: gauge, help: Step }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { steps: { metric: step, pattern: "{value}/{_}" } } }
      ---
      metrics:
        step: { type: gauge, help: Step }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { steps: { metric: step, pattern: "{_}/{value}" } } }
      """,
    passes: """
      metrics:
        step: { type: gauge, help: Step }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { steps: { metric: step, pattern: "{value}/{_}" } } }
      ---
      metrics:
        step: { type: gauge, help: Step }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { steps: { pattern: '{value}/{_}', metric: step } } }
      """
  )
  private static let marks = RuleID(
    "diff/number-marks",
    .breaking,
    "a watcher reads the marks in its logs' numbers otherwise",
    why: "`1,234` is 1.234 with `decimal: \",\"`, and 1234 with `thousands: \",\"`.",
    remedy: "Keep the marks that the log has. If they were wrong before, accept the change.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, separator: ";", decimal: ",", fields: { loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, separator: ";", fields: { loss: loss } }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, separator: ";", decimal: ",", fields: { loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, separator: ";", decimal: ',', fields: { loss: loss } }
      """
  )
  static let ids = [pattern, marks]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.metricsFedOtherwise {
      for case (let old?, let new?) in pair.changedFeeds.map({ ($0.old, $0.new) }) {
        guard let before = old.target, let after = new.target, before.pattern?.parts != after.pattern?.parts else {
          continue
        }
        let range = new.declared?.pattern.range ?? comparison.new.place(of: new)
        let was = old.declared?.pattern.range ?? comparison.old.place(of: old)
        let help = "give what is read from the other part a metric of its own, unless the log has changed"
        report.add(pattern, at: range, was: was, help: help, of: [pair.new.name]) {
          "\($0) gets \(after.pattern == nil ? "the whole" : "another part of the") text of its field now"
        }
      }
    }
    for pair in comparison.watchers {
      let (before, after) = (pair.old.watcher, pair.new.watcher)
      let help = "keep the marks that the log has"
      if before.decimal != after.decimal {
        report.add(marks, at: pair.place(\.decimal), was: pair.was(\.decimal), help: help) { _ in
          "watcher `\(after.name)` has another `decimal`"
        }
      }
      if before.thousands != after.thousands {
        report.add(marks, at: pair.place(\.thousands), was: pair.was(\.thousands), help: help) { _ in
          "watcher `\(after.name)` has another `thousands`"
        }
      }
    }
  }
}

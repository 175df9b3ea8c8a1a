/// A metric that goes on under another name.
enum RenamedMetricChange: ChangeRule {
  private static let renamed = RuleID(
    "diff/metric-renamed",
    .breaking,
    "what fed one metric feeds one of another name now",
    why: """
      Queries of the old name give nothing from now on, and the new name has no history. An alert that finds nothing does \
      not fire, so nobody is told.
      """,
    remedy: """
      Keep the old metric beside the new one, feed both from the same field, and mark the old one with `deprecated: \
      { since: …, use: … }`. Remove it once nobody queries it.
      """,
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { loss: loss } }
      ---
      metrics:
        training_loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { loss: training_loss } }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss, deprecated: { since: "1.4", use: training_loss } }
        training_loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { loss: [loss, training_loss] } }
      """
  )
  static let ids = [renamed]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.changedMetrics where pair.old.name != pair.new.name {
      let (before, after) = (pair.old.name, pair.new.name)
      report.add(
        renamed,
        at: pair.new.declaration.name.range,
        was: pair.old.declaration.name.range,
        "its name was `\(before)`",
        help: "keep `\(before)` beside it with `deprecated: { since: …, use: \(after) }` until nobody queries it"
      ) { _ in "metric `\(before)` is now called `\(after)`" }
    }
  }
}

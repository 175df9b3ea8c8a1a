internal import Diagnostics

/// A metric that is, or is no longer, deprecated.
enum DeprecationChange: ChangeRule {
  private static let deprecated = RuleID(
    "diff/deprecated",
    .note,
    "a metric is deprecated now, or no longer",
    why: "Once this version is in use, the removal of the metric is only a note.",
    remedy: "Tell those who query the metric which one to use instead.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss }
        training_loss: { type: gauge, help: Training loss }
      ---
      metrics:
        loss: { type: gauge, help: Loss, deprecated: { since: "1.4", use: training_loss } }
        training_loss: { type: gauge, help: Training loss }
      """
  )
  static let ids = [deprecated]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.changedMetrics {
      let (before, after) = (pair.old.declaration.deprecated, pair.new.declaration.deprecated)
      guard before.isGiven != after.isGiven else { continue }
      let name = pair.new.name
      let use = after.value?.use.map { "change queries to `\($0.value)`" } ?? "change queries to another metric"
      report.add(
        deprecated,
        at: after.name ?? pair.new.declaration.name.range,
        was: before.name ?? pair.old.declaration.name.range,
        help: after.isGiven ? use : "queries may go on"
      ) { _ in "metric `\(name)` is \(after.isGiven ? "deprecated now" : "no longer deprecated")" }
    }
  }
}

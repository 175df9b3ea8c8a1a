internal import Diagnostics

/// A metric that is no longer declared, and that no other metric goes on for.
enum RemovedMetricChange: ChangeRule {
  private static let removed = RuleID(
    "diff/metric-removed",
    .breaking,
    "a metric is no longer declared",
    why: """
      Every query, dashboard and alert that names the metric gives nothing from now on. An alert that finds nothing does \
      not fire, so nobody is told.
      """,
    remedy: """
      Keep the metric, and mark it with `deprecated: { since: …, use: … }`. Once nobody queries it, remove it: the \
      removal of a metric that the version before called deprecated is only a note.
      """,
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss }
        accuracy_ratio: { type: gauge, help: Accuracy }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Loss }
        accuracy_ratio: { type: gauge, help: Accuracy }
      ---
      metrics:
        accuracy_ratio: { type: gauge, help: Accuracy }
        loss: { type: gauge, help: Loss }
      """
  )
  private static let deprecated = RuleID(
    "diff/deprecated-metric-removed",
    .note,
    "a metric is gone that the version before called deprecated",
    why: "Whoever queries the metric has been told to use another one. Those who did not get nothing from now on.",
    remedy: "Make sure that no dashboard and no alert still names the metric.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss, deprecated: { since: "1.4", use: training_loss } }
        training_loss: { type: gauge, help: Training loss }
      ---
      metrics:
        training_loss: { type: gauge, help: Training loss }
      """
  )
  static let ids = [removed, deprecated]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    guard !comparison.removedMetrics.isEmpty else { return }
    let before = comparison.old.declaration.metrics
    let gaps = Gaps(
      old: before.map(\.name.value),
      new: comparison.new.declaration.metrics.map(\.name),
      last: { MetricDeclaration.keys.last(in: comparison.new.declaration.metrics[$0]) },
      owner: comparison.new.start
    )
    for metric in comparison.removedMetrics.map({ before[$0] }) {
      let name = metric.name.value
      let isTold = metric.deprecated.isGiven
      let use = metric.deprecated.value?.use.map { ": `\($0.value)` is to be used instead" } ?? ""
      report.add(
        isTold ? deprecated : removed,
        at: gaps[name] ?? comparison.new.start,
        was: metric.name.range,
        "it was declared here",
        help: isTold
          ? "make sure that nobody queries it any more\(use)"
          : "keep it with `deprecated: { since: …, use: … }` until nobody queries it"
      ) { _ in isTold ? "the deprecated metric `\(name)` is gone" : "metric `\(name)` is no longer declared" }
    }
  }
}

internal import Diagnostics

/// A metric that is new.
enum AddedMetricChange: ChangeRule {
  private static let added = RuleID(
    "diff/metric-added",
    .note,
    "a metric is new",
    why: "It breaks nobody. Its series count against the limits of the exporter and of Prometheus.",
    remedy: "Nothing has to be done. `training-exporter validate --budget` says how many series it may have.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
        accuracy_ratio: { type: gauge, help: Accuracy }
      """
  )
  static let ids = [added]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for index in comparison.addedMetrics {
      let name = comparison.new.declaration.metrics[index].name
      report.add(added, at: name.range, was: nil, help: "its series count against `limits`") { _ in
        "metric `\(name.value)` is new"
      }
    }
  }
}

internal import Diagnostics

/// Targets name metrics that `metrics:` declares.
enum UndeclaredMetricRule: Rule {
  static let ids = [undeclared]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    guard catalog.knowsMetrics else { return }
    for use in catalog.targetUses {
      let metric = use.target.metric
      guard catalog.metric(metric.value) == nil else { continue }
      report.add(
        undeclared,
        "metric `\(metric.value)` is not declared",
        at: metric.range,
        help: turnedRound(use, catalog)
          ?? report.suggestion(for: metric.value, among: catalog.metricPlaces.keys.sorted())
          ?? "declare it under `metrics:`"
      )
    }
  }

  /// For a metric on the left and what feeds it on the right.
  private static func turnedRound(_ use: TargetUse, _ catalog: CatalogDeclaration) -> String? {
    guard let left = use.parent.name, catalog.metric(left) != nil else { return nil }
    return "turn it round: what is read stands on the left, and the metric that it feeds on the right"
  }
}

extension UndeclaredMetricRule {
  private static let undeclared = RuleID(
    "metric/undeclared",
    .error,
    "a target names a metric that `metrics:` does not declare",
    why: """
      A target whose metric does not exist feeds nothing. It is mostly a typing error, and the metric that was meant \
      would stay empty.
      """,
    remedy: """
      Correct the name, or declare the metric under `metrics:`. In `fields` the field stands on the left, and the \
      metric that it feeds on the right.
      """,
    triggers: """
      metrics: { training_loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: log.csv, format: csv, fields: { loss: trainig_loss } }
      """,
    passes: """
      metrics: { training_loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: log.csv, format: csv, fields: { loss: training_loss } }
      """
  )
}

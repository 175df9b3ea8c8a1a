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
        help: help(use, catalog, report.suggestion(for: metric.value, among: catalog.metricPlaces.keys.sorted()))
      )
    }
  }

  private static func help(_ use: TargetUse, _ catalog: CatalogDeclaration, _ suggestion: String?) -> String {
    // A metric on the left, and perhaps what feeds it on the right; a field may also have the metric's name.
    guard let left = use.parent.name, catalog.metric(left) != nil else {
      return suggestion ?? "declare it under `metrics:`"
    }
    let order = "what is read stands on the left, and the metric that it feeds on the right"
    let isName = NameSyntax.isMetricName(use.target.metric.value)
    return isName ? (suggestion.map { "\($0) " } ?? "") + order : "turn it round: " + order
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

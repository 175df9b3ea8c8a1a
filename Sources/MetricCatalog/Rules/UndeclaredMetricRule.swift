internal import Diagnostics

/// Targets name metrics that `metrics:` declares.
enum UndeclaredMetricRule: Rule {
  private static let undeclared = RuleID(
    "metric/undeclared",
    "a target names a metric that `metrics:` does not declare"
  )
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
        help: report.suggestion(for: metric.value, among: catalog.metricPlaces.keys.sorted())
          ?? "declare it under `metrics:`"
      )
    }
  }
}

internal import MetricCatalog
internal import PromQL

/// Queries do not use what the catalog calls deprecated.
enum DeprecatedMetricCheck: QueryCheck {
  static let ids = [deprecated]

  static func check(_ query: CheckedQuery, _ report: QueryReport) {
    for (_, series, place) in query.selected {
      guard let why = series.deprecated else { continue }
      report.add(deprecated, "`\(series.metric)` is deprecated", at: place.range, of: query.found, help: why)
    }
  }
}

extension DeprecatedMetricCheck {
  private static let deprecated = RuleID(
    "query/deprecated-metric",
    .warning,
    "a query uses a metric that is deprecated",
    why: """
      Whoever keeps the catalog wants to take the metric out of it. The panel is empty and the alert silent from then on.
      """,
    remedy: "Use what `deprecated` in the catalog names instead.",
    catalog: """
      metrics:
        loss: { type: gauge, help: Loss of the last step }
        loss_value: { type: gauge, help: Loss of the last step, deprecated: Use loss. }
      """,
    triggers: """
      groups:
        - name: training
          rules: [{ alert: LossHigh, expr: loss_value > 100 }]
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: LossHigh, expr: loss > 100 }]
      """
  )
}

internal import MetricCatalog
internal import PromQL

/// Queries that need a feature of Prometheus's which is off unless a flag turns it on.
enum FeatureCheck: QueryCheck {
  static let ids = [feature]

  static func check(_ query: CheckedQuery, _ report: QueryReport) {
    for use in query.features {
      report.add(
        feature,
        "`\(use.name)` needs a feature of Prometheus",
        at: use.place.range,
        of: query.found,
        help: "start it with `\(use.feature.flag)`"
      )
    }
  }
}

extension FeatureCheck {
  private static let feature = RuleID(
    "query/feature",
    .note,
    "a query needs a feature that has to be turned on",
    why: """
      Prometheus refuses experimental functions and modifiers unless it is started with a flag, and may change them with \
      any version.
      """,
    remedy: "Start Prometheus with the flag, or do without the function.",
    catalog: """
      labels:
        run: { max_values: 50 }
      metrics:
        loss: { type: gauge, help: Loss of the last step, labels: [run] }
      """,
    triggers: """
      groups:
        - name: training
          rules: [{ alert: LossHigh, expr: "limitk(3, loss) > 100" }]
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: LossHigh, expr: "topk(3, loss) > 100" }]
      """
  )
}

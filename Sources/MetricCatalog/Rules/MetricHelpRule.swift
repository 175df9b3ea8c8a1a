internal import Diagnostics

/// A help text says something.
enum MetricHelpRule: Rule {
  static let ids = [help]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics {
      guard let text = metric.help.value, text.value.allSatisfy(\.isWhitespace) else { continue }
      report.add(help, "metric `\(metric.name.value)` has no help text", at: text.range, help: "say what it measures")
    }
  }
}

extension MetricHelpRule {
  private static let help = RuleID(
    "metric/help",
    .error,
    "a metric's help text is empty",
    why: """
      The help text is what Prometheus and Grafana show beside the name, and often all that someone has at night.
      """,
    remedy: """
      Say what is measured, over what, and when it is updated: `Training loss of the latest epoch`.
      """,
    triggers: """
      metrics:
        loss: { type: gauge, help: "" }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Training loss of the latest epoch }
      """
  )
}

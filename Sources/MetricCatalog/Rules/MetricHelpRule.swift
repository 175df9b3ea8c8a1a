internal import Diagnostics

/// A help text says something.
enum MetricHelpRule: Rule {
  private static let help = RuleID("metric/help", "a metric's help text is empty")
  static let ids = [help]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics {
      guard let text = metric.help.value, text.value.allSatisfy(\.isWhitespace) else { continue }
      report.add(help, "metric `\(metric.name.value)` has no help text", at: text.range, help: "say what it measures")
    }
  }
}

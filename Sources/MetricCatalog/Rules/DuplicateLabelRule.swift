internal import Diagnostics
internal import MetricModel

/// A metric has each label once, a stateset none that is called like itself, and an info none of its constants.
enum DuplicateLabelRule: Rule {
  private static let duplicate = RuleID("label/duplicate", "a metric names a label twice")
  static let ids = [duplicate]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics {
      var first: [String: SourceRange] = [:]
      if metric.type.value == .stateset { first[metric.name.value] = metric.name.range }
      for label in (metric.labels.value ?? []) + (metric.constant.value ?? []).map(\.name) {
        if let range = first[label.value] {
          report.add(
            duplicate,
            "metric `\(metric.name.value)` already has a label `\(label.value)`",
            at: label.range,
            related: [Diagnostic.Related(range: range, note: "it is here")]
          )
        } else {
          first[label.value] = label.range
        }
      }
    }
  }
}

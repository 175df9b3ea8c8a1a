internal import Diagnostics
internal import MetricModel

/// A metric has each label once, a stateset none that is called like itself, and an info none of its constants.
enum DuplicateLabelRule: Rule {
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

extension DuplicateLabelRule {
  private static let duplicate = RuleID(
    "label/duplicate",
    .error,
    "a metric names a label twice",
    why: """
      A series cannot have one label twice: Prometheus refuses the scrape. A stateset has a label with its own name \
      for its states.
      """,
    remedy: """
      Remove one of the two, or rename the metric.
      """,
    triggers: """
      labels: { run: { max_values: 200 } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [run, run] } }
      """,
    passes: """
      labels: { run: { max_values: 200 } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [run] } }
      """
  )
}

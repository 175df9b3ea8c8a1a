internal import Diagnostics

/// Labels that metrics and watchers name are declared in `labels:`.
enum UndeclaredLabelRule: Rule {
  static let ids = [undeclared]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    guard catalog.knowsLabels else { return }
    for metric in catalog.metrics {
      for label in metric.labels.value ?? [] { check(label, catalog, report) }
    }
    for watcher in catalog.watchers {
      for label in watcher.labels.value ?? [] { check(label.name, catalog, report) }
    }
  }

  private static func check(_ label: Text, _ catalog: CatalogDeclaration, _ report: Report) {
    guard catalog.label(label.value) == nil else { return }
    report.add(
      undeclared,
      "label `\(label.value)` is not declared",
      at: label.range,
      help: report.suggestion(for: label.value, among: catalog.labelPlaces.keys.sorted())
        ?? "declare it under `labels:`, with `values` or `max_values`"
    )
  }
}

extension UndeclaredLabelRule {
  private static let undeclared = RuleID(
    "label/undeclared",
    .error,
    "a label that `labels:` does not declare",
    why: """
      Only declared labels have a bound. A label that is used without one could have any number of values, and a \
      misspelled one splits a metric into two.
      """,
    remedy: """
      Correct the name, or declare it under `labels:` with `values` or `max_values`.
      """,
    triggers: """
      labels: { run: { max_values: 200 } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [rnu] } }
      """,
    passes: """
      labels: { run: { max_values: 200 } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [run] } }
      """
  )
}

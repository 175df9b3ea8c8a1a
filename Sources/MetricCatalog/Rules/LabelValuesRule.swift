internal import Diagnostics

/// A list of values has values, each once, none of them empty.
enum LabelValuesRule: Rule {
  static let ids = [none, duplicate, empty]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for label in catalog.labels {
      if case .list(let values) = label.values.value { check(values, of: label, report) }
    }
    for watcher in catalog.watchers {
      for label in watcher.labels.value ?? [] { check(label, report) }
    }
    for use in catalog.targetUses {
      for label in use.target.labels { check(label, report) }
    }
    for metric in catalog.metrics {
      for constant in metric.constant.value ?? [] where constant.value.value.isEmpty { add(constant.value, report) }
    }
  }

  private static func check(_ values: [Text], of label: LabelDeclaration, _ report: Report) {
    if values.isEmpty {
      let help = "list at least one value, or use `max_values` alone"
      report.add(none, "label `\(label.name.value)` has an empty list", at: label.values.range, help: help)
    }
    var first: [String: SourceRange] = [:]
    for value in values {
      if value.value.isEmpty {
        add(value, report)
      } else if let range = first[value.value] {
        let related = [Diagnostic.Related(range: range, note: "first listed here")]
        report.add(duplicate, "the value `\(value.value)` is here twice", at: value.range, related: related)
      } else {
        first[value.value] = value.range
      }
    }
  }

  private static func check(_ label: TargetDeclaration.Label, _ report: Report) {
    if !label.text.isReported, label.text.text.value.isEmpty { add(label.text.text, report) }
  }

  private static func add(_ text: Text, _ report: Report) {
    report.add(empty, "a label's value cannot be empty: that is the same as no label", at: text.range)
  }
}

extension LabelValuesRule {
  private static let none = RuleID(
    "label/no-values",
    .error,
    "a label whose list of values is empty",
    why: """
      A label without any value that is allowed rejects everything: its metrics could never have a series.
      """,
    remedy: """
      List at least one value, or bound the label with `max_values` instead.
      """,
    triggers: """
      labels:
        task: { values: [] }
      """,
    passes: """
      labels:
        task: { values: [detect, pose] }
      """
  )

  private static let duplicate = RuleID(
    "label/duplicate-value",
    .error,
    "a value twice in a label's list",
    why: """
      The second one changes nothing. Often one of the two was to be another value, which is rejected now.
      """,
    remedy: """
      Remove it, or write the value that was meant.
      """,
    triggers: """
      labels:
        task: { values: [detect, pose, detect] }
      """,
    passes: """
      labels:
        task: { values: [detect, pose, segment] }
      """
  )

  private static let empty = RuleID(
    "label/empty-value",
    .error,
    "an empty text as a label's value, which means no label",
    why: """
      To Prometheus a label with an empty value is the same as no label. Series that you expect to have it could not \
      be selected by it.
      """,
    remedy: """
      Write a word for it, such as `none` or `unknown`.
      """,
    triggers: """
      labels:
        task: { values: [detect, ""] }
      """,
    passes: """
      labels:
        task: { values: [detect, unknown] }
      """
  )
}

internal import Diagnostics

/// A label's name is its own, and says something.
enum LabelMeaningRule: Rule {
  static let ids = [target, vague]

  private static let targetNames: Set = ["job", "instance"]
  private static let vagueNames: Set = [
    "type", "name", "value", "key", "label", "item", "data", "tag", "field", "metric", "attribute", "property",
  ]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    // What a collector calls its labels, no catalog can choose.
    let given = Set(
      catalog.collectors.flatMap { $0.descriptor?.records.flatMap(\.labels) ?? [] }.map(\.name)
    )
    for label in catalog.labels where !given.contains(label.name.value) {
      check(label.name, label.allow, report)
      guard vagueNames.contains(label.name.value) else { continue }
      report.add(
        vague,
        "the label `\(label.name.value)` does not say of what",
        at: label.name.range,
        help: "call it after what it tells apart, such as `error_type` or `model_name`",
        waivedBy: [label.allow]
      )
    }
    for metric in catalog.metrics {
      for constant in metric.constant.value ?? [] { check(constant.name, metric.allow, report) }
    }
  }

  private static func check(_ name: Text, _ allow: Key<[Text]>, _ report: Report) {
    guard targetNames.contains(name.value) else { return }
    report.add(
      target,
      "Prometheus gives every series a label `\(name.value)`, and renames this one to `exported_\(name.value)`",
      at: name.range,
      help: "give it another name, such as `training_\(name.value)`",
      waivedBy: [allow]
    )
  }
}

extension LabelMeaningRule {
  private static let target = RuleID(
    "label/target-label",
    .warning,
    "a label called `job` or `instance`, which Prometheus gives to every target",
    why: """
      Prometheus sets `job` and `instance` of each series itself. It renames a label of the exporter to \
      `exported_job`, so that queries by `job` find the exporter and not what you meant.
      """,
    remedy: """
      Give it a name that says whose it is, such as `slurm_job` or `service_instance`. With `honor_labels: true` in \
      the scrape configuration the exporter's label wins; then write `allow: [label/target-label]`.
      """,
    triggers: """
      labels:
        job: { max_values: 200 }
      """,
    passes: """
      labels:
        slurm_job: { max_values: 200 }
      """
  )

  private static let vague = RuleID(
    "label/vague-name",
    .note,
    "a label with a name that says nothing, such as `type` or `name`",
    why: """
      In a query the label stands alone: `sum by (type)` does not tell which type. Where two metrics mean different \
      things by it, a join of both gives nonsense.
      """,
    remedy: """
      Say what it is a type or name of, such as `error_type` or `model_name`. `allow: [label/vague-name]` keeps it.
      """,
    triggers: """
      labels:
        type: { values: [train, val] }
      """,
    passes: """
      labels:
        split: { values: [train, val] }
      """
  )
}

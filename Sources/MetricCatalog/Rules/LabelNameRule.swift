internal import Diagnostics

/// Label names are the classic ones; `le` and `quantile` belong to histograms and summaries, `__` to Prometheus.
enum LabelNameRule: Rule {
  static let ids = [name]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for label in catalog.labels { check(label.name, report) }
    for metric in catalog.metrics {
      for constant in metric.constant.value ?? [] { check(constant.name, report) }
    }
    for use in catalog.targetUses {
      for label in use.target.exemplar.value ?? [] { check(label.name, report) }
    }
  }

  private static func check(_ label: Text, _ report: Report) {
    guard !NameSyntax.isLabelName(label.value) else { return }
    let isReserved = label.value == "le" || label.value == "quantile"
    report.add(
      name,
      isReserved
        ? "the label `\(label.value)` is made by histograms and summaries" : "`\(label.value)` is no label name",
      at: label.range,
      help: isReserved ? "choose another name" : "use letters, digits and `_`, not a digit first and not `__` first"
    )
  }
}

extension LabelNameRule {
  private static let name = RuleID(
    "label/name",
    .error,
    "a label's name is not `[a-zA-Z_][a-zA-Z0-9_]*`, or is `__…`, `le` or `quantile`",
    why: """
      Prometheus refuses the whole scrape for one label name that it cannot read. It uses `__…` itself, and \
      histograms and summaries make `le` and `quantile`.
      """,
    remedy: """
      Use letters, digits and `_`; begin with a letter. Choose another word for `le` and `quantile`.
      """,
    triggers: """
      labels:
        data-set: { max_values: 20 }
      """,
    passes: """
      labels:
        data_set: { max_values: 20 }
      """
  )
}

internal import Diagnostics

/// Every label is bounded by its declaration.
enum LabelBoundRule: Rule {
  private static let bound = RuleID("label/unbounded", "a label with neither `values` nor `max_values`")
  private static let evict = RuleID("label/evict", "a label with `evict` and no `max_values`")
  static let ids = [bound, evict]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for label in catalog.labels where !label.isBroken {
      if label.evict.isGiven, !label.maxValues.isGiven {
        let message = "`evict` needs `max_values`: without it nothing has to make room"
        report.add(evict, message, at: label.evict.name)
      } else if !label.values.isGiven, !label.maxValues.isGiven {
        report.add(
          bound,
          "label `\(label.name.value)` has no bound",
          at: label.name.range,
          help: "list its `values`, or say how many it may have with `max_values`"
        )
      }
    }
  }
}

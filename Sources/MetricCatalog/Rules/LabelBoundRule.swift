internal import Diagnostics

/// Every label is bounded by its declaration.
enum LabelBoundRule: Rule {
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

extension LabelBoundRule {
  private static let bound = RuleID(
    "label/unbounded",
    .error,
    "a label with neither `values` nor `max_values`",
    why: """
      Every value of a label is a series that the exporter and Prometheus hold in memory. One label that a log fills \
      with new texts is the usual way to bring a Prometheus down, so each label has a bound.
      """,
    remedy: """
      List the `values` if you know them. If not, say how many there may be with `max_values`, and let `evict: \
      oldest` make room for new ones, as for runs.
      """,
    triggers: """
      labels:
        run: { help: Directory of the run }
      """,
    passes: """
      labels:
        run: { help: Directory of the run, max_values: 200, evict: oldest }
      """
  )

  private static let evict = RuleID(
    "label/evict",
    .error,
    "a label with `evict` and no `max_values`",
    why: """
      `evict` says what happens when `max_values` is reached. Without that limit nothing ever has to make room, and \
      the key does nothing.
      """,
    remedy: """
      Add `max_values`, or remove `evict`.
      """,
    triggers: """
      labels:
        task: { values: [detect, pose], evict: oldest }
      """,
    passes: """
      labels:
        run: { max_values: 200, evict: oldest }
      """
  )
}

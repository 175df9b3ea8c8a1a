internal import Diagnostics

/// The order in which a metric's labels or states are shown.
enum OrderChange: ChangeRule {
  private static let order = RuleID(
    "diff/order",
    .note,
    "a metric's labels or states are shown in another order",
    why: """
      Prometheus does not look at the order. Code that was generated from the catalog takes label values in this order: \
      it has to be generated anew.
      """,
    remedy: "Generate code anew (`training-exporter generate`), and compile it against the new order.",
    triggers: """
      labels: { run: { max_values: 50 }, task: { max_values: 5 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run, task] }
      ---
      labels: { run: { max_values: 50 }, task: { max_values: 5 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [task, run] }
      """
  )
  static let ids = [order]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.metrics {
      check(pair, "labels", \.labels, report)
      check(pair, "states", \.states, report)
    }
  }

  private static func check(
    _ pair: CatalogComparison.MetricPair,
    _ what: String,
    _ key: KeyPath<MetricDeclaration, Key<[Text]>>,
    _ report: ChangeReport
  ) {
    let before = (pair.old.declaration[keyPath: key].value ?? []).map(\.value)
    let after = (pair.new.declaration[keyPath: key].value ?? []).map(\.value)
    guard before != after, before.filter(after.contains) != after.filter(before.contains) else { return }
    let help = "generate code from the catalog anew"
    report.add(order, at: pair.place(key), was: pair.was(key), "their order was this", help: help) { _ in
      "the \(what) of metric `\(pair.new.name)` are shown in another order"
    }
  }
}

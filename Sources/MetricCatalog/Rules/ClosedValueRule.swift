internal import Diagnostics

/// A label that is given a fixed text allows it.
enum ClosedValueRule: Rule {
  static let ids = [value]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      for label in watcher.labels.value ?? [] { check(label, catalog, report) }
    }
    for use in catalog.targetUses {
      guard let metric = catalog.metric(use.target.metric.value) else { continue }
      let names = (metric.labels.value ?? []).map(\.value)
      for label in use.target.labels where names.contains(label.name.value) { check(label, catalog, report) }
    }
  }

  private static func check(_ label: TargetDeclaration.Label, _ catalog: CatalogDeclaration, _ report: Report) {
    guard let text = label.text.pattern?.literalText, !text.isEmpty,
      let declaration = catalog.label(label.name.value), declaration.allows(text) == false
    else { return }
    var help: String?
    if case .list(let list) = declaration.values.value {
      let names = list.map(\.value)
      let shown = names.prefix(10).map { "`\($0)`" }.joined(separator: " ") + (names.count > 10 ? " …" : "")
      help = report.suggestion(for: text, among: names) ?? "its values are \(shown)"
    }
    report.add(
      value,
      "label `\(label.name.value)` does not allow the value `\(text)`",
      at: label.text.text.range,
      related: [
        Diagnostic.Related(
          range: declaration.values.range ?? declaration.name.range,
          note: "its values are declared here"
        )
      ],
      help: help
    )
  }
}

extension ClosedValueRule {
  private static let value = RuleID(
    "label/value",
    .error,
    "a label is given a text outside its values",
    why: """
      The text is fixed and not allowed, so every value of this target would be rejected.
      """,
    remedy: """
      Correct the text, or add it to the label's `values`. Texts are compared exactly: `0.50` is not `0.5`.
      """,
    triggers: """
      labels: { iou: { values: ["0.5", "0.5:0.95"] } }
      metrics: { map: { type: gauge, help: Mean average precision, labels: [iou] } }
      watchers:
        log: { files: log.csv, format: csv, fields: { map50: 'map{iou="0.50"}' } }
      """,
    passes: """
      labels: { iou: { values: ["0.5", "0.5:0.95"] } }
      metrics: { map: { type: gauge, help: Mean average precision, labels: [iou] } }
      watchers:
        log: { files: log.csv, format: csv, fields: { map50: 'map{iou="0.5"}' } }
      """
  )
}

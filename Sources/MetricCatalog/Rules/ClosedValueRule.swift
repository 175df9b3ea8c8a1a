internal import Diagnostics

/// A label that is given a fixed text allows it.
enum ClosedValueRule: Rule {
  private static let value = RuleID("label/value", "a label is given a text outside its values")
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

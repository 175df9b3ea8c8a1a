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

  private static let base = """
    labels: { iou: { values: ["0.5", "0.5:0.95"], named: { half: "0.5" } }, n: { values: 0..9 } }
    metrics: { m: { type: gauge, help: h, labels: [iou] }, k: { type: gauge, help: h, labels: [n] } }

    """
  static let examples = RuleExamples(
    triggering: [
      base + "watchers: { w: { files: f, format: csv, fields: { x: 'm{iou=\"↓0.6\"}' } } }",
      base + "watchers: { w: { files: f, format: csv, labels: { n: ↓10 }, fields: { x: k } } }",
      base + "collectors: { system: { readings: { cpu.usage_percent: { metric: m, labels: { iou: ↓a } } } } }",
    ],
    passing: [
      base
        + "watchers: { w: { files: f, format: csv, fields: { x: 'm{iou=\"half\"}', y: 'm{iou=\"{.z}\"}', z: 'k{n=\"7\"}' } } }",
      "labels: { a: { values: [x, y], otherwise: y }, b: { max_values: 3 } }\nmetrics: { m: { type: gauge, help: h, labels: [a, b] } }\n"
        + "watchers: { w: { files: f, format: csv, fields: { x: 'm{a=\"q\", b=\"q\"}' } } }",
    ]
  )
}

internal import Diagnostics

/// A target gives only labels that its metric has, each once.
enum TargetLabelRule: Rule {
  static let ids = [label]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for use in catalog.targetUses {
      guard let metric = catalog.metric(use.target.metric.value), !metric.labels.isBroken else { continue }
      let names = (metric.labels.value ?? []).map(\.value)
      var first: [String: SourceRange] = [:]
      for given in use.target.labels {
        let name = given.name.value
        if !names.contains(name) {
          report.add(
            label,
            "metric `\(metric.name.value)` has no label `\(name)`",
            at: given.name.range,
            related: [
              Diagnostic.Related(range: metric.labels.range ?? metric.name.range, note: "its labels are declared here")
            ],
            help: report.suggestion(for: name, among: names)
          )
        } else if let range = first[name] {
          let related = [Diagnostic.Related(range: range, note: "it is here")]
          report.add(label, "the label `\(name)` is here twice", at: given.name.range, related: related)
        } else {
          first[name] = given.name.range
        }
      }
    }
  }
}

extension TargetLabelRule {
  private static let label = RuleID(
    "target/label",
    .error,
    "a target gives a label that its metric does not have, or one twice",
    why: """
      A label that the metric does not have cannot be shown, and what was to tell the series apart is lost.
      """,
    remedy: """
      Correct the name, or add the label to the metric's `labels`.
      """,
    triggers: """
      labels: { part: { values: [box, cls] } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [part] } }
      watchers:
        log: { files: log.csv, format: csv, fields: { box: 'loss{prat="box"}' } }
      """,
    passes: """
      labels: { part: { values: [box, cls] } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [part] } }
      watchers:
        log: { files: log.csv, format: csv, fields: { box: 'loss{part="box"}' } }
      """
  )
}

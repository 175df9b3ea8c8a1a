internal import Diagnostics

/// What is to be used instead of a deprecated metric is there, and is to be used.
enum DeprecationRule: Rule {
  private static let unknown = RuleID(
    "metric/deprecated-use",
    .error,
    "`deprecated` names a metric to use instead that is not declared, or the metric itself",
    why: "Whoever follows the advice finds no such metric.",
    remedy: "Name a metric that `metrics:` declares, or leave `use` out.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss, deprecated: { since: "1.4", use: train_loss } }
      watchers:
        log: { files: log.csv, format: csv, fields: { loss: [loss] } }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Loss, deprecated: { since: "1.4", use: train_loss } }
        train_loss: { type: gauge, help: Training loss }
      watchers:
        log: { files: log.csv, format: csv, fields: { loss: [loss, train_loss] } }
      """
  )
  private static let chain = RuleID(
    "metric/deprecated-chain",
    .warning,
    "`deprecated` names a metric to use instead that is deprecated itself",
    why: "Whoever follows the advice has to change queries twice.",
    remedy: "Name the metric that is to stay.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss, deprecated: { use: train_loss } }
        train_loss: { type: gauge, help: Loss, deprecated: { use: training_loss } }
        training_loss: { type: gauge, help: Training loss }
      watchers:
        log: { files: log.csv, format: csv, fields: { loss: [loss, train_loss, training_loss] } }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Loss, deprecated: { use: training_loss } }
        train_loss: { type: gauge, help: Loss, deprecated: { use: training_loss } }
        training_loss: { type: gauge, help: Training loss }
      watchers:
        log: { files: log.csv, format: csv, fields: { loss: [loss, train_loss, training_loss] } }
      """
  )
  static let ids = [unknown, chain]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics {
      guard let use = metric.deprecated.value?.use else { continue }
      if use.value == metric.name.value {
        report.add(unknown, "metric `\(use.value)` cannot replace itself", at: use.range)
      } else if let other = catalog.metric(use.value) {
        guard other.deprecated.isGiven else { continue }
        let next = other.deprecated.value?.use.map { "name `\($0.value)`" }
        let related = [Diagnostic.Related(range: other.name.range, note: "it is declared here")]
        report.add(
          chain,
          "metric `\(use.value)` is deprecated, too",
          at: use.range,
          related: related,
          help: next,
          waivedBy: [metric.allow]
        )
      } else if catalog.knowsMetrics {
        report.add(
          unknown,
          "metric `\(use.value)` is not declared",
          at: use.range,
          help: report.suggestion(for: use.value, among: catalog.metricPlaces.keys.sorted())
            ?? "declare it under `metrics:`, or leave `use` out"
        )
      }
    }
  }
}

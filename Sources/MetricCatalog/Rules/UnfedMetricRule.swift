internal import Diagnostics

/// A catalog that says where values come from says it of every metric.
enum UnfedMetricRule: Rule {
  static let ids = [unfed]
  static let concludesFromAbsence = true

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    // Events feed whatever nothing else does, and without any source a program feeds all.
    guard !catalog.watchers.isEmpty || !catalog.collectors.isEmpty else { return }
    guard !catalog.watchers.contains(where: \.readsEvents) else { return }
    for metric in catalog.metrics where !catalog.fedMetrics.contains(metric.name.value) {
      // An info whose labels are all constant is there from the start.
      if metric.type.value == .info, metric.labels.value?.isEmpty ?? true, metric.constant.isGiven { continue }
      report.add(
        unfed,
        "nothing in the catalog feeds `\(metric.name.value)`, so it has no series",
        at: metric.name.range,
        help: "map a field to it under `fields`, or remove it; a program that sets it itself needs `allow`",
        waivedBy: [metric.allow]
      )
    }
  }
}

extension UnfedMetricRule {
  private static let unfed = RuleID(
    "metric/unfed",
    .warning,
    "a metric that nothing in the catalog feeds",
    why: """
      It never has a series, so a dashboard shows nothing and an alert on it never fires. It mostly means that a line \
      of `fields` was forgotten.
      """,
    remedy: """
      Feed it from a watcher or collector, or remove it. If a program that embeds the exporter sets it, say so: \
      `allow: { id: metric/unfed, why: set by the trainer }`. A watcher with `format: events` feeds all that nothing \
      else feeds, and a catalog with neither watchers nor collectors is taken for one that a program feeds; then \
      nothing is reported.
      """,
    triggers: """
      metrics:
        training_loss: { type: gauge, help: Training loss }
        validation_loss: { type: gauge, help: Validation loss }
      watchers:
        log:
          files: log.csv
          format: csv
          fields: { train_loss: training_loss }
      """,
    passes: """
      metrics:
        training_loss: { type: gauge, help: Training loss }
        validation_loss: { type: gauge, help: Validation loss }
      watchers:
        log:
          files: log.csv
          format: csv
          fields: { train_loss: training_loss, val_loss: validation_loss }
      """
  )
}

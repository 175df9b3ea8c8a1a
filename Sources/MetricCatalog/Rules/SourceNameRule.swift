internal import Diagnostics

/// Watchers and collectors are the sources that `training_exporter_up{source}` tells apart by name.
enum SourceNameRule: Rule {
  static let ids = [clash]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      guard let collector = catalog.collectors.first(where: { $0.name.value == watcher.name.value }) else { continue }
      report.add(
        clash,
        "the watcher `\(watcher.name.value)` is called like a collector",
        at: watcher.name.range,
        related: [Diagnostic.Related(range: collector.name.range, note: "the collector is here")],
        help: "rename the watcher: both are values of the label `source`"
      )
    }
  }
}

extension SourceNameRule {
  private static let clash = RuleID(
    "watcher/name-clash",
    .error,
    "a watcher has the name of a collector of the catalog",
    why: """
      `training_exporter_up` and other metrics of the exporter tell its sources apart by name. With one name for two, \
      an alert cannot say which of them is down.
      """,
    remedy: """
      Rename the watcher, after the tool whose logs it reads.
      """,
    triggers: """
      metrics: { loss: { type: gauge, help: Training loss }, cpu_usage_ratio: { type: gauge, help: CPU usage } }
      watchers:
        system: { files: log.csv, format: csv, fields: { loss: loss } }
      collectors:
        system: { readings: { cpu.usage_ratio: cpu_usage_ratio } }
      """,
    passes: """
      metrics: { loss: { type: gauge, help: Training loss }, cpu_usage_ratio: { type: gauge, help: CPU usage } }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { loss: loss } }
      collectors:
        system: { readings: { cpu.usage_ratio: cpu_usage_ratio } }
      """
  )
}

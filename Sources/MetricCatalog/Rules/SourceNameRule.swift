internal import Diagnostics

/// Watchers and collectors are the sources that `training_exporter_up{source}` tells apart by name.
enum SourceNameRule: Rule {
  private static let clash = RuleID("watcher/name-clash", "a watcher has the name of a collector of the catalog")
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

internal import Diagnostics

/// A watcher feeds something, or tells of runs.
enum IdleWatcherRule: Rule {
  static let ids = [idle]
  static let concludesFromAbsence = true

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers where watcher.targetUses.isEmpty && watcher.ownRun == nil {
      let message: String
      if watcher.readsEvents {
        guard catalog.metrics.allSatisfy({ catalog.fedMetrics.contains($0.name.value) }) else { continue }
        message = "`\(watcher.name.value)` feeds what nothing else feeds, and there is no such metric"
      } else {
        message = "`\(watcher.name.value)` feeds no metric"
      }
      let help = watcher.readsEvents ? "remove it, or what else feeds a metric" : "map fields to metrics under `fields`"
      report.add(idle, message, at: watcher.name.range, help: help, waivedBy: [watcher.allow])
    }
  }
}

extension WatcherDeclaration {
  /// Whether its logs say themselves which metrics they feed.
  var readsEvents: Bool {
    if case .events? = format.value?.content { true } else { false }
  }
}

extension IdleWatcherRule {
  private static let idle = RuleID(
    "watcher/feeds-nothing",
    .warning,
    "a watcher that feeds no metric",
    why: """
      It finds and reads logs and shows nothing of them, which costs time and looks as if they were covered.
      """,
    remedy: """
      Map fields under `fields`, count records with `each_record`, follow trainings with `run`, or remove the watcher.
      """,
    triggers: """
      watchers:
        log: { files: log.csv, format: csv }
      """,
    passes: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: log.csv, format: csv, fields: { loss: loss } }
      """
  )
}

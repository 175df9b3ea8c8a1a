/// A watcher that goes on under another name.
enum WatcherNameChange: ChangeRule {
  private static let renamed = RuleID(
    "diff/watcher-renamed",
    .caution,
    "a watcher has another name",
    why: """
      The exporter's own metrics have the name as the label `watcher`, such as `training_exporter_records_total`: alerts on \
      them may name it. The catalog's metrics stay as they are.
      """,
    remedy: "Look for the old name in queries of `training_exporter_*`.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        keras: { files: log.csv, format: csv, fields: { loss: loss } }
      """
  )
  static let ids = [renamed]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.watchers where pair.old.watcher.name != pair.new.watcher.name {
      let (before, after) = (pair.old.declaration.name, pair.new.declaration.name)
      let help = "look for `watcher=\"\(before.value)\"` in queries of `training_exporter_*`"
      report.add(renamed, at: after.range, was: before.range, "its name was `\(before.value)`", help: help) { _ in
        "watcher `\(before.value)` is now called `\(after.value)`"
      }
    }
  }
}

/// How long after its log's last change a series ends.
enum ExpiryChange: ChangeRule {
  private static let expiry = RuleID(
    "diff/expiry",
    .caution,
    "the series of a metric end sooner or later than before",
    why: """
      An alert on a series that has ended resolves itself, and one on `absent()` fires. Where series stay longer, finished \
      runs are shown beside the present ones.
      """,
    remedy: "Compare the time with the ranges and the `for` of alerts.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss, expire_after: 1d }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss, expire_after: 1h }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { loss: loss } }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Loss, expire_after: 1d }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { loss: loss }, expire_after: 24h }
      """
  )
  static let ids = [expiry]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.metrics {
      for case (let old?, let new?) in pair.feeds.map({ ($0.old, $0.new) }) {
        guard case .watcher(let first) = old.source, case .watcher(let second) = new.source else { continue }
        let (before, after) = (comparison.old.declaration.watchers[first], comparison.new.declaration.watchers[second])
        let then = pair.old.descriptor.expireAfter ?? before.expireAfter.value
        let now = pair.new.descriptor.expireAfter ?? after.expireAfter.value
        guard then != now else { continue }
        let range = pair.new.declaration.expireAfter.range ?? after.expireAfter.range ?? after.name.range
        let was = pair.old.declaration.expireAfter.range ?? before.expireAfter.range ?? before.name.range
        let help = "compare it with the ranges of queries and the `for` of alerts"
        report.add(expiry, at: range, was: was, help: help, of: [pair.new.name]) {
          "series of \($0) end \(text(now)), not \(text(then))"
        }
      }
    }
  }

  private static func text(_ duration: Duration?) -> String {
    duration.map { "\(DurationText.text($0)) after their log's last change" } ?? "never"
  }
}

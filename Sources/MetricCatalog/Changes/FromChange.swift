/// What a field's value means to a metric.
enum FromChange: ChangeRule {
  private static let from = RuleID(
    "diff/from",
    .breaking,
    "a metric takes its field's value as something else",
    why: """
      `value`, `running_total`, `highest`, `difference`, `count` and `time` make different numbers of the same log. The series goes on under \
      its name, and no query fails.
      """,
    remedy:
      "Give the metric with the other meaning a name of its own. If the old meaning was a mistake, accept the change.",
    triggers: """
      metrics:
        tokens_total: { type: counter, help: Tokens }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { tokens: { metric: tokens_total, from: running_total } } }
      ---
      metrics:
        tokens_total: { type: counter, help: Tokens }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { tokens: tokens_total } }
      """,
    passes: """
      metrics:
        tokens_total: { type: counter, help: Tokens }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { tokens: tokens_total } }
      ---
      metrics:
        tokens_total: { type: counter, help: Tokens }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { tokens: { metric: tokens_total, from: value } } }
      """
  )
  static let ids = [from]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.metricsFedOtherwise {
      for case (let old?, let new?) in pair.changedFeeds.map({ ($0.old, $0.new) }) {
        guard let before = old.target?.from, let after = new.target?.from else { continue }
        checkRestarts(old, new, pair.new.name, comparison, report)
        if before == after { continue }
        // A collector's counters are running totals, whether that is written or not.
        if case .collector = new.source, Set([before, after]) == [.value, .runningTotal] { continue }
        let range = new.declared?.from.range ?? comparison.new.place(of: new)
        let was = old.declared?.from.range ?? comparison.old.place(of: old)
        let help = "give the metric with the other meaning a name of its own"
        report.add(from, at: range, was: was, help: help, of: [pair.new.name]) {
          "\($0) takes its field as `\(after.rawValue)` now, not as `\(before.rawValue)`"
        }
      }
    }
  }

  /// Where another run begins.
  private static func checkRestarts(
    _ old: Feed,
    _ new: Feed,
    _ name: String,
    _ comparison: CatalogComparison,
    _ report: ChangeReport
  ) {
    let (before, after) = (old.target?.restartsWith, new.target?.restartsWith)
    guard before != after else { return }
    let range = new.declared?.restartsWith.range ?? comparison.new.place(of: new)
    let was = old.declared?.restartsWith.range ?? comparison.old.place(of: old)
    let (then, now) = (before.map { "with `\($0)`" } ?? "by itself", after.map { "with `\($0)`" } ?? "by itself")
    let help = "give the metric with the other meaning a name of its own"
    report.add(from, at: range, was: was, help: help, of: [name]) {
      "the total of \($0) begins again \(now) now, not \(then)"
    }
  }
}

/// What a field's numbers are multiplied by, and what is added.
enum ScaleChange: ChangeRule {
  private static let scale = RuleID(
    "diff/scale",
    .breaking,
    "a metric gets its values with another `scale` or `offset`",
    why:
      "The same log gives other numbers under the same name. Thresholds of alerts and the units of dashboards no longer fit.",
    remedy: "Give the metric in the other unit a name of its own. If the log has changed its unit, accept the change.",
    triggers: """
      metrics:
        step_seconds: { type: gauge, help: Time of a step }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { time: { metric: step_seconds, scale: 0.001 } } }
      ---
      metrics:
        step_seconds: { type: gauge, help: Time of a step }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { time: step_seconds } }
      """,
    passes: """
      metrics:
        step_seconds: { type: gauge, help: Time of a step }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { time: { metric: step_seconds, scale: 0.001 } } }
      ---
      metrics:
        step_seconds: { type: gauge, help: Time of a step }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { time: { metric: step_seconds, scale: 1e-3, offset: 0 } } }
      """
  )
  static let ids = [scale]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.metricsFedOtherwise {
      for case (let old?, let new?) in pair.changedFeeds.map({ ($0.old, $0.new) }) {
        guard let before = old.target, let after = new.target else { continue }
        for (word, then, now, key) in [
          ("scale", scale(before), scale(after), \TargetDeclaration.scale.range),
          ("offset", number(before.offset), number(after.offset), \TargetDeclaration.offset.range),
        ] where then != now {
          let range = new.declared?[keyPath: key] ?? comparison.new.place(of: new)
          let was = old.declared?[keyPath: key] ?? comparison.old.place(of: old)
          let help = "give the metric in the other unit a name of its own, unless the log's unit has changed"
          report.add(scale, at: range, was: was, help: help, of: [pair.new.name]) {
            "the `\(word)` of \($0) is \(now) now, not \(then)"
          }
        }
      }
    }
  }

  private static func scale(_ target: Target) -> String {
    number(target.scale) + (target.isReciprocal ? "/value" : "")
  }

  /// `1` for 1.0.
  private static func number(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }
}

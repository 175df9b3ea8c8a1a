internal import Diagnostics

/// Quantiles of a summary, and what they cover.
enum QuantilesChange: ChangeRule {
  private static let removed = RuleID(
    "diff/quantile-removed",
    .breaking,
    "a summary no longer shows a quantile",
    why:
      "Quantiles of a summary cannot be computed by a query: one with `quantile=\"0.99\"` gives nothing from now on.",
    remedy: "Keep the quantile until nobody queries it.",
    triggers: """
      metrics:
        step_seconds: { type: summary, help: Time of a step, quantiles: [0.5, 0.99] }
      ---
      metrics:
        step_seconds: { type: summary, help: Time of a step, quantiles: [0.5] }
      """,
    passes: """
      metrics:
        step_seconds: { type: summary, help: Time of a step, quantiles: [0.5, 0.99] }
      ---
      metrics:
        step_seconds: { type: summary, help: Time of a step, quantiles: [0.99, 0.50] }
      """
  )
  private static let added = RuleID(
    "diff/quantile-added",
    .note,
    "a summary shows a further quantile",
    why: "It breaks nobody. It is one more series for each combination of labels.",
    remedy: "Nothing has to be done.",
    triggers: """
      metrics:
        step_seconds: { type: summary, help: Time of a step, quantiles: [0.5] }
      ---
      metrics:
        step_seconds: { type: summary, help: Time of a step, quantiles: [0.5, 0.99] }
      """
  )
  private static let window = RuleID(
    "diff/window",
    .caution,
    "a summary's quantiles cover another number of observations",
    why:
      "A longer window follows changes more slowly, and a shorter one is more restless. Thresholds of alerts may not fit.",
    remedy: "Check the thresholds of alerts on the quantiles.",
    triggers: """
      metrics:
        step_seconds: { type: summary, help: Time of a step, quantiles: [0.5] }
      ---
      metrics:
        step_seconds: { type: summary, help: Time of a step, quantiles: [0.5], window: 50 }
      """
  )
  static let ids = [removed, added, window]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.metrics where pair.old.descriptor.type == .summary && pair.new.descriptor.type == .summary {
      let (before, after) = (pair.old.descriptor, pair.new.descriptor)
      let lost = Set(before.quantiles).subtracting(after.quantiles).sorted().map { "\($0)" }
      let fresh = Set(after.quantiles).subtracting(before.quantiles).sorted().map { "\($0)" }
      let (range, was) = (pair.place(\.quantiles), pair.was(\.quantiles))
      if !lost.isEmpty {
        report.add(removed, at: range, was: was, "its quantiles were these", help: "keep it until nobody queries it") {
          _ in "summary `\(after.name)` no longer shows the quantile \(ChangeReport.list(lost))"
        }
      }
      if !fresh.isEmpty {
        report.add(added, at: range, was: was, "its quantiles were these", help: "nothing has to be done") { _ in
          "summary `\(after.name)` shows the quantile \(ChangeReport.list(fresh)), too"
        }
      }
      if before.window != after.window, !before.quantiles.isEmpty, !after.quantiles.isEmpty {
        let help = "check the thresholds of alerts on the quantiles"
        report.add(window, at: pair.place(\.window), was: pair.was(\.window), help: help) { _ in
          "the quantiles of summary `\(after.name)` cover \(after.window) observations now, not \(before.window)"
        }
      }
    }
  }
}

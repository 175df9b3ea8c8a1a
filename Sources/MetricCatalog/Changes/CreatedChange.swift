internal import Diagnostics

/// The series `x_created` of a counter, histogram or summary.
enum CreatedChange: ChangeRule {
  private static let removed = RuleID(
    "diff/created-removed",
    .caution,
    "a metric no longer shows when its series began",
    why: "Queries of `x_created` give nothing. All others go on.",
    remedy: "Keep `created: true` if somebody queries the series.",
    triggers: """
      metrics:
        steps_total: { type: counter, help: Steps, created: true }
      ---
      metrics:
        steps_total: { type: counter, help: Steps }
      """,
    passes: """
      metrics:
        steps_total: { type: counter, help: Steps }
      ---
      metrics:
        steps_total: { type: counter, help: Steps, created: false }
      """
  )
  private static let added = RuleID(
    "diff/created-added",
    .note,
    "a metric also shows when its series began",
    why: "It breaks nobody. It is one more series for each combination of labels.",
    remedy: "Nothing has to be done.",
    triggers: """
      metrics:
        steps_total: { type: counter, help: Steps }
      ---
      metrics:
        steps_total: { type: counter, help: Steps, created: true }
      """
  )
  static let ids = [removed, added]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.metrics where pair.old.descriptor.exposesCreated != pair.new.descriptor.exposesCreated {
      let shows = pair.new.descriptor.exposesCreated
      report.add(
        shows ? added : removed,
        at: pair.place(\.created),
        was: pair.was(\.created),
        help: shows ? "nothing has to be done" : "keep `created: true` if somebody queries it"
      ) { _ in "metric `\(pair.new.name)` \(shows ? "also shows" : "no longer shows") when its series began" }
    }
  }
}

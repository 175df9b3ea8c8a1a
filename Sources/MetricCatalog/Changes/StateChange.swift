/// Where and how often the exporter saves what it has read.
enum StateChange: ChangeRule {
  private static let state = RuleID(
    "diff/state",
    .caution,
    "the exporter saves what it has read in another folder, or at another pace",
    why: """
      With another folder the exporter begins anew: it reads the logs that there are, and what logs said that are gone is \
      lost. The interval is what a crash may cost.
      """,
    remedy: "Move the folder while the exporter is stopped. The change takes a restart.",
    triggers: """
      state: { path: state }
      metrics:
        loss: { type: gauge, help: Loss }
      ---
      state: { path: saved }
      metrics:
        loss: { type: gauge, help: Loss }
      """
  )
  static let ids = [state]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    let (old, new) = (comparison.old, comparison.new)
    let (before, after) = (old.catalog.state, new.catalog.state)
    if before.path != after.path {
      let (range, was) = (new.declaration.state.path.range ?? new.start, old.declaration.state.path.range ?? old.start)
      report.add(state, at: range, was: was, help: "move the folder while the exporter is stopped") { _ in
        "the state is saved in \(after.path.map { "`\($0)`" } ?? "the default folder") now"
      }
    }
    if before.interval != after.interval {
      let range = new.declaration.state.interval.range ?? new.start
      let was = old.declaration.state.interval.range ?? old.start
      report.add(state, at: range, was: was, help: "it is what a crash may cost, and takes a restart") { _ in
        "the state is saved every \(DurationText.text(after.interval)) now, not every \(DurationText.text(before.interval))"
      }
    }
  }
}

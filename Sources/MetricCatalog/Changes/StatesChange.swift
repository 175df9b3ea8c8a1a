internal import Diagnostics

/// States of a stateset.
enum StatesChange: ChangeRule {
  private static let removed = RuleID(
    "diff/state-removed",
    .breaking,
    "a stateset has lost a state",
    why:
      "The state's series ends, and a log that says this state is rejected. An alert on the state never fires again.",
    remedy: "Keep the state as long as a log may say it or a query may ask for it.",
    triggers: """
      metrics:
        phase: { type: stateset, help: Phase, states: [warmup, training, done] }
      ---
      metrics:
        phase: { type: stateset, help: Phase, states: [training, done] }
      """,
    passes: """
      metrics:
        phase: { type: stateset, help: Phase, states: [training, done] }
      ---
      metrics:
        phase: { type: stateset, help: Phase, states: ["training", "done"] }
      """
  )
  private static let added = RuleID(
    "diff/state-added",
    .note,
    "a stateset has a further state",
    why: "It breaks nobody. It is one more series for each combination of labels.",
    remedy: "Check that alerts which look for unwanted states know the new one.",
    triggers: """
      metrics:
        phase: { type: stateset, help: Phase, states: [training, done] }
      ---
      metrics:
        phase: { type: stateset, help: Phase, states: [training, done, failed] }
      """
  )
  static let ids = [removed, added]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.metrics where pair.old.descriptor.type == .stateset && pair.new.descriptor.type == .stateset
    {
      let (before, after) = (pair.old.descriptor.states, pair.new.descriptor.states)
      let lost = before.filter { !after.contains($0) }
      let fresh = (pair.new.declaration.states.value ?? []).filter { !before.contains($0.value) }
      let was = pair.was(\.states)
      let name = pair.new.name
      if let first = lost.first {
        let now = pair.new.declaration.states.value ?? []
        let gaps = Gaps(old: before, new: now, owner: pair.place(\.states))
        let declared = pair.old.declaration.states.value?.first { $0.value == first }?.range
        let range = gaps[first] ?? pair.place(\.states)
        report.add(removed, at: range, was: declared ?? was, help: "keep it as long as a log may say it") { _ in
          "stateset `\(name)` has no state \(ChangeReport.list(lost)) any more"
        }
      }
      if let first = fresh.first {
        let help = "check that alerts which look for unwanted states know it"
        report.add(added, at: first.range, was: was, "its states were these", help: help) { _ in
          "stateset `\(name)` has the state \(ChangeReport.list(fresh.map(\.value))), too"
        }
      }
    }
  }
}

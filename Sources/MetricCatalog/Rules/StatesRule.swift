internal import Diagnostics
internal import MetricModel

/// A stateset has states, each once.
enum StatesRule: Rule {
  static let ids = [states]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics where metric.type.value == .stateset {
      guard metric.states.isGiven else {
        let help = "list them: `states: [running, finished]`"
        report.add(states, "stateset `\(metric.name.value)` has no `states`", at: metric.name.range, help: help)
        continue
      }
      guard let list = metric.states.value else { continue }
      if list.isEmpty { report.add(states, "the list of states is empty", at: metric.states.range) }
      var seen: Set<String> = []
      for state in list {
        if state.value.isEmpty {
          report.add(states, "a state cannot be empty", at: state.range)
        } else if !seen.insert(state.value).inserted {
          report.add(states, "the state `\(state.value)` is here twice", at: state.range)
        }
      }
    }
  }
}

extension StatesRule {
  private static let states = RuleID(
    "stateset/states",
    .error,
    "a stateset without states, or with an empty one, or one twice",
    why: """
      A stateset shows one series for each state. A state that is not listed is rejected, so without a list nothing \
      is ever shown.
      """,
    remedy: """
      List all states, each once, as the log writes them: `states: [running, finished]`.
      """,
    triggers: """
      metrics:
        trainer_phase: { type: stateset, help: What the trainer does }
      """,
    passes: """
      metrics:
        trainer_phase: { type: stateset, help: What the trainer does, states: [running, finished] }
      """
  )
}

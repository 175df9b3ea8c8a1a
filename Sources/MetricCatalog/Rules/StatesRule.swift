internal import Diagnostics
internal import MetricModel

/// A stateset has states, each once.
enum StatesRule: Rule {
  private static let states = RuleID("stateset/states", "a stateset without states, or with an empty one, or one twice")
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

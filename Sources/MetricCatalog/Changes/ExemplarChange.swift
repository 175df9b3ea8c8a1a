/// The labels of exemplars.
enum ExemplarChange: ChangeRule {
  private static let exemplar = RuleID(
    "diff/exemplar",
    .caution,
    "the exemplars of a metric have other labels, or are gone",
    why:
      "Links from a graph to what it came from, such as a trace or a step, lead elsewhere or are gone. Values stay as they are.",
    remedy: "Check the links in dashboards that go by labels of exemplars.",
    triggers: """
      metrics:
        steps_total: { type: counter, help: Steps }
      watchers:
        trainer:
          files: log.csv
          format: csv
          fields: { steps: { metric: steps_total, exemplar: { step: "{.step}" } } }
      ---
      metrics:
        steps_total: { type: counter, help: Steps }
      watchers:
        trainer:
          files: log.csv
          format: csv
          fields: { steps: { metric: steps_total, exemplar: { step: "{.number}" } } }
      """
  )
  static let ids = [exemplar]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.metricsFedOtherwise {
      for case (let old?, let new?) in pair.changedFeeds.map({ ($0.old, $0.new) }) {
        guard let before = old.target?.exemplar, let after = new.target?.exemplar else { continue }
        let then = Dictionary(before.map { ($0.name, comparison.old.shown($0.text)) }) { first, _ in first }
        let now = Dictionary(after.map { ($0.name, comparison.new.shown($0.text)) }) { first, _ in first }
        // A first exemplar changes nothing that there was.
        guard then != now, !then.isEmpty else { continue }
        let range = new.declared?.exemplar.range ?? comparison.new.place(of: new)
        let was = old.declared?.exemplar.range ?? comparison.old.place(of: old)
        let help = "check links in dashboards that go by labels of exemplars"
        report.add(exemplar, at: range, was: was, help: help, of: [pair.new.name]) {
          "the exemplars of \($0) \(now.isEmpty ? "are gone" : "have other labels")"
        }
      }
    }
  }
}

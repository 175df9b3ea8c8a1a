internal import Diagnostics
internal import MetricModel

/// `unit:` is what the name ends in.
enum MetricUnitRule: Rule {
  static let ids = [unit]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics {
      guard let type = metric.type.value, let text = metric.unit.value else { continue }
      if type == .info || type == .stateset {
        report.add(unit, "a \(type.rawValue) has no unit", at: metric.unit.name, help: "remove `unit`")
      } else if text.value.isEmpty || !metric.familyName.hasSuffix("_" + text.value) {
        let suffix = type == .counter ? "_\(text.value)_total" : "_\(text.value)"
        let message = "the name `\(metric.name.value)` does not end in its unit"
        let written = metric.familyName.split(separator: "_").last.map(String.init) ?? ""
        let isMeant = BaseUnitRule.base(of: text.value) == written || text.value + "s" == written
        let help = isMeant ? "write `unit: \(written)`" : "end the name in `\(suffix)`, or remove `unit`"
        report.add(unit, message, at: text.range, help: help)
      }
    }
  }
}

extension MetricUnitRule {
  private static let unit = RuleID(
    "metric/unit",
    .error,
    "a unit that is not the name's ending, or an info or stateset with one",
    why: """
      OpenMetrics refuses a unit that is not the end of the name, and a name that says one unit while `unit` says \
      another misleads whoever builds the graph.
      """,
    remedy: """
      End the name in the unit, written in full and in the plural: `unit: seconds` for `x_seconds`, or for the \
      counter `x_seconds_total`. An info and a stateset have no unit.
      """,
    triggers: """
      metrics:
        step_time: { type: gauge, help: Time of the latest step, unit: seconds }
      """,
    passes: """
      metrics:
        step_time_seconds: { type: gauge, help: Time of the latest step, unit: seconds }
      """
  )
}

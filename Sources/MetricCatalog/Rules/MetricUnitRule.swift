internal import Diagnostics
internal import MetricModel

/// `unit:` is what the name ends in.
enum MetricUnitRule: Rule {
  private static let unit = RuleID(
    "metric/unit",
    "a unit that is not the name's ending, or an info or stateset with one"
  )
  static let ids = [unit]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics {
      guard let type = metric.type.value, let text = metric.unit.value else { continue }
      if type == .info || type == .stateset {
        report.add(unit, "a \(type.rawValue) has no unit", at: metric.unit.name, help: "remove `unit`")
      } else if text.value.isEmpty || !metric.familyName.hasSuffix("_" + text.value) {
        let suffix = type == .counter ? "_\(text.value)_total" : "_\(text.value)"
        let message = "the name `\(metric.name.value)` does not end in its unit"
        report.add(unit, message, at: text.range, help: "end the name in `\(suffix)`, or remove `unit`")
      }
    }
  }
}

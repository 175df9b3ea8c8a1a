/// A metric whose declared unit is another.
enum UnitChange: ChangeRule {
  private static let unit = RuleID(
    "diff/unit",
    .caution,
    "a metric's declared unit is another, or is new or gone",
    why: """
      OpenMetrics and Prometheus' metadata show the unit. It also decides whether texts such as `1:02:03` are durations. \
      The numbers themselves stay as they are, unless `scale` or the field changes too.
      """,
    remedy: "Check that the values are still in the unit that queries expect.",
    triggers: """
      metrics:
        data_kilo_bytes: { type: gauge, help: Data read, unit: bytes, allow: [metric/base-unit] }
      ---
      metrics:
        data_kilo_bytes: { type: gauge, help: Data read, unit: kilo_bytes, allow: [metric/base-unit] }
      """
  )
  static let ids = [unit]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.changedMetrics where pair.old.descriptor.unit != pair.new.descriptor.unit {
      let before = pair.old.descriptor.unit.map { "`\($0)`" } ?? "none"
      let after = pair.new.descriptor.unit.map { "`\($0)`" } ?? "none"
      report.add(
        unit,
        at: pair.place(\.unit),
        was: pair.was(\.unit),
        help: "check that the values are in the unit that queries expect"
      ) { _ in "the unit of metric `\(pair.new.name)` is \(after) now, and was \(before)" }
    }
  }
}

internal import Diagnostics

/// Metrics are in base units: seconds, bytes, ratios.
enum BaseUnitRule: Rule {
  static let ids = [baseUnit]

  private static let bases: [String: [String]] = [
    "seconds": [
      "second", "nanoseconds", "microseconds", "milliseconds", "minutes", "hours", "days", "weeks", "ns", "us", "ms",
      "sec",
      "secs",
    ],
    "bytes": [
      "byte", "bits", "kilobytes", "megabytes", "gigabytes", "terabytes", "kibibytes", "mebibytes", "gibibytes", "kb",
      "mb",
      "gb",
      "kib", "mib", "gib",
    ],
    "ratio": ["percent", "percentage", "pct"],
    "celsius": ["fahrenheit", "kelvin"],
    "meters": ["millimeters", "centimeters", "kilometers", "inches", "feet", "miles"],
    "grams": ["milligrams", "kilograms"],
    "volts": ["millivolts", "kilovolts"],
    "amperes": ["milliamperes"],
    "joules": ["kilojoules", "calories", "kwh"],
  ]
  private static let baseOf = Dictionary(
    uniqueKeysWithValues: bases.flatMap { base, others in others.map { ($0, base) } }
  )

  /// The base unit that should stand instead of this one; nil: it is one, or no unit.
  static func base(of unit: String) -> String? { baseOf[unit.lowercased()] }

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics {
      let name = metric.familyName
      let words = name.split(separator: "_")
      // `tokens_per_second` is a ratio of two units.
      guard let last = words.last, let base = base(of: String(last)), words.dropLast().last != "per" else { continue }
      let offset = name.utf8.count - last.utf8.count
      report.add(
        baseUnit,
        "use base unit `\(base)` instead of `\(last)`",
        at: metric.name.range(of: offset..<name.utf8.count),
        help: "`scale` of a target converts; `allow: [metric/base-unit]` keeps the name",
        waivedBy: [metric.allow]
      )
    }
  }
}

extension BaseUnitRule {
  private static let baseUnit = RuleID(
    "metric/base-unit",
    .warning,
    "a name with a unit that is not a base unit, or is abbreviated",
    why: """
      Prometheus has one unit for each kind of quantity: seconds, bytes, ratios from 0 to 1. Panels convert those by \
      themselves. A metric in milliseconds beside one in seconds is a factor of 1,000 that somebody forgets.
      """,
    remedy: """
      Rename the metric, and convert with `scale`: `{ metric: step_time_seconds, scale: 0.001 }`. To keep a name that \
      dashboards already use, write `allow: [metric/base-unit]`.
      """,
    triggers: """
      metrics:
        step_time_ms: { type: gauge, help: Time of the latest step }
      """,
    passes: """
      metrics:
        step_time_seconds: { type: gauge, help: Time of the latest step }
      """
  )
}

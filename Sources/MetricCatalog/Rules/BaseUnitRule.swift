internal import Diagnostics

/// Metrics are in base units: seconds, bytes, ratios.
enum BaseUnitRule: Rule {
  private static let baseUnit = RuleID(
    "metric/base-unit",
    .warning,
    "a name with a unit that is not a base unit, or is abbreviated"
  )
  static let ids = [baseUnit]

  private static let bases: [String: [String]] = [
    "seconds": [
      "nanoseconds", "microseconds", "milliseconds", "minutes", "hours", "days", "weeks", "ns", "us", "ms", "sec",
      "secs",
    ],
    "bytes": [
      "bits", "kilobytes", "megabytes", "gigabytes", "terabytes", "kibibytes", "mebibytes", "gibibytes", "kb", "mb",
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

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics where !metric.allows(baseUnit) {
      let name = metric.familyName
      guard let last = name.split(separator: "_").last, let base = baseOf[last.lowercased()] else { continue }
      let offset = name.utf8.count - last.utf8.count
      report.add(
        baseUnit,
        "use base unit `\(base)` instead of `\(last)`",
        at: metric.name.range(of: offset..<name.utf8.count),
        help: "`scale` of a target converts; `allow: [metric/base-unit]` keeps the name"
      )
    }
  }
}

internal import Diagnostics
internal import MetricModel

/// Keys that only some types of metric have.
enum TypeKeysRule: Rule {
  private static let key = RuleID(
    "metric/type-key",
    "a key that the metric's type does not have, such as `buckets` of a gauge"
  )
  static let ids = [key]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics {
      guard let type = metric.type.value else { continue }
      for other in MetricDeclaration.keys where !other.types.isEmpty && !other.types.contains(type) {
        guard let range = other.range(in: metric) else { continue }
        let owner = other.types.map(\.rawValue).joined(separator: " or ")
        report.add(
          key,
          "`\(other.name)` belongs to a \(owner), and `\(metric.name.value)` is a \(type.rawValue)",
          at: range,
          help: "remove it, or change the type"
        )
      }
    }
  }
}

internal import Diagnostics
internal import MetricModel

/// Keys that only some types of metric have.
enum TypeKeysRule: Rule {
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

extension TypeKeysRule {
  private static let key = RuleID(
    "metric/type-key",
    .error,
    "a key that the metric's type does not have, such as `buckets` of a gauge",
    why: """
      The key would do nothing. Whoever gives buckets to a gauge expects a histogram, and would find no quantiles \
      when they are needed.
      """,
    remedy: """
      Change the type, or remove the key.
      """,
    triggers: """
      metrics:
        step_seconds: { type: gauge, help: Time of a step, buckets: [0.1, 1, 10] }
      """,
    passes: """
      metrics:
        step_seconds: { type: histogram, help: Time of a step, buckets: [0.1, 1, 10] }
      """
  )
}

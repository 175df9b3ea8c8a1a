internal import Diagnostics
internal import MetricModel

/// How metric names are commonly written: snake_case, without the type in them.
enum MetricNameStyleRule: Rule {
  private static let snakeCase = RuleID("metric/snake-case", .warning, "a metric's name is in camelCase")
  private static let typeInName = RuleID("metric/type-in-name", .warning, "a metric's name has its type in it")
  static let ids = [snakeCase, typeInName]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics where NameSyntax.isMetricName(metric.name.value) {
      let name = metric.name.value
      if isCamelCase(name), !metric.allows(snakeCase) {
        report.add(snakeCase, "metric names are written in snake_case, not camelCase", at: metric.name.range)
      }
      guard let type = metric.type.value, type != .info, !metric.allows(typeInName) else { continue }
      if name.split(separator: "_").contains(where: { $0 == type.rawValue }) {
        report.add(typeInName, "a metric's name should not include its type, `\(type.rawValue)`", at: metric.name.range)
      }
    }
  }

  private static func isCamelCase(_ name: String) -> Bool {
    zip(name.utf8, name.utf8.dropFirst()).contains { (0x61...0x7A).contains($0) && (0x41...0x5A).contains($1) }
  }
}

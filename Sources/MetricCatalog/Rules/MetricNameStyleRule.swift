internal import Diagnostics
internal import MetricModel

/// How metric names are commonly written: snake_case, without the type in them.
enum MetricNameStyleRule: Rule {
  static let ids = [snakeCase, typeInName]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics where NameSyntax.isMetricName(metric.name.value) {
      let name = metric.name.value
      if isCamelCase(name) {
        let message = "metric names are written in snake_case, not camelCase"
        report.add(snakeCase, message, at: metric.name.range, waivedBy: [metric.allow])
      }
      guard let type = metric.type.value, type != .info else { continue }
      if name.split(separator: "_").contains(where: { $0 == type.rawValue }) {
        let message = "a metric's name should not include its type, `\(type.rawValue)`"
        report.add(typeInName, message, at: metric.name.range, waivedBy: [metric.allow])
      }
    }
  }

  private static func isCamelCase(_ name: String) -> Bool {
    zip(name.utf8, name.utf8.dropFirst()).contains { (0x61...0x7A).contains($0) && (0x41...0x5A).contains($1) }
  }
}

extension MetricNameStyleRule {
  private static let snakeCase = RuleID(
    "metric/snake-case",
    .warning,
    "a metric's name is in camelCase",
    why: """
      All of Prometheus writes names in lower case with `_`. Names are case-sensitive in PromQL, so one in another \
      style is mistyped again and again.
      """,
    remedy: """
      Write `train_loss` instead of `trainLoss`. `allow: [metric/snake-case]` keeps a name that is known like that, \
      such as `mAP`.
      """,
    triggers: """
      metrics:
        trainLoss: { type: gauge, help: Training loss }
      """,
    passes: """
      metrics:
        train_loss: { type: gauge, help: Training loss }
      """
  )

  private static let typeInName = RuleID(
    "metric/type-in-name",
    .warning,
    "a metric's name has its type in it",
    why: """
      The type is part of the metric already. A name that repeats it says something wrong as soon as the type \
      changes, and a changed name breaks every dashboard.
      """,
    remedy: """
      Leave the word out: `loss` instead of `loss_gauge`. `allow: [metric/type-in-name]` keeps the name.
      """,
    triggers: """
      metrics:
        loss_gauge: { type: gauge, help: Training loss }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Training loss }
      """
  )
}

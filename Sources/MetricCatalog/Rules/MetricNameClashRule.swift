internal import Diagnostics
internal import MetricModel

/// No two metrics expose the same name: a histogram `x` also makes `x_bucket`, OpenMetrics calls the counter `x_total`
/// the family `x`.
enum MetricNameClashRule: Rule {
  static let ids = [clash]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    // By place: declarations are large.
    var owners: [String: Int] = [:]
    for (place, metric) in catalog.metrics.enumerated() {
      let names = exposedNames(metric)
      if let (name, owner) = names.lazy.compactMap({ name in owners[name].map { (name, catalog.metrics[$0]) } }).first {
        report.add(
          clash,
          "`\(metric.name.value)` and `\(owner.name.value)` both expose the name `\(name)`",
          at: metric.name.range,
          related: [Diagnostic.Related(range: owner.name.range, note: "`\(owner.name.value)` is declared here")],
          help: "rename one of them"
        )
      }
      for name in names where owners[name] == nil { owners[name] = place }
    }
  }

  /// The full name first, since it says most in a message.
  private static func exposedNames(_ metric: MetricDeclaration) -> [String] {
    let name = metric.name.value
    let family = metric.familyName
    return switch metric.type.value {
    case .counter: [name, family, family + "_created"]
    case .histogram: [name, name + "_bucket", name + "_sum", name + "_count", name + "_created"]
    case .summary: [name, name + "_sum", name + "_count", name + "_created"]
    case .info: [name, family]
    case .gauge, .stateset: [name]
    case nil: []
    }
  }
}

extension MetricNameClashRule {
  private static let clash = RuleID(
    "metric/name-clash",
    .error,
    "two metrics expose the same name",
    why: """
      Two metrics that expose one name make a response that Prometheus refuses as a whole, or whose series cannot be \
      told apart.
      """,
    remedy: """
      Rename one of them. A histogram `x` also makes `x_bucket`, `x_sum` and `x_count`, and in OpenMetrics the \
      counter `x_total` and the info `x_info` are both called `x`.
      """,
    triggers: """
      metrics:
        images_total: { type: counter, help: Images processed }
        images: { type: gauge, help: Images in the data set }
      """,
    passes: """
      metrics:
        images_total: { type: counter, help: Images processed }
        dataset_images: { type: gauge, help: Images in the data set }
      """
  )
}

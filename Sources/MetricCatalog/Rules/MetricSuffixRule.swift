internal import Diagnostics
internal import MetricModel

/// Endings of metric names that belong to one type: `_total` to counters, `_info` to infos, and those that histograms
/// and summaries make.
enum MetricSuffixRule: Rule {
  private static let total = RuleID("metric/total", "a counter's name does not end in `_total`, or another's does")
  private static let info = RuleID("metric/info", "an info's name does not end in `_info`")
  private static let reserved = RuleID(
    "metric/reserved-suffix",
    .warning,
    "a name ends in `_info`, `_count`, `_sum`, `_bucket` or `_created`"
  )
  static let ids = [total, info, reserved]

  private static let madeSuffixes = ["_count", "_sum", "_bucket", "_created"]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics {
      guard let type = metric.type.value else { continue }
      let name = metric.name.value
      let isTotal = name.hasSuffix("_total")
      if type == .counter, !isTotal {
        let message = "a counter's name ends in `_total`"
        report.add(total, message, at: metric.name.range, help: "call it `\(name)_total`")
      } else if type != .counter, isTotal {
        let message = "only a counter's name ends in `_total`, and this is a \(type.rawValue)"
        report.add(total, message, at: metric.name.range, help: "call it `\(name.dropLast(6))`, or make it a counter")
      } else if type == .info, !name.hasSuffix("_info") {
        report.add(info, "an info's name ends in `_info`", at: metric.name.range, help: "call it `\(name)_info`")
      } else if let suffix = reservedSuffix(name, type), !metric.allows(reserved) {
        report.add(reserved, "a \(type.rawValue)'s name should not end in `\(suffix)`", at: metric.name.range)
      }
    }
  }

  private static func reservedSuffix(_ name: String, _ type: MetricType) -> String? {
    if type != .info, name.hasSuffix("_info") { return "_info" }
    return madeSuffixes.first { name.hasSuffix($0) }
  }
}

internal import Diagnostics
internal import MetricModel

/// Endings of metric names that belong to one type: `_total` to counters, `_info` to infos, and those that histograms
/// and summaries make.
enum MetricSuffixRule: Rule {
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
      } else if let suffix = reservedSuffix(name, type) {
        let message = "a \(type.rawValue)'s name should not end in `\(suffix)`"
        report.add(reserved, message, at: metric.name.range, waivedBy: [metric.allow])
      }
    }
  }

  private static func reservedSuffix(_ name: String, _ type: MetricType) -> String? {
    if type != .info, name.hasSuffix("_info") { return "_info" }
    return madeSuffixes.first { name.hasSuffix($0) }
  }
}

extension MetricSuffixRule {
  private static let total = RuleID(
    "metric/total",
    .error,
    "a counter's name does not end in `_total`, or another's does",
    why: """
      OpenMetrics requires `_total` of a counter's samples, and people and tools rely on it: a name in `_total` goes \
      into `rate()`, any other does not. The wrong ending gives graphs that look right and are not.
      """,
    remedy: """
      End a counter in `_total`, and nothing else. Ask whether the value may ever fall: if it may, it is a gauge.
      """,
    triggers: """
      metrics:
        images: { type: counter, help: Images processed }
      """,
    passes: """
      metrics:
        images_total: { type: counter, help: Images processed }
      """
  )

  private static let info = RuleID(
    "metric/info",
    .error,
    "an info's name does not end in `_info`",
    why: """
      OpenMetrics requires `_info` of an info's samples. In queries the ending says that the value is always 1, and \
      that the labels are what counts.
      """,
    remedy: """
      End the name in `_info`. If it has a value, it is a gauge; if it has states, a stateset.
      """,
    triggers: """
      metrics:
        trainer: { type: info, help: The trainer, constant: { version: "1.0" } }
      """,
    passes: """
      metrics:
        trainer_info: { type: info, help: The trainer, constant: { version: "1.0" } }
      """
  )

  private static let reserved = RuleID(
    "metric/reserved-suffix",
    .warning,
    "a name ends in `_info`, `_count`, `_sum`, `_bucket` or `_created`",
    why: """
      Histograms and summaries make series that end in `_count`, `_sum` and `_bucket`; `_created` and `_info` have a \
      meaning, too. Whoever reads the query takes the metric for a part of something else.
      """,
    remedy: """
      Choose another ending: `loss_sum` may be called `summed_loss`, and `image_count` `images`. `allow: \
      [metric/reserved-suffix]` keeps the name.
      """,
    triggers: """
      metrics:
        image_count: { type: gauge, help: Images in the data set }
      """,
    passes: """
      metrics:
        dataset_images: { type: gauge, help: Images in the data set }
      """
  )
}

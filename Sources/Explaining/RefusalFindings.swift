internal import Ingest
internal import MetricRegistry

/// Samples that the registry refused.
extension WatcherView {
  var samplesRefused: [Finding] {
    sight.refused.map { sample in
      let refused = sample.what
      let said = refused.label.isEmpty ? "" : " \(refused.label)=\"\(refused.value)\""
      return finding(
        .refused,
        "\(refused.metric) refuses\(said.isEmpty ? " a value" : said) of \(sample.file): "
          + RefusalText.text(refused.reason.rawValue, refused.label),
        file: sample.file,
        metric: refused.metric,
        help: RefusalText.help(refused.reason)
      )
    }
  }
}

/// The reasons of `training_exporter_rejections_total` in words.
package enum RefusalText {
  package static func text(_ reason: String, _ label: String) -> String {
    let words =
      switch Rejection.Reason(rawValue: reason) {
      case .labelMissing: "`\(label)` has no value"
      case .labelValue: "the catalog does not list this value of `\(label)`"
      case .labelTooLong: "this value of `\(label)` is too long"
      case .labelMaxValues: "`\(label)` has its `max_values` already"
      case .metricMaxSeries: "the metric has its `max_series` already"
      case .registryMaxSeries: "there are as many series as `limits` allow"
      case .negativeIncrement: "a counter cannot fall"
      case .notANumber: "NaN cannot be counted"
      case .notFinite: "a sum would stay infinite for ever"
      default: "it is not allowed"
      }
    return "\(words) (\(reason))"
  }

  /// What to do about it.
  static func help(_ reason: Rejection.Reason) -> String? {
    switch reason {
    case .labelMissing: "the record lacks the field that the label takes its value from: filter with `where`"
    case .labelValue: "add the value to those that the catalog lists, or collect others by `otherwise`"
    case .labelMaxValues: "raise `max_values`, let old ones go by `evict: oldest`, or collect others by `otherwise`"
    case .metricMaxSeries: "raise the metric's `max_series`"
    case .registryMaxSeries: "raise `limits: { series: … }`"
    case .negativeIncrement: "a total that the log keeps itself is fed `from: running_total`; what may fall is a gauge"
    default: nil
    }
  }
}

internal import Diagnostics
internal import MetricModel

/// The values that are written down do not alone exceed the limit of series.
enum SeriesCountRule: Rule {
  static let ids = [tooMany]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    let defaults = RegistryLimits()
    for metric in catalog.metrics {
      let limit = metric.maxSeries.value ?? catalog.limits.seriesPerMetric.value ?? defaults.seriesPerMetric
      var count = perChild(metric)
      for label in metric.labels.value ?? [] {
        let (product, overflow) = count.multipliedReportingOverflow(by: combinations(catalog.label(label.value)))
        count = overflow ? Int.max : product
      }
      guard count > limit else { continue }
      report.add(
        tooMany,
        "the labels of `\(metric.name.value)` allow \(count == Int.max ? "far more" : "\(count)") time series, and the limit is \(limit)",
        at: metric.name.range,
        help: "shorten `values`, add `max_values`, or raise `max_series`",
        waivedBy: [metric.allow]
      )
    }
  }

  /// An open label counts 1 here: how many of its values come with the others is not known.
  private static func combinations(_ label: LabelDeclaration?) -> Int {
    let written: Int
    switch label?.values.value {
    case nil: return 1
    case .list(let values): written = max(values.count, 1)
    // A range cannot be longer than `Int.max`: decoding refuses it.
    case .range(let range): written = min(range.upperBound - range.lowerBound, Int.max - 1) + 1
    }
    return min(written, label?.maxValues.value ?? Int.max)
  }

  private static func perChild(_ metric: MetricDeclaration) -> Int {
    let defaults = metric.native.isGiven ? 0 : MetricDescriptor.defaultBuckets.count
    let created = metric.created.value ?? false ? 1 : 0
    return switch metric.type.value {
    case .counter: 1 + created
    case .histogram: (metric.buckets.value?.bounds.count ?? defaults) + 3 + created
    case .summary: (metric.quantiles.value?.count ?? 0) + 2 + created
    case .stateset: max(metric.states.value?.count ?? 1, 1)
    case .gauge, .info, nil: 1
    }
  }
}

extension SeriesCountRule {
  static let tooMany = RuleID(
    "metric/too-many-series",
    .warning,
    "closed labels alone can exceed the limit of series",
    why: """
      The values of the labels multiply. When the limit is reached, further series are rejected, and which ones are \
      shown depends on which came first. Without the limit it would be Prometheus' memory.
      """,
    remedy: """
      Shorten `values`, give a label a `max_values`, or take a label away. If the number is meant, raise the metric's \
      `max_series`.
      """,
    triggers: """
      labels:
        image: { values: 0..9999 }
        class: { values: 0..79 }
      metrics:
        detections: { type: gauge, help: Detections in the image, labels: [image, class] }
      """,
    passes: """
      labels:
        class: { values: 0..79 }
      metrics:
        detections: { type: gauge, help: Detections in the latest image, labels: [class] }
      """
  )
}

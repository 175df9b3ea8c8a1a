internal import Diagnostics

/// How many series and label values there may be, and how long a line.
enum LimitsChange: ChangeRule {
  private static let lowered = RuleID(
    "diff/limit-lowered",
    .caution,
    "a limit is lower, or is new",
    why: """
      What is over the limit is rejected, or makes older series end. Nothing is wrong as long as the limit is not \
      reached: `training_exporter_rejections_total` and the exporter's own limits say how close it is.
      """,
    remedy: "Compare the new limit with what the running exporter has.",
    triggers: """
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      ---
      labels: { run: { max_values: 10 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      """,
    passes: """
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      ---
      limits: { series: 100000 }
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run], max_series: 10000 }
      """
  )
  private static let raised = RuleID(
    "diff/limit-raised",
    .note,
    "a limit is higher, or is gone",
    why: "It breaks nobody. The exporter may need more memory, and Prometheus gets more series.",
    remedy: "Nothing has to be done.",
    triggers: """
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      ---
      labels: { run: { max_values: 500 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      """
  )
  static let ids = [lowered, raised]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    let (old, new) = (comparison.old, comparison.new)
    let (before, after) = (old.catalog.limits, new.catalog.limits)
    for (name, then, now, key) in [
      ("series", before.registry.series, after.registry.series, \CatalogDeclaration.limits.series),
      (
        "series_per_metric", before.registry.seriesPerMetric, after.registry.seriesPerMetric,
        \CatalogDeclaration.limits.seriesPerMetric
      ),
      ("line_bytes", before.lineBytes, after.lineBytes, \CatalogDeclaration.limits.lineBytes),
    ] {
      let places = (new.declaration[keyPath: key].range ?? new.start, old.declaration[keyPath: key].range ?? old.start)
      add("`\(name)`", then, now, places, report)
    }
    for (then, now) in comparison.labels {
      guard let first = old.declaration.label(then.name), let second = new.declaration.label(now.name) else { continue }
      let places = (
        LabelDeclaration.place(\.maxValues, first, second), LabelDeclaration.place(\.maxValues, second, first)
      )
      add("`max_values` of label `\(now.name)`", then.maxValues, now.maxValues, places, report)
    }
    for pair in comparison.metrics {
      let (then, now) = (pair.old.descriptor.maxSeries, pair.new.descriptor.maxSeries)
      guard then != now else { continue }
      add(
        "`max_series` of metric `\(pair.new.name)`",
        then ?? before.registry.seriesPerMetric,
        now ?? after.registry.seriesPerMetric,
        (pair.place(\.maxSeries), pair.was(\.maxSeries)),
        report
      )
    }
  }

  /// - Parameters:
  ///   - before: nil, like `after`: there is no limit.
  private static func add(
    _ what: String,
    _ before: Int?,
    _ after: Int?,
    _ places: (range: SourceRange, was: SourceRange),
    _ report: ChangeReport
  ) {
    guard before != after else { return }
    let isLower = (after ?? Int.max) < (before ?? Int.max)
    report.add(
      isLower ? lowered : raised,
      at: places.range,
      was: places.was,
      help: isLower ? "compare it with what the running exporter has" : "nothing has to be done"
    ) { _ in
      let now = after.map { "\($0)" } ?? "not limited"
      return "\(what) is \(now) now, \(before.map { "not \($0)" } ?? "and was not limited")"
    }
  }
}

internal import MetricCatalog
internal import PromQL

/// `histogram_quantile` gets the label `le` of classic buckets, or a native histogram.
enum MissingBoundCheck: QueryCheck {
  static let ids = [missing]

  static func check(_ query: CheckedQuery, _ report: QueryReport) {
    query.expression.walk { part in
      guard case .call(let call) = part.kind, let function = call.function,
        ["histogram_quantile", "histogram_fraction", "histogram_quantiles"].contains(function.name),
        let argument = call.arguments.first(where: { $0.type == .instantVector }),
        !query.known.labels(of: argument).has("le")
      else { return }
      var isNative = false
      var isLost = false
      argument.walk { inner in
        guard let series = inner.selector.flatMap(query.known.series) else { return }
        if series.kind == .buckets || series.labels?["le"] != nil {
          isLost = true
        } else if series.kind == .nativeHistogram || series.kind == .recorded {
          isNative = true
        }
      }
      guard !isNative else { return }
      report.add(
        missing,
        "`\(function.name)` needs the label `le`, which is not there",
        at: argument.place.range,
        of: query.found,
        help: isLost ? "keep it: `sum by (le, …)`" : "give it the series of a histogram's buckets, `…_bucket`"
      )
    }
  }
}

extension MissingBoundCheck {
  private static let missing = RuleID(
    "query/quantile-without-le",
    .error,
    "`histogram_quantile` of what has no label `le`",
    why: """
      The buckets of a classic histogram are told apart by `le`. Without it Prometheus gives no quantile at all.
      """,
    remedy: "Add `le` to the `by` inside, and use the series `…_bucket`. A native histogram needs neither.",
    catalog: """
      labels:
        run: { max_values: 50 }
      metrics:
        step_seconds: { type: histogram, help: Time of a step, labels: [run], buckets: [0.1, 1, 10] }
      """,
    triggers: """
      groups:
        - name: training
          rules: [{ alert: Slow, expr: "histogram_quantile(0.9, sum by (run) (rate(step_seconds_bucket[5m]))) > 5" }]
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: Slow, expr: "histogram_quantile(0.9, sum by (run, le) (rate(step_seconds_bucket[5m]))) > 5" }]
      """
  )
}

internal import MetricCatalog
internal import PromQL

/// Quantiles of several series are not averaged or added.
enum QuantileMeanCheck: QueryCheck {
  static let ids = [mean]

  static func check(_ query: CheckedQuery, _ report: QueryReport) {
    query.expression.walk { part in
      guard case .aggregation(let aggregation) = part.kind, let aggregator = aggregation.aggregator,
        aggregator == .avg || aggregator == .sum, let (name, place) = quantiles(aggregation.expression, query.known)
      else { return }
      report.add(
        mean,
        "`\(aggregator.rawValue)` of quantiles is no quantile",
        at: place.range,
        of: query.found,
        help: "`max` gives the worst of them; for the mean divide `\(name)_sum` by `\(name)_count`"
      )
    }
  }

  /// What gives quantiles: series of a summary, or a call.
  private static func quantiles(_ expression: Expression, _ known: KnownMetrics) -> (String, Place)? {
    guard let selector = Bound.selector(expression, overTime: true), let series = known.series(of: selector),
      series.kind == .quantiles, let place = selector.metric?.place,
      !selector.matchers.contains(where: isOfEnd)
    else { return nil }
    return (series.metric, place)
  }

  /// The quantiles 0 and 1 are the smallest and the largest value, which may be put together.
  private static func isOfEnd(_ matcher: Matcher) -> Bool {
    guard case .label(let label, .equal, .quoted(let value)) = matcher.kind, label.name.text == "quantile" else {
      return false
    }
    return value.text == "0" || value.text == "1"
  }
}

extension QuantileMeanCheck {
  private static let mean = RuleID(
    "query/mean-of-quantiles",
    .warning,
    "quantiles of a summary are averaged or added",
    why: """
      The mean of the 90th percentiles of several series is not the 90th percentile of all, and may be far from it: it says \
      nothing about any observation.
      """,
    remedy: """
      Show the quantiles of each series, or the largest with `max`. Where a quantile over several series is wanted, \
      declare a histogram, whose buckets can be added.
      """,
    catalog: """
      labels:
        run: { max_values: 50 }
      metrics:
        save_seconds: { type: summary, help: Time of saving a checkpoint, labels: [run], quantiles: [0.9] }
      """,
    triggers: """
      groups:
        - name: training
          rules: [{ alert: SavesSlowly, expr: "avg(save_seconds) > 60" }]
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: SavesSlowly, expr: "max(save_seconds) > 60" }]
      """
  )
}

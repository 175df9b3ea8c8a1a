internal import MetricCatalog
internal import PromQL

/// Functions for what only grows are not applied to what goes up and down.
enum GaugeRateCheck: QueryCheck {
  static let ids = [rate]

  private static let functions: Set = ["rate", "irate", "increase", "resets"]

  static func check(_ query: CheckedQuery, _ report: QueryReport) {
    query.expression.walk { part in
      guard case .call(let call) = part.kind, let function = call.function, functions.contains(function.name),
        case .rangeSelector(let range)? = call.arguments.first?.unwrapped.kind,
        let series = query.known.series(of: range.selector), series.isGauge, let place = range.selector.metric?.place
      else { return }
      let instead = function.name == "increase" ? "`delta`" : "`deriv` or `delta`"
      let help = series.kind == .gauge ? "\(instead) of a gauge says how much it changes" : nil
      let kind = series.kind == .gauge ? "a gauge" : "no counter"
      report.add(
        rate,
        "`\(function.name)` is for counters, and `\(series.name)` is \(kind)",
        at: place.range,
        of: query.found,
        help: help
      )
    }
  }
}

extension GaugeRateCheck {
  private static let rate = RuleID(
    "query/rate-of-gauge",
    .warning,
    "`rate`, `irate`, `increase` or `resets` of what is no counter",
    why: """
      These functions take each fall of a value for a counter that began anew at 0, and add what it had before. Of a gauge \
      that falls, such as a loss, they give large positive numbers.
      """,
    remedy: "Use `deriv` or `delta` for gauges, and `avg_over_time` or the like to smooth them.",
    catalog: """
      metrics:
        loss: { type: gauge, help: Loss of the last step }
      """,
    triggers: """
      groups:
        - name: training
          rules: [{ alert: LossRises, expr: "rate(loss[10m]) > 0" }]
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: LossRises, expr: "deriv(loss[10m]) > 0" }]
      """
  )
}

internal import MetricCatalog
internal import PromQL

/// Counters are compared with numbers by how fast they grow, since their own value says little.
enum RawCounterCheck: QueryCheck {
  static let ids = [raw]

  static func check(_ query: CheckedQuery, _ report: QueryReport) {
    guard case .alert = query.found.purpose else { return }
    query.expression.walk { part in
      guard case .binary(let binary) = part.kind, binary.operation.isComparison else { return }
      for (side, other) in [(binary.left, binary.right), (binary.right, binary.left)] {
        guard let limit = Bound.number(other), limit != 0, let selector = Bound.selector(side),
          let series = query.known.series(of: selector), series.grows, let place = selector.metric?.place
        else { continue }
        report.add(
          raw,
          "the counter `\(series.name)` grows as long as its source runs",
          at: place.range,
          of: query.found,
          help: "compare how fast it grows: `rate(\(series.name)[5m])`"
        )
      }
    }
  }
}

/// What is compared with a number.
enum Bound {
  /// A number, as it is written.
  static func number(_ expression: Expression) -> Double? {
    switch expression.unwrapped.kind {
    case .number(let number): number.value
    case .unary(let sign, let operand): number(operand).map { sign == .minus ? -$0 : $0 }
    default: nil
    }
  }

  /// The selector whose values are compared, perhaps the largest of them, their mean or the like.
  static func selector(_ expression: Expression, overTime: Bool = false) -> Selector? {
    switch expression.unwrapped.kind {
    case .selector(let selector): return selector
    case .rangeSelector(let range) where overTime: return range.selector
    case .aggregation(let aggregation):
      switch aggregation.aggregator {
      case .avg, .max, .min, .topk, .bottomk, .quantile:
        return selector(aggregation.expression, overTime: overTime)
      case .sum where !overTime: return selector(aggregation.expression)
      default: return nil
      }
    case .call(let call) where overTime:
      let functions = ["avg_over_time", "max_over_time", "min_over_time", "last_over_time", "quantile_over_time"]
      guard let name = call.function?.name, functions.contains(name), let argument = call.arguments.last else {
        return nil
      }
      return selector(argument, overTime: true)
    default: return nil
    }
  }
}

extension RawCounterCheck {
  private static let raw = RuleID(
    "query/raw-counter",
    .warning,
    "an alert compares the value of a counter",
    why: """
      A counter grows from the start of its program and begins anew with it. It exceeds any limit sooner or later, and then \
      the alert fires until the next restart, whatever happens.
      """,
    remedy: """
      Compare `rate` or `increase` of the counter. A comparison with 0, for whether there was any, is not reported.
      """,
    catalog: """
      metrics:
        restarts_total: { type: counter, help: Restarts of the training }
      """,
    triggers: """
      groups:
        - name: training
          rules: [{ alert: ManyRestarts, expr: restarts_total > 5 }]
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: ManyRestarts, expr: "increase(restarts_total[1h]) > 5" }]
      """
  )
}

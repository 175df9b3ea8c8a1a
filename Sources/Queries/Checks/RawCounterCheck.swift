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
        guard let limit = Bound.number(other), limit != 0 else { continue }
        for selector in growing(side, query.known) {
          guard let series = query.known.series(of: selector), let place = selector.metric?.place else { continue }
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

  /// The counters with which a value grows, or shrinks, without end; empty where it is not sure to.
  private static func growing(_ expression: Expression, _ known: KnownMetrics) -> [Selector] {
    if let selector = Bound.selector(expression) {
      return known.series(of: selector)?.grows ?? false ? [selector] : []
    }
    switch expression.unwrapped.kind {
    case .aggregation(let aggregation):
      switch aggregation.aggregator {
      case .avg, .max, .min, .sum, .topk, .bottomk, .quantile: return growing(aggregation.expression, known)
      default: return []
      }
    case .binary(let binary):
      let left = growing(binary.left, known)
      let right = growing(binary.right, known)
      switch binary.operation {
      case .plus: return left + right
      case .times: return left.isEmpty || right.isEmpty ? left + right : []
      // The difference and the ratio of two counters say something, as those of a counter and a plan do.
      case .minus, .divide:
        if !left.isEmpty { return isSteady(binary.right) ? left : [] }
        return isSteady(binary.left) ? right : []
      default: return []
      }
    default: return []
    }
  }

  private static let speeds: Set = ["delta", "deriv", "idelta", "increase", "irate", "rate"]

  /// Whether a value is a number, or made of numbers and speeds. Some of a sum that has a raw counter in it still is.
  private static func isSteady(_ expression: Expression) -> Bool {
    if Bound.number(expression) != nil { return true }
    guard case .binary(let binary) = expression.unwrapped.kind else { return isSpeed(expression) }
    switch binary.operation {
    case .plus where isSpeed(binary.left) || isSpeed(binary.right): return true
    case .plus, .minus, .times, .divide: return isSteady(binary.left) && isSteady(binary.right)
    default: return false
    }
  }

  private static func isSpeed(_ expression: Expression) -> Bool {
    switch expression.unwrapped.kind {
    case .call(let call): call.function.map { speeds.contains($0.name) } ?? false
    case .unary(_, let operand): isSpeed(operand)
    case .aggregation(let aggregation): isSpeed(aggregation.expression)
    default: false
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
      let functions = [
        "avg_over_time", "max_over_time", "min_over_time", "last_over_time", "predict_linear", "quantile_over_time",
      ]
      guard let name = call.function?.name, functions.contains(name),
        let argument = call.arguments.first(where: { $0.type == .rangeVector })
      else { return nil }
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
      Compare `rate` or `increase` of the counter. A comparison with 0, for whether there was any, is not reported, and \
      neither is the ratio or difference of two counters.
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

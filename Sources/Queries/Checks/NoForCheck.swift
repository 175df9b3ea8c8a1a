internal import MetricCatalog
internal import PromQL

/// Alerts about what logs say wait until it is so for a while.
enum NoForCheck: QueryCheck {
  static let ids = [hasty]

  static func check(_ query: CheckedQuery, _ report: QueryReport) {
    guard case .alert(waits: false) = query.found.purpose else { return }
    query.expression.walk { part in
      // What is equal to a number is a state, and what is above 0 has happened at all.
      guard case .binary(let binary) = part.kind, binary.operation.isOrder else { return }
      for (side, other) in [(binary.left, binary.right), (binary.right, binary.left)] {
        guard let limit = Bound.number(other), limit != 0, let selector = Bound.selector(side),
          let series = query.known.series(of: selector), series.isOfLogs, series.kind == .gauge,
          let place = selector.metric?.place
        else { continue }
        report.add(
          hasty,
          "without `for`, one record with such a `\(series.name)` makes it fire",
          at: place.range,
          of: query.found,
          help: "`for: 5m` waits for more; `for: 0s` says that one is enough"
        )
      }
    }
  }
}

extension BinaryOperator {
  fileprivate var isOrder: Bool {
    switch self {
    case .less, .lessOrEqual, .greater, .greaterOrEqual: true
    default: false
    }
  }
}

extension NoForCheck {
  private static let hasty = RuleID(
    "query/no-for",
    .note,
    "an alert without `for` compares what single records of a log say",
    why: """
      A gauge that a log feeds has the value of the newest record. One loss that is too high fires the alert, and the next \
      record ends it. Where series end with their logs (`expire_after`), the alert also ends with them, and fires anew \
      with the next run.
      """,
    remedy: """
      Write a `for` in which several records come, or compare `avg_over_time` or the like. Where one record is enough, \
      `for: 0s` says so. `keep_firing_for` keeps an alert over the end of its series. The states of runs need no `for`: \
      they wait themselves until they are sure.
      """,
    catalog: """
      metrics:
        loss: { type: gauge, help: Loss of the last step }
      watchers:
        log: { files: log.csv, format: csv, fields: { loss: loss } }
      """,
    triggers: """
      groups:
        - name: training
          rules: [{ alert: LossHigh, expr: loss > 100 }]
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: LossHigh, expr: loss > 100, for: 10m }]
      """
  )
}

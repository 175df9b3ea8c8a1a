internal import MetricCatalog
internal import PromQL

/// Ratios are not compared as if they were percentages.
enum PercentCheck: QueryCheck {
  static let ids = [percent]

  /// What is above is no share, and what is above 100 no percentage.
  private static let suspicious = 1.5...100

  static func check(_ query: CheckedQuery, _ report: QueryReport) {
    query.expression.walk { part in
      guard case .binary(let binary) = part.kind, binary.operation.isComparison else { return }
      for (side, other) in [(binary.left, binary.right), (binary.right, binary.left)] {
        guard let limit = Bound.number(other), suspicious.contains(limit),
          let selector = Bound.selector(side, overTime: true),
          let series = query.known.series(of: selector), series.isRatio
        else { continue }
        report.add(
          percent,
          "`\(series.name)` is a ratio, where 1 is all",
          at: other.place.range,
          of: query.found,
          help: "for \(text(limit)) per cent write \(text(limit / 100))"
        )
      }
    }
  }

  private static func text(_ number: Double) -> String {
    number == number.rounded() ? String(Int(number)) : String((number * 1e6).rounded() / 1e6)
  }
}

extension PercentCheck {
  private static let percent = RuleID(
    "query/ratio-as-percent",
    .warning,
    "a ratio is compared with what looks like a percentage",
    why: """
      The values of a metric in the unit `ratio` lie between 0 and 1, so that it is never above 90: the alert never fires.
      """,
    remedy: "Compare with a share: 90 per cent are 0.9.",
    catalog: """
      metrics:
        gpu_utilization_ratio: { type: gauge, help: Share of the time that the GPU works, unit: ratio }
      """,
    triggers: """
      groups:
        - name: training
          rules: [{ alert: GPUIdle, expr: gpu_utilization_ratio < 20 }]
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: GPUIdle, expr: gpu_utilization_ratio < 0.2 }]
      """
  )
}

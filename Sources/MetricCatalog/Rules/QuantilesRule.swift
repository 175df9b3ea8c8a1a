internal import Diagnostics

/// Quantiles lie in 0…1, each once.
enum QuantilesRule: Rule {
  static let ids = [quantiles]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics {
      var seen: Set<Double> = []
      for quantile in metric.quantiles.value ?? [] {
        if !(0...1).contains(quantile.value) {
          report.add(
            quantiles,
            "a quantile lies between 0 and 1",
            at: quantile.range,
            help: "the 99th percentile is 0.99"
          )
        } else if !seen.insert(quantile.value).inserted {
          report.add(quantiles, "this quantile is here twice", at: quantile.range)
        }
      }
    }
  }
}

extension QuantilesRule {
  private static let quantiles = RuleID(
    "summary/quantiles",
    .error,
    "a quantile outside 0…1, or twice",
    why: """
      A quantile is a share of the observations. 99 is not one, and the exporter would have nothing to show for it.
      """,
    remedy: """
      Write shares: the median is `0.5`, the 99th percentile `0.99`. Each stands once.
      """,
    triggers: """
      metrics:
        step_seconds: { type: summary, help: Time of a step, quantiles: [0.5, 99] }
      """,
    passes: """
      metrics:
        step_seconds: { type: summary, help: Time of a step, quantiles: [0.5, 0.99] }
      """
  )
}

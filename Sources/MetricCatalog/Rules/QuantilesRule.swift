internal import Diagnostics

/// Quantiles lie in 0…1, each once.
enum QuantilesRule: Rule {
  private static let quantiles = RuleID("summary/quantiles", "a quantile outside 0…1, or twice")
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

internal import Diagnostics

/// Native buckets of a histogram.
enum NativeHistogramChange: ChangeRule {
  private static let removed = RuleID(
    "diff/native-removed",
    .breaking,
    "a histogram has no native buckets any more",
    why: "Queries of the native histogram, such as `histogram_quantile(0.9, rate(x[5m]))`, give nothing.",
    remedy: "Keep `native`, beside the classic `buckets` if both are wanted.",
    triggers: """
      metrics:
        step_seconds: { type: histogram, help: Time of a step, buckets: [0.1, 1], native: { factor: 1.1 } }
      ---
      metrics:
        step_seconds: { type: histogram, help: Time of a step, buckets: [0.1, 1] }
      """,
    passes: """
      metrics:
        step_seconds: { type: histogram, help: Time of a step, native: { factor: 1.1 } }
      ---
      metrics:
        step_seconds: { type: histogram, help: Time of a step, native: { factor: 1.1, max_buckets: 160 } }
      """
  )
  private static let added = RuleID(
    "diff/native-added",
    .caution,
    "a histogram has native buckets now",
    why: """
      A Prometheus that reads native histograms keeps only these by default, and drops the series `x_bucket` that \
      queries ask for.
      """,
    remedy: """
      Set `always_scrape_classic_histograms: true` for the scrape (before Prometheus 3: `scrape_classic_histograms`) \
      until queries are changed.
      """,
    triggers: """
      metrics:
        step_seconds: { type: histogram, help: Time of a step, buckets: [0.1, 1] }
      ---
      metrics:
        step_seconds: { type: histogram, help: Time of a step, buckets: [0.1, 1], native: { factor: 1.1 } }
      """
  )
  private static let resolution = RuleID(
    "diff/native-resolution",
    .note,
    "a histogram's native buckets have another width or limit",
    why: "Quantiles become more exact or less. Prometheus merges both resolutions by itself.",
    remedy: "Nothing has to be done.",
    triggers: """
      metrics:
        step_seconds: { type: histogram, help: Time of a step, native: { factor: 1.1 } }
      ---
      metrics:
        step_seconds: { type: histogram, help: Time of a step, native: { factor: 1.5 } }
      """
  )
  static let ids = [removed, added, resolution]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.metrics where pair.old.descriptor.type == .histogram {
      let (before, after) = (pair.old.descriptor.nativeHistogram, pair.new.descriptor.nativeHistogram)
      guard before != after, pair.new.descriptor.type == .histogram else { continue }
      let (range, was) = (pair.place(\.native), pair.was(\.native))
      let name = pair.new.name
      if after == nil {
        report.add(removed, at: range, was: was, help: "keep `native` until nobody queries it") { _ in
          "histogram `\(name)` has no native buckets any more"
        }
      } else if before == nil {
        let help = "set `always_scrape_classic_histograms: true` in Prometheus where queries ask for `\(name)_bucket`"
        report.add(added, at: range, was: was, help: help) { _ in "histogram `\(name)` has native buckets now" }
      } else {
        report.add(resolution, at: range, was: was, help: "nothing has to be done") { _ in
          "the native buckets of histogram `\(name)` have another resolution"
        }
      }
    }
  }
}

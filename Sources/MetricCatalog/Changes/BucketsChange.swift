/// Bounds of a histogram's classic buckets.
enum BucketsChange: ChangeRule {
  private static let removed = RuleID(
    "diff/bucket-removed",
    .breaking,
    "a histogram has lost the bound of a bucket",
    why: """
      A query with `le="0.5"`, such as that of a service level, gives nothing once there is no such bucket. \
      `histogram_quantile()` gets coarser there.
      """,
    remedy: "Keep the bound. More bounds than needed cost series, and break nobody.",
    triggers: """
      metrics:
        step_seconds: { type: histogram, help: Time of a step, buckets: [0.1, 0.5, 1] }
      ---
      metrics:
        step_seconds: { type: histogram, help: Time of a step, buckets: [0.1, 1] }
      """,
    passes: """
      metrics:
        step_seconds: { type: histogram, help: Time of a step, buckets: [0.1, 0.5, 1] }
      ---
      metrics:
        step_seconds: { type: histogram, help: Time of a step, buckets: [0.1, 0.5, 1.0] }
      """
  )
  private static let added = RuleID(
    "diff/bucket-added",
    .caution,
    "a histogram has a further bound",
    why: """
      Quantiles over a time, or a sum over exporters, in which only some have the bucket are wrong. Each bound is one more \
      series for each combination of labels.
      """,
    remedy:
      "Bring the new version to all exporters at once, and expect odd quantiles until the range of a query has passed.",
    triggers: """
      metrics:
        step_seconds: { type: histogram, help: Time of a step, buckets: [0.1, 1] }
      ---
      metrics:
        step_seconds: { type: histogram, help: Time of a step, buckets: [0.1, 0.5, 1] }
      """
  )
  static let ids = [removed, added]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.changedMetrics where pair.old.descriptor.type == .histogram {
      guard pair.new.descriptor.type == .histogram else { continue }
      let (before, after) = (pair.old.descriptor.buckets, pair.new.descriptor.buckets)
      let lost = Set(before).subtracting(after).sorted()
      let fresh = Set(after).subtracting(before).sorted()
      let (range, was) = (pair.place(\.buckets), pair.was(\.buckets))
      if !lost.isEmpty {
        let bounds = lost.count == 1 ? "bound" : "bounds"
        report.add(removed, at: range, was: was, "its buckets were these", help: "keep the \(bounds)") { _ in
          "histogram `\(pair.new.name)` has no bucket any more for \(ChangeReport.list(lost.map(text)))"
        }
      }
      if !fresh.isEmpty {
        let help = "expect odd quantiles until all exporters have it and the range of a query has passed"
        report.add(added, at: range, was: was, "its buckets were these", help: help) { _ in
          "histogram `\(pair.new.name)` has a further bucket for \(ChangeReport.list(fresh.map(text)))"
        }
      }
    }
  }

  private static func text(_ bound: Double) -> String { "le=\(bound)" }
}

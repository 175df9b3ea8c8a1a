/// A metric of another type.
enum TypeChange: ChangeRule {
  private static let type = RuleID(
    "diff/type",
    .breaking,
    "a metric has another type",
    why: """
      Functions fit one type: `rate()` of what is a gauge now gives nonsense, `histogram_quantile()` of what is a summary \
      now gives nothing, and a histogram's `_bucket`, `_sum` and `_count` are names of their own.
      """,
    remedy: "Give the metric of the new type a new name, and keep the old one as deprecated until nobody queries it.",
    triggers: """
      metrics:
        epoch_seconds: { type: histogram, help: Time of an epoch }
      ---
      metrics:
        epoch_seconds: { type: gauge, help: Time of an epoch }
      """,
    passes: """
      metrics:
        epoch_seconds: { type: histogram, help: Time of an epoch }
      ---
      metrics:
        epoch_seconds: { type: histogram, help: Time of an epoch }
        latest_epoch_seconds: { type: gauge, help: Time of the latest epoch }
      """
  )
  static let ids = [type]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.changedMetrics where pair.old.descriptor.type != pair.new.descriptor.type {
      let (before, after) = (pair.old.descriptor.type.rawValue, pair.new.descriptor.type.rawValue)
      report.add(
        type,
        at: pair.place(\.type),
        was: pair.was(\.type),
        "it was a \(before)",
        help: "give the \(after) a name of its own, and keep the \(before) until nobody queries it"
      ) { _ in "metric `\(pair.new.name)` is a \(after) now, not a \(before)" }
    }
  }
}

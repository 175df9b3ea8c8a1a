internal import Diagnostics
internal import MetricModel

/// The default buckets end at ten seconds: what a training log holds is rarely so short.
enum DefaultBucketsRule: Rule {
  static let ids = [defaults]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    var fed: Set<String> = []
    for use in catalog.targetUses where use.watcher != nil { fed.insert(use.target.metric.value) }
    for metric in catalog.metrics where metric.type.value == .histogram && fed.contains(metric.name.value) {
      guard !metric.buckets.isGiven, !metric.native.isGiven else { continue }
      report.add(
        defaults,
        "a log feeds histogram `\(metric.name.value)`, whose default buckets run from 5 ms to 10 s",
        at: metric.name.range,
        help: "give it `buckets` that fit its values",
        waivedBy: [metric.allow]
      )
    }
  }
}

extension DefaultBucketsRule {
  private static let defaults = RuleID(
    "histogram/default-buckets",
    .warning,
    "a log feeds a histogram that has only the default buckets",
    why: """
      The default buckets end at 10 s: they are made for web requests. Epochs and steps take longer, so all of them \
      would land in `+Inf`, and every quantile would be 10.
      """,
    remedy: """
      List `buckets` around the values that your log has, or make the histogram `native`.
      """,
    triggers: """
      metrics: { epoch_seconds: { type: histogram, help: Time of an epoch } }
      watchers:
        log: { files: log.csv, format: csv, fields: { time: epoch_seconds } }
      """,
    passes: """
      metrics: { epoch_seconds: { type: histogram, help: Time of an epoch, buckets: [60, 300, 900, 3600] } }
      watchers:
        log: { files: log.csv, format: csv, fields: { time: epoch_seconds } }
      """
  )
}

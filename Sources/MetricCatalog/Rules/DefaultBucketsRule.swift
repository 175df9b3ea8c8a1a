internal import Diagnostics
internal import MetricModel

/// The default buckets end at ten seconds: what a training log holds is rarely so short.
enum DefaultBucketsRule: Rule {
  private static let defaults = RuleID(
    "histogram/default-buckets",
    .warning,
    "a log feeds a histogram that has only the default buckets"
  )
  static let ids = [defaults]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    let fed = Set(catalog.watchers.flatMap(\.targetUses).map(\.target.metric.value))
    for metric in catalog.metrics where metric.type.value == .histogram && fed.contains(metric.name.value) {
      guard !metric.buckets.isGiven, !metric.native.isGiven, !metric.allows(defaults) else { continue }
      report.add(
        defaults,
        "a log feeds histogram `\(metric.name.value)`, whose default buckets run from 5 ms to 10 s",
        at: metric.name.range,
        help: "give it `buckets` that fit its values"
      )
    }
  }
}

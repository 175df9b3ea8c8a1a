internal import Diagnostics

/// Buckets are ascending, finite and not too many.
enum BucketsRule: Rule {
  static let ids = [buckets, native]

  /// Each bucket is a time series for every combination of labels.
  static let bucketsMax = 1_000

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics {
      let range = metric.buckets.range
      switch metric.buckets.value {
      case .list(let bounds): check(bounds, at: range, report)
      case .linear(let parts): checkLinear(parts, at: range, report)
      case .exponential(let parts): checkExponential(parts, at: range, report)
      case nil: break
      }
      if let factor = metric.native.value?.factor.value, !(factor.value > 1 && factor.value.isFinite) {
        report.add(native, "the factor has to be above 1", at: factor.range, help: "1.1 is a good one")
      }
    }
  }

  private static func check(_ bounds: [Number], at range: SourceRange?, _ report: Report) {
    if bounds.isEmpty { report.add(buckets, "the list of buckets is empty", at: range) }
    if bounds.count > bucketsMax { report.add(buckets, "more than \(bucketsMax) buckets", at: range) }
    var last: Number?
    for bound in bounds {
      guard bound.value.isFinite else {
        let help = "leave it out: a bucket for +Inf is always there"
        report.add(buckets, "a bucket has to be a finite number", at: bound.range, help: help)
        continue
      }
      if let last, bound.value == last.value {
        let related = [Diagnostic.Related(range: last.range, note: "it is here")]
        report.add(buckets, "this bucket is here twice", at: bound.range, related: related)
      } else if let last, bound.value < last.value {
        report.add(buckets, "buckets have to ascend, and this one is below the one before", at: bound.range)
      }
      last = bound
    }
  }

  private static func checkLinear(_ parts: [Number], at range: SourceRange?, _ report: Report) {
    guard parts.count == 3 else {
      return report.add(buckets, "`linear` wants three numbers: start, width and count", at: range)
    }
    guard parts[0].value.isFinite else { return report.add(buckets, "the start has to be finite", at: parts[0].range) }
    guard parts[1].value > 0, parts[1].value.isFinite else {
      return report.add(buckets, "the width has to be above 0", at: parts[1].range)
    }
    checkCount(parts, grows: MetricDeclaration.Buckets.linear(parts), report)
  }

  private static func checkExponential(_ parts: [Number], at range: SourceRange?, _ report: Report) {
    guard parts.count == 3 else {
      return report.add(buckets, "`exponential` wants three numbers: start, factor and count", at: range)
    }
    guard parts[0].value > 0, parts[0].value.isFinite else {
      return report.add(buckets, "the start has to be above 0", at: parts[0].range)
    }
    guard parts[1].value > 1, parts[1].value.isFinite else {
      return report.add(buckets, "the factor has to be above 1", at: parts[1].range)
    }
    checkCount(parts, grows: MetricDeclaration.Buckets.exponential(parts), report)
  }

  private static func checkCount(_ parts: [Number], grows: MetricDeclaration.Buckets, _ report: Report) {
    let count = parts[2].value
    guard count >= 1, count <= Double(bucketsMax), count == count.rounded() else {
      return report.add(buckets, "the count has to be a whole number from 1 to \(bucketsMax)", at: parts[2].range)
    }
    let bounds = grows.bounds
    if bounds.contains(where: { !$0.isFinite }) || zip(bounds, bounds.dropFirst()).contains(where: { $0 >= $1 }) {
      report.add(buckets, "so many buckets do not stay finite and distinct", at: parts[2].range)
    }
  }
}

extension MetricDeclaration.Buckets {
  /// The upper bounds; sensible only for what `BucketsRule` has no objection to.
  var bounds: [Double] {
    switch self {
    case .list(let bounds): bounds.map(\.value)
    case .linear(let parts): Self.generate(parts) { $0 + parts[1].value }
    case .exponential(let parts): Self.generate(parts) { $0 * parts[1].value }
    }
  }

  private static func generate(_ parts: [Number], _ next: (Double) -> Double) -> [Double] {
    guard parts.count == 3, parts[2].value >= 1, parts[2].value <= Double(BucketsRule.bucketsMax) else { return [] }
    var bounds = [parts[0].value]
    for _ in 1..<max(Int(parts[2].value), 1) { bounds.append(next(bounds[bounds.count - 1])) }
    return bounds
  }
}

extension BucketsRule {
  private static let buckets = RuleID(
    "histogram/buckets",
    .error,
    "buckets that are empty, not ascending, not finite, or badly generated",
    why: """
      Quantiles are calculated from the bounds. Bounds that do not ascend give quantiles that are nonsense; and each \
      bucket is a series for every combination of labels.
      """,
    remedy: """
      List finite numbers, the smallest first, each once. The bucket for everything above the last one, `+Inf`, is \
      made by itself. Or let them be made: `{ exponential: [0.1, 2, 10] }` is start, factor and count.
      """,
    triggers: """
      metrics:
        step_seconds: { type: histogram, help: Time of a step, buckets: [1, 5, 2] }
      """,
    passes: """
      metrics:
        step_seconds: { type: histogram, help: Time of a step, buckets: [1, 2, 5] }
      """
  )

  private static let native = RuleID(
    "histogram/native",
    .error,
    "a native histogram whose factor is not above 1",
    why: """
      Each bucket's upper bound is `factor` times its lower one. With 1 or less the buckets have no width, and no \
      number of them covers anything.
      """,
    remedy: """
      Take 1.1, which tells values apart that differ by a tenth. A larger factor needs fewer buckets.
      """,
    triggers: """
      metrics:
        step_seconds: { type: histogram, help: Time of a step, native: { factor: 1 } }
      """,
    passes: """
      metrics:
        step_seconds: { type: histogram, help: Time of a step, native: { factor: 1.1 } }
      """
  )
}

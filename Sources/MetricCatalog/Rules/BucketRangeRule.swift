internal import Diagnostics
internal import MetricModel

/// Buckets lie where the values of the unit lie, and are not many.
enum BucketRangeRule: Rule {
  static let ids = [range, many]

  private static let bucketsMax = 50
  /// Prometheus' default buckets end here: they are made for web requests.
  private static let requestSecondsMax = 10.0
  /// The last bound of sizes is above that, or they are in kilobytes or more.
  private static let bytesMin = 1_000.0
  /// A ratio may be above 1 a little, and never by so much.
  private static let ratioMax = 10.0

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    var epochFields: [String: String] = [:]
    for use in catalog.targetUses {
      guard let field = use.fieldName, speaksOfEpochs(field) else { continue }
      epochFields[use.target.metric.value] = field
    }
    for metric in catalog.metrics where metric.type.value == .histogram {
      let bounds = metric.buckets.value?.bounds ?? []
      // What is wrong with the buckets themselves has its own diagnostic.
      guard let last = bounds.last, last.isFinite, zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 }) else {
        continue
      }
      if bounds.count > bucketsMax {
        let message = "each combination of labels makes \(bounds.count + 3) time series"
        let help = "ten to twenty buckets will do, or `native: { factor: 1.1 }`"
        report.add(many, message, at: metric.buckets.name, help: help, waivedBy: [metric.allow])
      }
      guard let message = mismatch(metric, last, epochFields[metric.name.value]) else { continue }
      let help = "everything above the last bound lands in `+Inf`: choose bounds around the values that occur"
      report.add(range, message, at: metric.buckets.name, help: help, waivedBy: [metric.allow])
    }
  }

  private static func mismatch(_ metric: MetricDeclaration, _ last: Double, _ epochField: String?) -> String? {
    let name = metric.name.value
    switch name.split(separator: "_").last {
    case "seconds" where last <= requestSecondsMax:
      if speaksOfEpochs(name) { return "`\(name)` is about epochs, and its buckets end at \(text(last)) s" }
      return epochField.map { "the field `\($0)` feeds `\(name)`, whose buckets end at \(text(last)) s" }
    case "bytes" where last < bytesMin: return "`\(name)` is in bytes, and its buckets end at \(text(last)) bytes"
    case "ratio" where last >= ratioMax: return "`\(name)` is a ratio, and its buckets reach up to \(text(last))"
    default: return nil
    }
  }

  /// A whole epoch takes minutes; something that happens in each of them may be short, and has a name of its own.
  private static func speaksOfEpochs(_ name: String) -> Bool {
    let words = name.lowercased().split(whereSeparator: { !$0.isLetter })
    return words.contains("epoch") || words.contains("epochs")
  }

  private static func text(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e9 ? "\(Int(number))" : "\(number)"
  }
}

extension BucketRangeRule {
  private static let range = RuleID(
    "histogram/bucket-range",
    .warning,
    """
    buckets that do not fit the unit: epochs in seconds that end at 10, bytes that end below 1,000, or ratios far \
    above 1
    """,
    why: """
      Values beyond the last bucket all land in `+Inf`, where quantiles cannot tell them apart: p50 and p99 are both \
      the last bound. Mostly the bounds are in another unit than the metric's name.
      """,
    remedy: """
      Choose bounds around the values that occur, in the unit of the name. For epochs and trainings that is minutes \
      and hours, in seconds; for sizes, bytes; for ratios, 0 to 1.
      """,
    triggers: """
      metrics:
        epoch_seconds: { type: histogram, help: Time of an epoch, buckets: [0.1, 0.5, 1, 5, 10] }
      """,
    passes: """
      metrics:
        epoch_seconds: { type: histogram, help: Time of an epoch, buckets: [60, 300, 900, 3600] }
      """
  )

  private static let many = RuleID(
    "histogram/many-buckets",
    .note,
    "a histogram with more than 50 buckets",
    why: """
      Each bucket is a time series for every combination of labels, in the exporter, on the wire and in Prometheus. \
      With 100 buckets and 200 runs that is 20,000 series for one metric.
      """,
    remedy: """
      Ten to twenty buckets around the values that matter are enough for quantiles. For more detail make the \
      histogram `native`: it is one series.
      """,
    triggers: """
      metrics:
        step_seconds: { type: histogram, help: Time of a step, buckets: { linear: [0.1, 0.1, 100] } }
      """,
    passes: """
      metrics:
        step_seconds: { type: histogram, help: Time of a step, native: { factor: 1.1 } }
      """
  )
}

internal import Diagnostics
internal import MetricModel
internal import YAMLSyntax

/// A metric as written in `metrics:`.
struct MetricDeclaration {
  enum Buckets {
    case list([Number])
    /// Start, width and count; or start, factor and count.
    case linear([Number])
    case exponential([Number])
  }

  struct Native {
    var factor: Key<Number>
    var maxBuckets: Key<Int>
  }

  /// A text alone, or since when and what to use instead.
  struct Deprecation {
    var text: Text?
    var since: Text?
    var use: Text?

    /// For readers: the text, or `since 1.4: use x`.
    var shown: String {
      let parts = [since.map { "since \($0.value)" }, use.map { "use \($0.value)" }]
      return text?.value ?? parts.compactMap(\.self).joined(separator: ": ")
    }
  }

  var name: Text
  var type: Key<MetricType> = .absent
  var help: Key<Text> = .absent
  var unit: Key<Text> = .absent
  var labels: Key<[Text]> = .absent
  var maxSeries: Key<Int> = .absent
  var expireAfter: Key<Duration> = .absent
  var allow: Key<[Text]> = .absent
  var deprecated: Key<Deprecation> = .absent
  var buckets: Key<Buckets> = .absent
  var native: Key<Native> = .absent
  var quantiles: Key<[Number]> = .absent
  var window: Key<Int> = .absent
  var created: Key<Bool> = .absent
  var constant: Key<[(name: Text, value: Text)]> = .absent
  var states: Key<[Text]> = .absent

  /// A summary keeps so many observations for each series: 8 MB.
  static let windowMax = 1_000_000
  /// More buckets than any native histogram has use for.
  static let nativeBucketsMax = 10_000

  static let keys: [KeyDeclaration<Self, MetricDescriptor>] = [
    .init(
      "type",
      \.type,
      isRequired: true,
      help: MetricType.allCases.map { "`\($0.rawValue)`" }.joined(separator: " ")
    ) { $0.choice(MetricType.allCases.map { (name: $0.rawValue, value: $0) }) },
    .init("help", \.help, isRequired: true, help: "text") { $0.text() }.notDeciding { $0.help = "" },
    .init(
      "unit",
      \.unit,
      help: """
        the unit that the name ends in: `seconds` for `x_seconds`, or for the counter `x_seconds_total`. An info or \
        stateset has none
        """
    ) { $0.text() },
    .init(
      "labels",
      \.labels,
      help: "list of declared labels, at most \(CatalogDeclaration.labelsMax). They are exposed in this order"
    ) { labels($0) },
    .init(
      "max_series",
      \.maxSeries,
      help: "this metric's own limit of time series, instead of `series_per_metric`"
    ) { $0.integer(in: 1...CatalogDeclaration.countMax) }.notDeciding { $0.maxSeries = nil },
    .init(
      "expire_after",
      \.expireAfter,
      help: """
        how long after its log's last change a series ends. Default: the watcher's `expire_after`; without that a series \
        never ends by age
        """
    ) { $0.duration() }.notDeciding { $0.expireAfter = nil },
    .init("allow", \.allow, help: "[warnings and notes that are not to be reported](#waivers) about this metric") {
      $0.waivers()
    }.notDeciding { _ in },
    .init(
      "deprecated",
      \.deprecated,
      help: """
        `{ since: "1.4", use: other_metric }`: since when, as any text, and which metric to query instead; or a text. It \
        makes the removal of the metric in a later version [harmless](diff.md#renaming-a-metric-without-breaking-anybody)
        """
    ) { deprecation($0) }.notDeciding { $0.deprecated = nil },
    .init(
      "buckets",
      \.buckets,
      types: [.histogram],
      help: """
        ascending finite numbers, or `{ linear: [start, width, count] }`, or `{ exponential: [start, factor, count] }`. \
        Default: 5 ms to 10 s, as in Prometheus's Go client; none where the histogram is `native`
        """
    ) { buckets($0) },
    .init(
      "native",
      \.native,
      types: [.histogram],
      help: """
        `{ factor: 1.1, max_buckets: 160 }`: native buckets, [below](#native-histograms). `factor` is required, and \
        above 1; `max_buckets` is 160 by default. Without `buckets` such a histogram has no classic ones
        """
    ) { native($0) },
    .init(
      "quantiles",
      \.quantiles,
      types: [.summary],
      help: "numbers in 0…1. Without them the summary has only its sum and count"
    ) { $0.numbers() },
    .init(
      "window",
      \.window,
      types: [.summary],
      help: "how many of the last observations the quantiles cover; default 1000"
    ) { $0.integer(in: 1...windowMax) },
    .init(
      "created",
      \.created,
      types: [.counter, .histogram, .summary],
      help: """
        `true`: OpenMetrics also shows when each series began, as `x_created`, which is one more time series. Protobuf \
        always shows it
        """
    ) { $0.boolean() }.notDeciding { $0.exposesCreated = false },
    .init(
      "constant",
      \.constant,
      types: [.info],
      help: "label name ► text: labels with a fixed value, which need no declaration"
    ) { value in value.map("texts") { name, value in value.text().map { (name, $0) } } }.notDeciding {
      $0.constant = []
    },
    .init("states", \.states, types: [.stateset], help: "list of texts, required") { $0.texts() },
  ]

  init(name: Text, _ value: Value) {
    self.name = name
    let value = value.indented(below: ["constant", "native"], otherThan: Self.keys.map(\.name))
    guard var reader = MappingReader(value, what: "metric `\(name.value)`", owner: name.range) else {
      labels.doubt(true)
      return
    }
    for key in Self.keys { key.read(into: &self, &reader) }
    let isMeant = reader.finish()
    labels.doubt(isMeant("labels"))
    buckets.doubt(isMeant("buckets"))
    states.doubt(isMeant("states"))
  }

  private static func labels(_ value: Value) -> [Text]? {
    guard let labels = value.texts() else { return nil }
    guard labels.count <= CatalogDeclaration.labelsMax else {
      let message = "a metric has at most \(CatalogDeclaration.labelsMax) labels"
      value.report.add(DecodingID.bounds, message, at: value.range)
      return nil
    }
    return labels
  }

  private static func buckets(_ value: Value) -> Buckets? {
    if value.isSequence { return value.numbers().map { .list($0) } }
    guard value.isMapping else {
      return value.wrong("a list of numbers, `{ linear: […] }` or `{ exponential: […] }`")
    }
    guard var reader = MappingReader(value, what: "`buckets`") else { return nil }
    let linear = reader.key("linear") { $0.numbers() }
    let exponential = reader.key("exponential") { $0.numbers() }
    reader.finish()
    if linear.isGiven { return linear.value.map { .linear($0) } }
    return exponential.value.map { .exponential($0) }
  }

  private static func deprecation(_ value: Value) -> Deprecation? {
    guard value.isMapping else { return value.text().map { Deprecation(text: $0) } }
    guard var reader = MappingReader(value, what: "`deprecated`") else { return nil }
    let since = reader.key("since") { $0.text() }
    let use = reader.key("use") { $0.text() }
    let isMeant = reader.finish()
    if !since.isGiven, !use.isGiven, !isMeant("since"), !isMeant("use") {
      let help = "write `{ since: \"1.4\", use: other_metric }`, or a text"
      value.report.add(DecodingID.missingKey, "`deprecated` has neither `since` nor `use`", at: value.range, help: help)
    }
    return Deprecation(since: since.value, use: use.value)
  }

  private static func native(_ value: Value) -> Native? {
    guard var reader = MappingReader(value, what: "`native`") else { return nil }
    let factor = reader.key("factor", isRequired: true) { $0.number() }
    let maxBuckets = reader.key("max_buckets") { $0.integer(in: 1...nativeBucketsMax) }
    reader.finish()
    return Native(factor: factor, maxBuckets: maxBuckets)
  }

  /// The name in OpenMetrics: without `_total` and `_info`.
  var familyName: String {
    let name = name.value
    switch type.value {
    case .counter? where name.hasSuffix("_total"): return String(name.dropLast(6))
    case .info? where name.hasSuffix("_info"): return String(name.dropLast(5))
    default: return name
    }
  }
}

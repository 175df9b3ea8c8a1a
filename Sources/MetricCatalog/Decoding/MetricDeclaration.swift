internal import Diagnostics
internal import MetricModel

/// A metric as written in `metrics:`.
struct MetricDeclaration {
  enum Buckets {
    case list([Number])
    /// Start, width and count; or start, factor and count.
    case linear([Number])
    case exponential([Number])
  }

  /// A mapping in the place of a list of buckets.
  struct GeneratedBuckets {
    var linear: Key<[Number]> = .absent
    var exponential: Key<[Number]> = .absent

    static let keys: [KeyDeclaration<Self, Void>] = [
      .init("linear", \.linear, .numbers, help: "start, width and count: buckets at equal distances"),
      .init("exponential", \.exponential, .numbers, help: "start, factor and count: each is `factor` times the last"),
    ]
  }

  struct Native {
    var factor: Key<Number> = .absent
    var maxBuckets: Key<Int> = .absent

    static let keys: [KeyDeclaration<Self, Void>] = [
      .init(
        "factor",
        \.factor,
        .number,
        isRequired: true,
        help: "how many times its lower bound a bucket's upper one may be, at most"
      ),
      .init(
        "max_buckets",
        \.maxBuckets,
        .integer(in: 1...nativeBucketsMax),
        byDefault: .integer(MetricDescriptor.NativeHistogram(factor: 2).maxBuckets),
        help: "how many buckets of a series may be in use before the resolution is halved"
      ),
    ]
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

  /// `deprecated:` in its long form.
  private struct LongDeprecation {
    var since: Key<Text> = .absent
    var use: Key<Text> = .absent

    static let keys: [KeyDeclaration<Self, Void>] = [
      .init("since", \.since, .text, help: "since when: a version or a date"),
      .init("use", \.use, .text, help: "the metric to query instead"),
    ]
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

  /// What the keys are by default.
  private static let byDefault = MetricDescriptor(name: "", type: .gauge, help: "")

  static let keys: [KeyDeclaration<Self, MetricDescriptor>] = [
    .init(
      "type",
      \.type,
      .choice(MetricType.allCases.map { (name: $0.rawValue, value: $0) }),
      isRequired: true,
      help: MetricType.allCases.map { "`\($0.rawValue)`" }.joined(separator: " ")
    ),
    .init("help", \.help, .text, isRequired: true, help: "text: what the metric measures").notDeciding { $0.help = "" },
    .init(
      "unit",
      \.unit,
      .text,
      help: """
        the unit that the name ends in: `seconds` for `x_seconds`, or for the counter `x_seconds_total`. An info or \
        stateset has none
        """
    ),
    .init(
      "labels",
      \.labels,
      ValueForm(.list(.text, countMax: CatalogDeclaration.labelsMax)) { labels($0) },
      help: "list of declared labels, at most \(CatalogDeclaration.labelsMax). They are exposed in this order"
    ),
    .init(
      "max_series",
      \.maxSeries,
      .integer(in: 1...CatalogDeclaration.countMax),
      help: "this metric's own limit of time series, instead of `series_per_metric`"
    ).notDeciding { $0.maxSeries = nil },
    .init(
      "expire_after",
      \.expireAfter,
      .duration,
      help: """
        how long after its log's last change a series ends. Default: the watcher's `expire_after`; without that a series \
        never ends by age
        """
    ).notDeciding { $0.expireAfter = nil },
    .init(
      "allow",
      \.allow,
      .waivers,
      help: "[warnings and notes that are not to be reported](#waivers) about this metric"
    ).notDeciding { _ in },
    .init(
      "deprecated",
      \.deprecated,
      deprecation,
      help: """
        `{ since: "1.4", use: other_metric }`: since when, as any text, and which metric to query instead; or a text. It \
        makes the removal of the metric in a later version [harmless](diff.md#renaming-a-metric-without-breaking-anybody)
        """
    ).notDeciding { $0.deprecated = nil },
    .init(
      "buckets",
      \.buckets,
      ValueForm(.either([.list(.number), generatedBuckets.shape])) { buckets($0) },
      byDefault: .array(MetricDescriptor.defaultBuckets.map { .number($0) }),
      types: [.histogram],
      help: """
        ascending finite numbers, or `{ linear: [start, width, count] }`, or `{ exponential: [start, factor, count] }`. \
        Default: 5 ms to 10 s, as in Prometheus's Go client; none where the histogram is `native`
        """
    ),
    .init(
      "native",
      \.native,
      .mapping("`native`", Native.keys, into: Native()),
      types: [.histogram],
      help: """
        `{ factor: 1.1, max_buckets: 160 }`: native buckets, [below](#native-histograms). `factor` is required, and \
        above 1; `max_buckets` is 160 by default. Without `buckets` such a histogram has no classic ones
        """
    ),
    .init(
      "quantiles",
      \.quantiles,
      .numbers,
      types: [.summary],
      help: "numbers in 0…1. Without them the summary has only its sum and count"
    ),
    .init(
      "window",
      \.window,
      .integer(in: 1...windowMax),
      byDefault: .integer(byDefault.window),
      types: [.summary],
      help: "how many of the last observations the quantiles cover; default 1000"
    ),
    .init(
      "created",
      \.created,
      .boolean,
      byDefault: .boolean(byDefault.exposesCreated),
      types: [.counter, .histogram, .summary],
      help: """
        `true`: OpenMetrics also shows when each series began, as `x_created`, which is one more time series. Protobuf \
        always shows it
        """
    ).notDeciding { $0.exposesCreated = false },
    .init(
      "constant",
      \.constant,
      .map("texts", .text) { (name: $0, value: $1) },
      types: [.info],
      help: "label name ► text: labels with a fixed value, which need no declaration"
    ).notDeciding { $0.constant = [] },
    .init("states", \.states, .texts, types: [.stateset], help: "list of texts, required"),
  ]

  /// What a schema says of a metric: its type decides which keys it has.
  static var shape: ValueShape {
    var shape = MappingShape(keys)
    shape.variants = MetricType.allCases.map { type in
      let foreign = keys.filter { !$0.types.isEmpty && !$0.types.contains(type) }
      return MappingShape.Variant(key: "type", word: type.rawValue, without: foreign.map(\.name))
    }
    return .named("metric", .mapping(shape))
  }

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
    guard let generated = generatedBuckets.decode(value) else { return nil }
    if generated.linear.isGiven { return generated.linear.value.map { .linear($0) } }
    return generated.exponential.value.map { .exponential($0) }
  }

  private static let generatedBuckets = ValueForm.mapping("`buckets`", GeneratedBuckets.keys, into: GeneratedBuckets())

  private static let deprecation = ValueForm<Deprecation>(.either([.text, longDeprecation.shape])) { value in
    guard value.isMapping else { return value.text().map { Deprecation(text: $0) } }
    let reported = value.report.reportedCount
    guard let long = longDeprecation.decode(value) else { return nil }
    if !long.since.isGiven, !long.use.isGiven, value.report.reportedCount == reported {
      let help = "write `{ since: \"1.4\", use: other_metric }`, or a text"
      value.report.add(DecodingID.missingKey, "`deprecated` has neither `since` nor `use`", at: value.range, help: help)
    }
    return Deprecation(since: long.since.value, use: long.use.value)
  }

  private static let longDeprecation = ValueForm.mapping(
    "`deprecated`",
    LongDeprecation.keys,
    into: LongDeprecation(),
    anyOf: LongDeprecation.keys.map(\.name)
  )

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

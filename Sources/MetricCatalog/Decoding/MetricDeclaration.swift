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

  var name: Text
  var type: Key<MetricType> = .absent
  var help: Key<Text> = .absent
  var unit: Key<Text> = .absent
  var labels: Key<[Text]> = .absent
  var maxSeries: Key<Int> = .absent
  var expireAfter: Key<Duration> = .absent
  var allow: Key<[Text]> = .absent
  var deprecated: Key<Text> = .absent
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

  init(name: Text, _ value: Value) {
    self.name = name
    guard var reader = MappingReader(value, what: "metric `\(name.value)`", owner: name.range) else {
      labels.doubt(true)
      return
    }
    let types = MetricType.allCases.map { (name: $0.rawValue, value: $0) }
    type = reader.key("type", isRequired: true) { $0.choice(types) }
    help = reader.key("help", isRequired: true) { $0.text() }
    unit = reader.key("unit") { $0.text() }
    labels = reader.key("labels") { Self.labels($0) }
    maxSeries = reader.key("max_series") { $0.integer(in: 1...CatalogDeclaration.countMax) }
    expireAfter = reader.key("expire_after") { $0.duration() }
    allow = reader.key("allow") { $0.textOrTexts() }
    deprecated = reader.key("deprecated") { $0.text() }
    buckets = reader.key("buckets") { Self.buckets($0) }
    native = reader.key("native") { Self.native($0) }
    quantiles = reader.key("quantiles") { $0.numbers() }
    window = reader.key("window") { $0.integer(in: 1...Self.windowMax) }
    created = reader.key("created") { $0.boolean() }
    constant = reader.key("constant") { $0.map("texts") { name, value in value.text().map { (name, $0) } } }
    states = reader.key("states") { $0.texts() }
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

  private static func native(_ value: Value) -> Native? {
    guard var reader = MappingReader(value, what: "`native`") else { return nil }
    let factor = reader.key("factor", isRequired: true) { $0.number() }
    let maxBuckets = reader.key("max_buckets") { $0.integer(in: 1...nativeBucketsMax) }
    reader.finish()
    return Native(factor: factor, maxBuckets: maxBuckets)
  }

  /// Whether `allow:` waives a warning here.
  func allows(_ id: RuleID) -> Bool {
    allow.value?.contains { $0.value == id.name } ?? false
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

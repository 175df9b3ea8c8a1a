/// A metric as the catalog declares it under `metrics:`: all that is needed to build its series and to show them.
///
/// This is a plain value that checks nothing. The catalog's rules check it; a program that makes one itself has to
/// follow them. `Registry.init(metrics:limits:)` says what it insists on.
public struct MetricDescriptor: Sendable, Hashable {
  /// The parameters of a native histogram: `native:` in the catalog.
  ///
  /// Native buckets are exponential and need no bounds. Prometheus reads them from the protobuf format alone.
  public struct NativeHistogram: Sendable, Hashable {
    /// How many times as far as its neighbour a bucket may reach; above 1. The coarsest of Prometheus' resolutions that
    /// keeps to it is used, so 1.1 gives 8 buckets for each doubling.
    public var factor: Double
    /// How many buckets of one series may be in use. Beyond that the resolution is halved, as often as needed, and
    /// neighbouring buckets are merged. Nothing is lost or reset. 160 by default.
    public var maxBuckets: Int

    /// Creates parameters from their values.
    public init(factor: Double, maxBuckets: Int = 160) {
      self.factor = factor
      self.maxBuckets = maxBuckets
    }
  }

  /// A label of an info metric that has the same value in all of its series: a line of `constant:`.
  public struct ConstantLabel: Sendable, Hashable {
    /// The label's name. It needs no declaration under `labels:`.
    public var name: String
    /// The label's value.
    public var value: String

    /// Creates a label from its name and value.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The full name, with a counter's `_total` or an info's `_info`: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
  public var name: String
  /// The type, which decides how the series can be updated and shown.
  public var type: MetricType
  /// What the metric measures: the text after `# HELP`.
  public var help: String
  /// The base unit, which the name ends in (before a counter's `_total`), such as `seconds`. With nil none is shown.
  public var unit: String?
  /// The labels, in the order in which label values are given and shown.
  public var labels: [LabelDescriptor]
  /// The most time series that this metric may have, counted as the exposition shows them. With nil the registry's
  /// `RegistryLimits.seriesPerMetric` holds.
  public var maxSeries: Int?
  /// How long after its log's last change a series ends. With nil, what the watcher says that fed the series last
  /// (`Watcher.expireAfter`) holds. Series that no log feeds never end by time.
  public var expireAfter: Duration?
  /// Why the metric should no longer be used, and what to use instead; nil if it is not deprecated. The exposition does
  /// not show it.
  public var deprecated: String?
  /// Of a histogram: the upper bounds of the classic buckets, ascending and finite. The bucket `+Inf` is always there
  /// and is not listed. Empty where a native histogram has no classic buckets.
  public var buckets: [Double]
  /// Of a histogram: the parameters of its native buckets; nil if it has none.
  public var nativeHistogram: NativeHistogram?
  /// Of a summary: the quantiles that are shown, each in 0…1. With none, only the sum and the count are shown.
  public var quantiles: [Double]
  /// Of a summary: how many of the latest observations of a series the quantiles cover. 1,000 by default.
  public var window: Int
  /// Of a counter, histogram or summary: whether OpenMetrics shows when each series began, as a further time series
  /// with the suffix `_created`. The protobuf format always says it.
  public var exposesCreated: Bool
  /// Of an info: labels with a fixed value, shown behind the others.
  public var constant: [ConstantLabel]
  /// Of a stateset: the states in the order in which they are shown. Each is a time series.
  public var states: [String]

  /// Creates a metric from its properties; `name`, `type` and `help` are required. Properties that its type does not
  /// have are ignored.
  ///
  /// - Parameter buckets: with nil a histogram gets `defaultBuckets`, or no classic buckets where `nativeHistogram` is
  ///   given.
  public init(
    name: String,
    type: MetricType,
    help: String,
    unit: String? = nil,
    labels: [LabelDescriptor] = [],
    maxSeries: Int? = nil,
    expireAfter: Duration? = nil,
    deprecated: String? = nil,
    buckets: [Double]? = nil,
    nativeHistogram: NativeHistogram? = nil,
    quantiles: [Double] = [],
    window: Int = 1000,
    exposesCreated: Bool = false,
    constant: [ConstantLabel] = [],
    states: [String] = []
  ) {
    self.name = name
    self.type = type
    self.help = help
    self.unit = unit
    self.labels = labels
    self.maxSeries = maxSeries
    self.expireAfter = expireAfter
    self.deprecated = deprecated
    self.buckets = buckets ?? (nativeHistogram == nil ? Self.defaultBuckets : [])
    self.nativeHistogram = nativeHistogram
    self.quantiles = quantiles
    self.window = window
    self.exposesCreated = exposesCreated
    self.constant = constant
    self.states = states
  }

  /// The buckets of a histogram that declares none: 5 ms to 10 s, as in client_golang.
  public static let defaultBuckets: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  /// How many time series the exposition shows for one combination of label values.
  ///
  /// A histogram has one for each bucket, one for `+Inf`, the sum and the count; a stateset one for each state. Native
  /// buckets do not count, because the text formats do not show them.
  public var timeSeriesPerChild: Int {
    let created = exposesCreated ? 1 : 0
    return switch type {
    case .gauge, .info: 1
    case .counter: 1 + created
    case .histogram: buckets.count + 3 + created
    case .summary: quantiles.count + 2 + created
    case .stateset: states.count
    }
  }
}

extension MetricDescriptor {
  /// Whether the values are seconds: by the unit, or by the name where no unit is declared.
  public var isInSeconds: Bool {
    Self.isInSeconds(name: name, type: type, unit: unit)
  }

  /// Whether the values of a metric like this are seconds.
  ///
  /// - Returns: true for a metric of numbers whose unit is `seconds` or, where `unit` is nil, whose name ends in
  ///   `_seconds` (a counter's in `_seconds_total`).
  public static func isInSeconds(name: String, type: MetricType, unit: String?) -> Bool {
    isIn("seconds", name: name, type: type, unit: unit)
  }

  /// Whether the values are in a unit: by the declared one, or by the name where none is declared.
  package func isIn(_ unit: String) -> Bool {
    Self.isIn(unit, name: name, type: type, unit: self.unit)
  }

  private static func isIn(_ wanted: String, name: String, type: MetricType, unit: String?) -> Bool {
    guard type.isNumeric else { return false }
    return unit.map { $0 == wanted } ?? name.hasSuffix(type == .counter ? "_\(wanted)_total" : "_\(wanted)")
  }

  /// The declared unit, or what ends in one where none is declared: the name without a counter's `_total`.
  package var unitName: String {
    unit ?? (type == .counter && name.hasSuffix("_total") ? String(name.dropLast("_total".count)) : name)
  }
}

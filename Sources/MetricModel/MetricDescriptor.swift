/// A metric family as the catalog declares it: all that is needed to build its series and to expose them.
public struct MetricDescriptor: Sendable, Hashable {
  /// Parameters of a native histogram.
  public struct NativeHistogram: Sendable, Hashable {
    /// The growth factor of neighbouring buckets, above 1.
    public var factor: Double
    public var maxBuckets: Int

    public init(factor: Double, maxBuckets: Int = 160) {
      self.factor = factor
      self.maxBuckets = maxBuckets
    }
  }

  /// A constant label of an info metric.
  public struct ConstantLabel: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The full name, with `_total` or `_info`.
  public var name: String
  public var type: MetricType
  public var help: String
  /// The base unit, which is the name's suffix; nil: none.
  public var unit: String?
  /// In declared order, which is the order in the exposition.
  public var labels: [LabelDescriptor]
  /// The most time series (as exposed) that this metric may have; nil: the registry's `seriesPerMetric`.
  public var maxSeries: Int?
  /// How long after its log's last change a series ends; nil: never.
  public var expireAfter: Duration?
  /// Why the metric is deprecated, and what to use instead.
  public var deprecated: String?
  /// Histogram: upper bounds, ascending and finite, without `+Inf`. Empty where there are only native buckets.
  public var buckets: [Double]
  public var nativeHistogram: NativeHistogram?
  /// Summary: quantiles in 0…1; empty: only sum and count.
  public var quantiles: [Double]
  /// Summary: the quantiles cover the last so many observations.
  public var window: Int
  /// Counter, histogram, summary: whether OpenMetrics shows when each series began, as `_created`.
  public var exposesCreated: Bool
  /// Info: labels with a fixed value.
  public var constant: [ConstantLabel]
  /// Stateset: the states, in declared order.
  public var states: [String]

  /// - Parameter buckets: without them a histogram has client_golang's default ones, or, where it is native, none.
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

  /// client_golang's default buckets, in seconds.
  public static let defaultBuckets: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  /// How many time series one label combination of this metric is in the exposition. A native histogram's own
  /// buckets are none: the text formats do not show them.
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
  /// Whether its values are seconds, by its unit or, where none is declared, by its name.
  public var isInSeconds: Bool {
    Self.isInSeconds(name: name, type: type, unit: unit)
  }

  public static func isInSeconds(name: String, type: MetricType, unit: String?) -> Bool {
    guard type.isNumeric else { return false }
    return unit.map { $0 == "seconds" } ?? name.hasSuffix(type == .counter ? "_seconds_total" : "_seconds")
  }
}

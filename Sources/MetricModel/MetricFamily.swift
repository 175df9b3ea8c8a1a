/// A metric family with its samples, as a value: what the exporter says of itself, and what a collector gathers.
public struct MetricFamily: Sendable, Hashable {
  public var name: String
  public var type: MetricType
  public var help: String
  /// The base unit, which is the name's suffix, before a counter's `_total`; nil: none.
  public var unit: String?
  public var samples: [Sample]

  public init(name: String, type: MetricType, help: String, unit: String? = nil, samples: [Sample] = []) {
    self.name = name
    self.type = type
    self.help = help
    self.unit = unit
    self.samples = samples
  }

  /// The base unit that a name says: `seconds` or `bytes`, the ones that programs measure themselves in.
  public static func unit(ofName name: String) -> String? {
    let stem = name.hasSuffix("_total") ? name.dropLast("_total".count) : name[...]
    return ["seconds", "bytes"].first { stem.hasSuffix("_" + $0) }
  }
}

/// One sample of a family: its labels in exposition order, and its value.
public struct Sample: Sendable, Hashable {
  public struct Label: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public var labels: [Label]
  public var value: Double

  public init(labels: [Label] = [], value: Double) {
    self.labels = labels
    self.value = value
  }
}

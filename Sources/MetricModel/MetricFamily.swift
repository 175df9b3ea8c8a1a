/// A metric family with its samples, as a value: how the exporter shows its own counters, gauges and infos.
///
/// The metrics of a catalog are not kept like this; they are series of a registry.
public struct MetricFamily: Sendable, Hashable {
  /// The full name, with a counter's `_total` or an info's `_info`.
  public var name: String
  /// The type: a counter, a gauge, an info or a stateset, whose samples come a state each, with the family's name as the
  /// label. Other types cannot be shown from single samples.
  public var type: MetricType
  /// The text after `# HELP`.
  public var help: String
  /// The base unit, which the name ends in (before a counter's `_total`); nil if it has none.
  public var unit: String?
  /// The samples in the order in which they are shown. A family without samples is left out of the exposition.
  public var samples: [Sample]

  /// Creates a family from its properties.
  public init(name: String, type: MetricType, help: String, unit: String? = nil, samples: [Sample] = []) {
    self.name = name
    self.type = type
    self.help = help
    self.unit = unit
    self.samples = samples
  }

  /// The base unit that a metric's name ends in, before a counter's `_total`.
  ///
  /// - Returns: `seconds` or `bytes`, the only units that the exporter's own metrics have; nil for any other name.
  public static func unit(ofName name: String) -> String? {
    let stem = name.hasSuffix("_total") ? name.dropLast("_total".count) : name[...]
    return ["seconds", "bytes"].first { stem.hasSuffix("_" + $0) }
  }
}

/// One sample of a family: its labels and its value. It has no time of its own.
public struct Sample: Sendable, Hashable {
  /// The name and value of a label.
  public struct Label: Sendable, Hashable {
    /// The label's name, such as `run`.
    public var name: String
    /// The label's value as it is, without the escapes of a text format.
    public var value: String

    /// Creates a label from its name and value.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The labels, in the order in which they are shown.
  public var labels: [Label]
  /// The value, in the family's unit. NaN and infinities are allowed.
  public var value: Double

  /// Creates a sample from its labels and value.
  public init(labels: [Label] = [], value: Double) {
    self.labels = labels
    self.value = value
  }
}

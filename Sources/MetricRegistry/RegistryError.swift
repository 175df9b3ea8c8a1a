import MetricModel

/// Why a registry has no family for a name: a mistake in the program or in the catalog.
public enum RegistryError: Error, Hashable, CustomStringConvertible {
  /// No metric of that name is declared.
  case undeclared(metric: String)
  /// The metric is declared with another type than the one that was asked for.
  case wrongType(metric: String, declared: MetricType, requested: MetricType)
  /// The metric has other labels than were asked for, or has them in another order.
  case otherLabels(metric: String, declared: [String], requested: [String])

  /// One line for people, such as `metric x is a gauge, not a counter`.
  public var description: String {
    switch self {
    case .undeclared(let metric): "metric \(metric) is not declared"
    case .wrongType(let metric, let declared, let requested):
      "metric \(metric) is a \(declared.rawValue), not a \(requested.rawValue)"
    case .otherLabels(let metric, let declared, let requested):
      "metric \(metric) has the labels [\(declared.joined(separator: ", "))], "
        + "not [\(requested.joined(separator: ", "))]"
    }
  }
}

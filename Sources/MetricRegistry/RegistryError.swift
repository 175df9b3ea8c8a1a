import MetricModel

/// A metric was asked for that the registry does not have, or not of that type.
public enum RegistryError: Error, Hashable, CustomStringConvertible {
  case undeclared(metric: String)
  case wrongType(metric: String, declared: MetricType, requested: MetricType)

  public var description: String {
    switch self {
    case .undeclared(let metric): "metric \(metric) is not declared"
    case .wrongType(let metric, let declared, let requested):
      "metric \(metric) is a \(declared.rawValue), not a \(requested.rawValue)"
    }
  }
}

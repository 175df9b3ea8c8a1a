/// The types of metric that a catalog can declare.
public enum MetricType: String, Sendable, Hashable, CaseIterable {
  case counter, gauge, histogram, summary, info, stateset

  /// Whether its values are numbers that were measured, not texts.
  public var isNumeric: Bool {
    switch self {
    case .counter, .gauge, .histogram, .summary: true
    case .info, .stateset: false
    }
  }
}

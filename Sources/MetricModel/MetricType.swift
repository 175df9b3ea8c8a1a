/// The types of metric that a catalog can declare, by the words that `type:` takes.
public enum MetricType: String, Sendable, Hashable, CaseIterable {
  /// A total that only grows, such as records read.
  case counter
  /// A value that goes up and down, such as a loss.
  case gauge
  /// Observations counted in buckets, with their sum and count.
  case histogram
  /// The sum and count of observations, with quantiles of the latest ones where they are declared.
  case summary
  /// Facts that are texts, shown as labels of a series whose value is 1. In OpenMetrics it is an `info`, in all other
  /// formats a gauge.
  case info
  /// One active state of several: the active state has the value 1, the others 0. In OpenMetrics it is a `stateset`, in
  /// all other formats a gauge.
  case stateset

  /// Whether its values are measured numbers: true but for `info` and `stateset`, whose values are texts.
  public var isNumeric: Bool {
    switch self {
    case .counter, .gauge, .histogram, .summary: true
    case .info, .stateset: false
    }
  }
}

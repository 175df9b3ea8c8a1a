import MetricModel

/// A count that only grows, from 0.
public struct Counter: SeriesHandle {
  public static var type: MetricType { .counter }
  public let series: Series

  public init(series: Series) { self.series = series }

  /// Adds to the count. An increment that is negative or not finite is refused and counted; then the answer is false.
  @discardableResult
  public func increment(by increment: Double = 1) -> Bool { series.add(increment) }

  /// Adds to the count, and keeps the labels as where the last increment came from. They are no series' labels: a trace
  /// or a step will do. Names and values together have at most 128 code points; longer ones are left out and counted.
  @discardableResult
  public func increment(by increment: Double = 1, exemplar labels: KeyValuePairs<String, String>) -> Bool {
    series.add(increment, exemplar: labels.map { Exemplar.Label($0.key, $0.value) })
  }
}

/// A value that goes up and down. It is exposed once it has been set.
public struct Gauge: SeriesHandle {
  public static var type: MetricType { .gauge }
  public let series: Series

  public init(series: Series) { self.series = series }

  /// Sets the value; NaN and infinities are values.
  public func set(_ value: Double) { series.set(value) }

  /// Adds to the value, which is 0 before it was set.
  public func increment(by increment: Double = 1) { series.add(increment) }

  /// Subtracts from the value, which is 0 before it was set.
  public func decrement(by decrement: Double = 1) { series.add(-decrement) }
}

/// Observations counted in declared buckets, in native ones, or in both.
public struct Histogram: SeriesHandle {
  public static var type: MetricType { .histogram }
  public let series: Series

  public init(series: Series) { self.series = series }

  /// Counts an observation, in the metric's unit. What is not finite is refused and counted; then the answer is false.
  @discardableResult
  public func observe(_ value: Double) -> Bool { series.observe(value) }

  /// Counts an observation, and keeps the labels as where the last one of its bucket came from. Names and values
  /// together have at most 128 code points; longer ones are left out and counted.
  @discardableResult
  public func observe(_ value: Double, exemplar labels: KeyValuePairs<String, String>) -> Bool {
    series.observe(value, exemplar: labels.map { Exemplar.Label($0.key, $0.value) })
  }
}

/// Sum and count of observations, and quantiles of the last `window` of them.
public struct Summary: SeriesHandle {
  public static var type: MetricType { .summary }
  public let series: Series

  public init(series: Series) { self.series = series }

  /// Takes an observation, in the metric's unit. What is not finite is refused and counted; then the answer is false.
  @discardableResult
  public func observe(_ value: Double) -> Bool { series.observe(value) }
}

/// Facts as labels; the value is always 1. It is exposed once it has been set.
public struct Info: SeriesHandle {
  public static var type: MetricType { .info }
  public let series: Series

  public init(series: Series) { self.series = series }

  /// Makes the series exist.
  public func set() { series.set(1) }
}

/// One active state out of those declared. It is exposed once it has been set.
public struct StateSet: SeriesHandle {
  public static var type: MetricType { .stateset }
  public let series: Series

  public init(series: Series) { self.series = series }

  /// Makes one state the active one. A text that is no state is refused and counted; then the answer is false.
  @discardableResult
  public func set(_ state: String) -> Bool { series.setState(state) }
}

import MetricModel

/// One series of a counter: a total that only grows.
///
/// It begins at 0, and is exposed as soon as it exists. Any thread may update it, also several at once: all that they
/// add counts, and no increment waits for a scrape.
public struct Counter: SeriesHandle {
  /// `.counter`.
  public static var type: MetricType { .counter }
  /// The series that the handle updates.
  public let series: Series

  /// Wraps a series of a counter; `Family` does that.
  public init(series: Series) { self.series = series }

  /// Adds to the total.
  ///
  /// An increment of 0 is accepted. One that is negative, infinite or NaN changes nothing, and is counted in
  /// `Registry.rejections()` as `negativeIncrement`, `notFinite` or `notANumber`. A total beyond the greatest finite
  /// number stays at that number.
  ///
  /// - Returns: whether the increment was accepted. It is also true where the series has ended (`isDropped`) and nobody
  ///   will see the increment.
  @discardableResult
  public func increment(by increment: Double = 1) -> Bool { series.count(increment, at: .now) }

  /// Adds to the total, and keeps an exemplar that says where the increment came from, such as a step or a trace. A
  /// counter keeps the last exemplar.
  ///
  /// Exemplar labels need no declaration. A label with an empty value is left out; without any label left, the exemplar
  /// before stays. Names are `[a-zA-Z_][a-zA-Z0-9_]*`, each once, and all names and values together have at most
  /// `Exemplar.codePointsMax` code points. Labels that break these rules are not kept and are counted as the rejection
  /// `exemplarLabels`; the increment still counts.
  ///
  /// - Returns: whether the increment was accepted, as `increment(by:)` says.
  @discardableResult
  public func increment(by increment: Double = 1, exemplar labels: KeyValuePairs<String, String>) -> Bool {
    series.add(increment, exemplar: labels.map { Exemplar.Label($0.key, $0.value) })
  }
}

/// One series of a gauge: a value that goes up and down.
///
/// It takes a place among the metric's series as soon as it exists, and is exposed once it has a value. Any thread may
/// update it, also several at once.
public struct Gauge: SeriesHandle {
  /// `.gauge`.
  public static var type: MetricType { .gauge }
  /// The series that the handle updates.
  public let series: Series

  /// Wraps a series of a gauge; `Family` does that.
  public init(series: Series) { self.series = series }

  /// Sets the value, in the metric's unit. NaN and infinities are accepted, and shown as they are.
  public func set(_ value: Double) { series.set(value) }

  /// Adds to the value, which counts as 0 before it is first set. A negative number subtracts. NaN makes the value NaN,
  /// which it stays until it is set again.
  public func increment(by increment: Double = 1) { series.add(increment) }

  /// Subtracts from the value, which counts as 0 before it is first set.
  public func decrement(by decrement: Double = 1) { series.add(-decrement) }
}

/// One series of a histogram: observations counted in declared buckets, in native ones, or in both.
///
/// It begins without observations, and is exposed as soon as it exists. Any thread may observe, also several at once.
/// Without native buckets an observation never waits. A scrape sees buckets, sum and count that belong together.
public struct Histogram: SeriesHandle {
  /// `.histogram`.
  public static var type: MetricType { .histogram }
  /// The series that the handle updates.
  public let series: Series

  /// Wraps a series of a histogram; `Family` does that.
  public init(series: Series) { self.series = series }

  /// Counts an observation, in the metric's unit. It may be negative.
  ///
  /// It falls into the first classic bucket whose upper bound is not below it. An infinite or NaN observation changes
  /// nothing, and is counted in `Registry.rejections()` as `notFinite` or `notANumber`. A sum beyond the greatest
  /// finite number stays at that number.
  ///
  /// - Returns: whether the observation was accepted. It is also true where the series has ended (`isDropped`) and
  ///   nobody will see the observation.
  @discardableResult
  public func observe(_ value: Double) -> Bool { series.observe(value) }

  /// Counts an observation, and keeps an exemplar that says where it came from. Each classic bucket keeps its last
  /// exemplar; a native histogram also keeps its last ten.
  ///
  /// What labels an exemplar may have is described at `Counter.increment(by:exemplar:)`. Labels that break those rules
  /// are counted as the rejection `exemplarLabels`; the observation still counts.
  ///
  /// - Returns: whether the observation was accepted, as `observe(_:)` says.
  @discardableResult
  public func observe(_ value: Double, exemplar labels: KeyValuePairs<String, String>) -> Bool {
    series.observe(value, exemplar: labels.map { Exemplar.Label($0.key, $0.value) })
  }
}

/// One series of a summary: the sum and count of all observations, and quantiles of the latest
/// `MetricDescriptor.window` of them.
///
/// It is exposed as soon as it exists; before the first observation its quantiles are NaN. A quantile is one of the
/// observations (the nearest rank), never a number between two. Any thread may observe, also several at once.
public struct Summary: SeriesHandle {
  /// `.summary`.
  public static var type: MetricType { .summary }
  /// The series that the handle updates.
  public let series: Series

  /// Wraps a series of a summary; `Family` does that.
  public init(series: Series) { self.series = series }

  /// Takes an observation, in the metric's unit. It may be negative.
  ///
  /// An infinite or NaN observation changes nothing, and is counted in `Registry.rejections()` as `notFinite` or
  /// `notANumber`.
  ///
  /// - Returns: whether the observation was accepted. It is also true where the series has ended (`isDropped`) and
  ///   nobody will see the observation.
  @discardableResult
  public func observe(_ value: Double) -> Bool { series.observe(value) }
}

/// One series of an info: facts as labels, with the value 1.
///
/// It is exposed once it has been set. Other label values are another series: where a fact changes, remove the old one
/// with `Family.remove(_:)`.
public struct Info: SeriesHandle {
  /// `.info`.
  public static var type: MetricType { .info }
  /// The series that the handle updates.
  public let series: Series

  /// Wraps a series of an info; `Family` does that.
  public init(series: Series) { self.series = series }

  /// Shows the series from now on. A further call changes nothing that is shown.
  public func set() { series.set(1) }
}

/// One series of a stateset: one active state of those that the metric declares.
///
/// It is exposed once it has been set: the active state with the value 1, each other one with 0. Any thread may set it.
public struct StateSet: SeriesHandle {
  /// `.stateset`.
  public static var type: MetricType { .stateset }
  /// The series that the handle updates.
  public let series: Series

  /// Wraps a series of a stateset; `Family` does that.
  public init(series: Series) { self.series = series }

  /// Makes one state the active one, in place of the one before.
  ///
  /// - Parameter state: one of `MetricDescriptor.states`, byte for byte. Any other text changes nothing, and is counted
  ///   in `Registry.rejections()` as `labelValue`, with the metric's own name as label.
  /// - Returns: whether there is such a state. It is also true where the series has ended (`isDropped`).
  @discardableResult
  public func set(_ state: String) -> Bool { series.setState(state) }
}

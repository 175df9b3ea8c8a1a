public import MetricModel

/// How many time series a catalog allows at most, before there are any: what `validate --budget` shows. docs/budget.md
/// says how it is counted.
///
/// What an exporter makes of the catalog's logs and collectors can never be more. A program that updates metrics itself,
/// by an embedded registry, is not seen: a metric that something in the catalog feeds is counted by that alone.
public struct SeriesBudget: Sendable {
  /// A label of a metric, with how many values it can have there.
  public struct Label: Sendable, Hashable {
    /// The label's name.
    public var name: String
    /// The most values that it has in this metric at a time; 0 where other labels of the metric decide about its value,
    /// so that it makes no further series.
    public var values: Int
  }

  /// What a metric can cost.
  public struct Metric: Sendable, Hashable {
    /// The metric's name.
    public var name: String
    /// Its labels, in the metric's order.
    public var labels: [Label]
    /// The most combinations of label values. It is below the product of `labels` where the catalog makes sure that not
    /// all of them go together.
    public var combinations: Int
    /// How many time series each combination is: the buckets of a histogram with its sum and count, and so on.
    public var timeSeriesEach: Int
    /// The most time series that the metric may have: `max_series` or `series_per_metric`.
    public var limit: Int

    /// The most time series that its labels allow.
    public var worstCase: Int { SeriesBudget.product([combinations, timeSeriesEach]) }
    /// Whether the registry may have to refuse series of it.
    public var isOver: Bool { worstCase > limit }
  }

  /// The metrics in the order of the catalog.
  public var metrics: [Metric]
  /// The most time series of all metrics together: `limits: { series }`.
  public var limit: Int

  /// The most time series that can exist of all metrics together, each within its own limit.
  public var worstCase: Int { Self.sum(metrics.map { min($0.worstCase, $0.limit) }) }
  /// Whether the registry may have to refuse series of a metric that is within its own limit.
  public var isOver: Bool { worstCase > limit }

  /// Counts what a catalog allows.
  ///
  /// - Parameter collectors: those that there are, with their readings and labels.
  public init(_ catalog: Catalog, collectors: [CollectorDescriptor]) {
    let feeds = Feeds(catalog, collectors)
    limit = catalog.limits.registry.series
    metrics = catalog.metrics.enumerated().map { index, metric in
      let count = SeriesCount(of: metric, feeds[metric: index])
      return Metric(
        name: metric.name,
        labels: zip(metric.labels, count.values).map { Label(name: $0.name, values: $1) },
        combinations: count.combinations,
        timeSeriesEach: max(metric.timeSeriesPerChild, 1),
        limit: metric.maxSeries ?? catalog.limits.registry.seriesPerMetric
      )
    }
  }

  /// More than any limit, and not more than an `Int` has.
  package static func product(_ factors: some Sequence<Int>) -> Int {
    factors.reduce(1) { product, factor in
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      return overflow ? Int.max : next
    }
  }

  static func sum(_ terms: some Sequence<Int>) -> Int {
    terms.reduce(0) { sum, term in
      let (next, overflow) = sum.addingReportingOverflow(term)
      return overflow ? Int.max : next
    }
  }
}

/// How many time series a registry may have: `limits:` in the catalog.
///
/// Time series are counted as the exposition shows them. A histogram with 11 buckets therefore counts 14 for each
/// combination of labels: its buckets, the bucket `+Inf`, the sum and the count.
public struct RegistryLimits: Sendable, Hashable {
  /// The most time series of all metrics together: `series:`, 100,000 by default.
  public var series: Int
  /// The most time series of one metric that has no `maxSeries` of its own: `series_per_metric:`, 10,000 by default.
  public var seriesPerMetric: Int

  /// Creates limits; without arguments, the catalog's defaults.
  public init(series: Int = 100_000, seriesPerMetric: Int = 10_000) {
    self.series = series
    self.seriesPerMetric = seriesPerMetric
  }
}

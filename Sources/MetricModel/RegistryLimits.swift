/// The ceilings of a registry, in time series as exposed: buckets, sum and count are each one.
public struct RegistryLimits: Sendable, Hashable {
  public var series: Int
  public var seriesPerMetric: Int

  public init(series: Int = 100_000, seriesPerMetric: Int = 10_000) {
    self.series = series
    self.seriesPerMetric = seriesPerMetric
  }
}

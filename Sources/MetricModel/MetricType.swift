/// The types of metric that a catalog can declare.
public enum MetricType: String, Sendable, Hashable, CaseIterable {
  case counter, gauge, histogram, summary, info, stateset
}

internal import MetricModel

/// Which metrics a scraper wants that does not want all. A metric is shown whole, or not at all.
package struct MetricSelection: Hashable, Sendable {
  /// Names of metric families or of their samples: `name[]`.
  package var names: Set<String>
  /// Names of what feeds metrics: `collect[]`. Whoever knows the sources puts the names of their metrics into `names`.
  package var sources: Set<String>

  package init(names: Set<String> = [], sources: Set<String> = []) {
    self.names = names
    self.sources = sources
  }

  func takes(_ family: MetricFamily) -> Bool { takes(Self.names(of: family.name, family.type)) }

  /// - Parameter names: all that a family may be called by.
  func takes(_ names: [String]) -> Bool { names.contains(where: self.names.contains) }

  /// What a family may be called by: its name, that of OpenMetrics, and those of its samples.
  static func names(of name: String, _ type: MetricType) -> [String] {
    func stem(without suffix: String) -> String {
      name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
    }
    switch type {
    case .counter:
      let stem = stem(without: "_total")
      return [name, stem, stem + "_created"]
    case .info: return [name, stem(without: "_info")]
    case .histogram: return [name] + ["_bucket", "_sum", "_count", "_created"].map { name + $0 }
    case .summary: return [name] + ["_sum", "_count", "_created"].map { name + $0 }
    default: return [name]
    }
  }
}

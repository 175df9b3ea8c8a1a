package import MetricCatalog
package import MetricModel

/// What a collector looks up in its part of the catalog.
extension Catalog.Collector {
  /// The names of the readings that something is made of; nil: the catalog maps none, and whoever asks wants all.
  package func wantedReadings(of descriptor: CollectorDescriptor) -> Set<String>? {
    if readings.isEmpty { return nil }
    let names = descriptor.records.flatMap(\.readings).map(\.name)
    return Set(names.filter { name in readings.contains { $0.pattern.match(name) != nil } })
  }

  package func duration(_ key: String) -> Duration? {
    if case .duration(let duration)? = options[key] { duration } else { nil }
  }

  package func texts(_ key: String) -> [String]? {
    if case .texts(let texts)? = options[key] { texts } else { nil }
  }

  package func matches(_ key: String) -> [Match]? {
    if case .matches(let matches)? = options[key] { matches } else { nil }
  }
}

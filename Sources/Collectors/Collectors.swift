package import MetricCatalog
package import MetricModel
internal import PatternSyntax

/// All collectors, in the order of the documentation. A new one is one more line here.
package enum Collectors {
  package static var all: [any Collector.Type] {
    [
      SystemCollector.self,
      CgroupCollector.self,
      ProcessCollector.self,
      NVMLCollector.self,
    ]
  }

  /// What they offer.
  package static var descriptors: [CollectorDescriptor] { all.map { $0.descriptor } }
}

extension SystemCollector {
  package convenience init(settings: Catalog.Collector) {
    self.init(readings: settings.wantedReadings(of: Self.descriptor))
  }
}

extension CgroupCollector {
  package convenience init(settings: Catalog.Collector) {
    var paths: [String] = []
    if case .texts(let texts) = settings.options["path"] { paths = texts }
    self.init(paths: paths, readings: settings.wantedReadings(of: Self.descriptor))
  }
}

extension ProcessCollector {
  package convenience init(settings: Catalog.Collector) {
    var matches: [Catalog.Collector.Match] = []
    if case .matches(let entries) = settings.options["match"] { matches = entries }
    var interval: Duration?
    if case .duration(let duration) = settings.options["proportional_memory"] { interval = duration }
    self.init(
      matches: matches.map { ProcessMatch($0) },
      readings: settings.wantedReadings(of: Self.descriptor),
      proportionalInterval: interval.map { $0 / .seconds(1) }
    )
  }
}

extension ProcessMatch {
  package init(_ match: Catalog.Collector.Match) {
    self.init(
      name: match.name.map { FieldPattern($0) },
      commandLine: match.commandLine.map { LinePattern($0) },
      environment: match.environment.map { Variable($0.name, FieldPattern($0.pattern)) },
      labels: match.labels.map { Label($0.name, $0.value) }
    )
  }
}

extension NVMLCollector {
  package convenience init(settings: Catalog.Collector) {
    self.init(
      sampleInterval: settings.duration("sample"),
      wanted: settings.wantedReadings(of: Self.descriptor)
    )
  }
}

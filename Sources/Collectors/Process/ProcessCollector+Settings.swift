package import MetricCatalog
internal import PatternSyntax

/// As the catalog asks for it.
extension ProcessCollector {
  package convenience init(settings: Catalog.Collector) {
    self.init(
      matches: (settings.matches("match") ?? []).map { ProcessMatch($0) },
      readings: settings.wantedReadings(of: Self.descriptor),
      proportionalInterval: settings.duration("proportional_memory").map { $0 / .seconds(1) }
    )
  }
}

extension ProcessMatch {
  package init(_ match: Catalog.Collector.Match) {
    self.init(
      name: match.name.map { FieldPattern($0) },
      commandLine: match.commandLine.map { LinePattern($0) },
      users: match.users,
      environment: match.environment.map { Variable($0.name, FieldPattern($0.pattern)) },
      labels: match.labels.map { Label($0.name, $0.value) }
    )
  }
}

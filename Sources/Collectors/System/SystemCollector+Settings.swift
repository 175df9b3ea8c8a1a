package import MetricCatalog

/// As the catalog asks for it.
extension SystemCollector {
  package convenience init(settings: Catalog.Collector) {
    self.init(readings: settings.wantedReadings(of: Self.descriptor))
  }
}

package import MetricCatalog

/// As the catalog asks for it.
extension CgroupCollector {
  package convenience init(settings: Catalog.Collector) {
    self.init(paths: settings.texts("path") ?? [], readings: settings.wantedReadings(of: Self.descriptor))
  }
}

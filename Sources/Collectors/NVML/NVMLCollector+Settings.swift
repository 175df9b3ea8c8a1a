package import MetricCatalog

/// As the catalog asks for it.
extension NVMLCollector {
  package convenience init(settings: Catalog.Collector) {
    self.init(
      sampleInterval: settings.duration("sample"),
      wanted: settings.wantedReadings(of: Self.descriptor)
    )
  }
}

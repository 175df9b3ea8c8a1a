internal import Collectors
public import MetricCatalog

/// Loads a catalog and checks it against what this exporter's collectors offer.
public func loadCatalog(path: String) -> CatalogLoading {
  CatalogLoader.load(path: path, collectors: Collectors.descriptors)
}

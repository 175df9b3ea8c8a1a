internal import Collectors
internal import Diagnostics
public import MetricCatalog
public import MetricModel

/// Loads a catalog, and checks what it asks of collectors against what this exporter's collectors offer.
///
/// Use this rather than `CatalogLoader.load(path:)` for a catalog that an `Exporter` gets: the loader alone does not
/// know which collectors there are. The call blocks while the file is read.
///
/// - Parameter path: the file, relative to the working directory or absolute. It is taken as it is, without `~` and
///   variables.
/// - Returns: the catalog, or nil in its place if there are errors, and all diagnostics. A file that cannot be read is
///   a diagnostic too.
public func loadCatalog(path: String) -> CatalogLoading {
  CatalogLoader.load(path: path, collectors: Collectors.descriptors)
}

/// The collectors that this exporter has, with the readings that each offers.
public var offeredCollectors: [CollectorDescriptor] { Collectors.descriptors }

/// Loads a catalog from standard input, a pipe, or another stream. The call blocks until the stream ends, or its writer
/// is silent for too long.
///
/// - Parameters:
///   - stream: a path for which `StreamFile.isNamed(by:)` is true.
///   - name: what messages call it. Relative paths in the catalog are relative to its folder.
package func loadCatalog(stream: String, name: String) -> CatalogLoading {
  CatalogLoader.load(path: name, collectors: Collectors.descriptors) { limit throws(RegularFile.Problem) in
    try StreamFile.read(path: stream, bytesMax: limit)
  }
}

/// Loads a catalog from memory, with the same checks.
///
/// - Parameters:
///   - bytes: the YAML in UTF-8.
///   - path: the name that messages show.
public func loadCatalog(bytes: [UInt8], path: String) -> CatalogLoading {
  CatalogLoader.load(bytes: bytes, path: path, collectors: Collectors.descriptors)
}

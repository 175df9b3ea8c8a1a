internal import LogFormats
public import MetricCatalog

/// What a catalog declares and this version checks, but does not act on yet: watchers of the format `tensorboard`.
///
/// - Returns: one line for the operator for each such watcher, in the catalog's order; empty if all is acted on.
public func notYetRead(in catalog: Catalog) -> [String] {
  var lines: [String] = []
  for watcher in catalog.watchers where !LogFormats.isRead(watcher.format) {
    lines.append("watcher \(watcher.name): logs of this form (\(watcher.format.name)) are not read in this version")
  }
  return lines
}

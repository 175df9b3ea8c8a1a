internal import Ingest
public import MetricCatalog

/// One line for each thing that a catalog declares and this version checks but does not act on yet.
public func notYetRead(in catalog: Catalog) -> [String] {
  var lines: [String] = []
  for watcher in catalog.watchers where !watcher.format.isRead {
    lines.append("watcher \(watcher.name): logs of this form (\(watcher.format.name)) are not read in this version")
  }
  return lines
}

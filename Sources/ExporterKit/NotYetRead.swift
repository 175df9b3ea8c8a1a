internal import Ingest
public import MetricCatalog

/// One line for each thing that a catalog declares and this version checks but does not act on yet.
public func notYetRead(in catalog: Catalog) -> [String] {
  var lines: [String] = []
  if !catalog.collectors.isEmpty {
    let names = catalog.collectors.map(\.name).joined(separator: ", ")
    lines.append("collectors are checked, and not read in this version: \(names)")
  }
  for watcher in catalog.watchers where !watcher.format.isRead {
    lines.append("watcher \(watcher.name): logs of this form (\(watcher.format.name)) are not read in this version")
  }
  if catalog.metrics.contains(where: { $0.nativeHistogram != nil }) {
    lines.append("native histograms are checked, and not served in this version; classic buckets are")
  }
  let targets = catalog.watchers.flatMap { $0.eachRecord + $0.fields.flatMap(\.targets) }
  if targets.contains(where: { !$0.exemplar.isEmpty }) {
    lines.append("exemplars are checked, and not served in this version")
  }
  return lines
}

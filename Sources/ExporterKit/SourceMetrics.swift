internal import MetricCatalog

extension Catalog {
  /// The names of the metrics that a watcher or collector of this name can feed; none where there is no such source.
  func metrics(fedBy source: String) -> [String] {
    let ofSource = watchers.filter { $0.name == source }
    let fed = Self.metrics(fedBy: ofSource, collectors.filter { $0.name == source })
    guard ofSource.contains(where: \.readsEvents) else { return fed.map { metrics[$0].name } }
    // Events feed what nothing else does.
    let byOthers = Self.metrics(fedBy: watchers, collectors)
    return metrics.indices.filter { !byOthers.contains($0) }.map { metrics[$0].name }
  }

  private static func metrics(fedBy watchers: [Watcher], _ collectors: [Collector]) -> Set<Int> {
    let mappings = watchers.flatMap(\.fields) + collectors.flatMap(\.readings)
    return Set((watchers.flatMap(\.eachRecord) + mappings.flatMap(\.targets)).map(\.metric))
  }
}

internal import MetricCatalog
internal import MetricModel
internal import Runs

/// The runs as families. A catalog asks for them with `run:`, so they are served also where the exporter's own metrics are
/// not.
enum RunMetrics {
  /// The metrics of runs, if one of the sources tells of some.
  static func names(toldBy sources: Set<String>, _ catalog: Catalog) -> [String] {
    guard catalog.watchers.contains(where: { $0.run != nil && sources.contains($0.name) }) else { return [] }
    return RunBoard().families(at: 0).map(\.name)
  }

  /// - Parameter now: nanoseconds since 1970.
  static func families(_ board: RunBoard, _ catalog: Catalog, at now: Int64) -> [MetricFamily] {
    guard catalog.watchers.contains(where: { $0.run != nil }) else { return [] }
    let refused = MetricFamily(
      name: "training_exporter_runs_refused_total",
      type: .counter,
      help: "Times that something was said of a run for which there is no place.",
      samples: [Sample(value: Double(board.refusedCount))]
    )
    return board.families(at: now) + [refused]
  }
}

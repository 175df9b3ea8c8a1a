internal import MetricCatalog
internal import MetricModel
internal import Runs

/// The runs as families. A catalog asks for them with `run:`, so they are served also where the exporter's own metrics are
/// not.
enum RunMetrics {
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

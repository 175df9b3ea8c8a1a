package import Clocks
internal import Collectors
package import MetricCatalog
package import Runs

/// Looks for the processes of runs, as `process:` of watchers describes them, and tells the board. For one thread at a time.
package final class RunProcesses {
  private struct Source {
    let keys: RunKeys
    let census: ProcessCensus
  }

  private let sources: [Source]
  private let clock: () -> Moment

  /// nil: the catalog looks for none.
  ///
  /// - Parameter root: what stands in for `/`.
  package init?(_ catalog: Catalog, root: String = "", clock: @escaping () -> Moment) {
    sources = catalog.watchers.compactMap { watcher in
      guard let run = watcher.run, !run.processes.isEmpty else { return nil }
      let census = ProcessCensus(root: root, matches: run.processes.map { ProcessMatch($0) })
      return Source(keys: RunKeys(run), census: census)
    }
    self.clock = clock
    if sources.isEmpty { return nil }
  }

  /// Looks through all processes once; takes as long as `/proc` does.
  package func look(for board: RunBoard) {
    var counts: [RunBoard.Key: Int] = [:]
    for source in sources {
      // What cannot be seen is not gone.
      guard let census = source.census.count() else { return }
      for (label, count) in census {
        if let key = Self.key(source.keys, label) { counts[key, default: 0] += count }
      }
    }
    board.sawProcesses(counts, at: clock().wall)
  }

  /// nil: a label is not among what was taken, or does not allow it.
  private static func key(_ keys: RunKeys, _ taken: ProcessTable.Label) -> RunBoard.Key? {
    let texts = keys.labels.compactMap { label in taken.names.firstIndex(of: label.name).map { taken.values[$0] } }
    return texts.count == keys.labels.count ? keys.key(values: texts) : nil
  }
}

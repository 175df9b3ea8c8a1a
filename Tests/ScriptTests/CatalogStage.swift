import Ingest
import LogStations

/// An exporter with a catalog, as a scene sees it: through the exposition, and what it counts and says beside it.
final class CatalogStage {
  let station: Station
  /// As the next start or reload finds it.
  var catalog: String
  var sight = Sight()
  private var saved: [UInt8]?

  init(_ catalog: String, in folder: LogFolder, clock: StationClock) throws {
    self.catalog = catalog
    station = try Station(catalog, in: folder, clock: clock)
  }

  /// Saves, ends, and begins again.
  func restart() throws { try station.restart(catalog, from: station.save()) }

  func save() { saved = station.save() }

  /// Ends without a word, and begins with what was saved last.
  func kill() throws {
    guard saved != nil else { throw ScriptMistake("nothing was saved") }
    try station.restart(catalog, from: saved)
  }

  /// Begins with nothing.
  func anew() throws { try station.restart(catalog, from: nil) }

  func reload() throws { try station.reload(catalog) }

  /// Begins with nothing, and reads all that is there just once.
  func once() throws {
    try anew()
    station.tailer.readOnce()
  }

  /// What is shown that was not, and no longer what was, since this was called before.
  func changes() -> [String] {
    let warnings = station.warnings.map { $0.replacing(station.folder.url.path + "/", with: "") }
    return sight.changes(to: station.samples, counts: counts(), warnings: warnings)
  }

  /// What was not taken, and why.
  private func counts() -> [String] {
    let hasSeveral = station.ingest.counters.count > 1
    let records = station.ingest.counters.enumerated().flatMap { watcher, counters in
      RecordOutcome.allCases.filter { $0 != .mapped && counters.count($0) > 0 }.map { outcome in
        (hasSeveral ? "watcher \(watcher + 1): " : "") + "\(outcome) \(counters.count(outcome))"
      }
    }
    let limits = station.ingest.limits.flatMap { counters in
      LimitCounters.Limit.allCases.filter { counters.count($0) > 0 }.map { "limit \($0.name) \(counters.count($0))" }
    }
    return Sight.refused(station.registry) + records + limits
  }
}

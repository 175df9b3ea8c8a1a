import Foundation
import Ingest
import LogStations
import MetricRegistry

/// An exporter with a catalog, as a scene sees it: through the exposition, and what it counts and says beside it.
final class CatalogStage {
  let station: Station
  /// As the next start or reload finds it.
  var catalog: String
  /// The metrics that are shown, each a name, or `*` and one end of it; empty: all.
  var shownMetrics: [String] = []
  private var saved: [UInt8]?
  private var before: [String] = []
  private var countsBefore: [String] = []
  private var warningsTold = 0

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

  // MARK: What is seen

  /// What is shown that was not, and no longer what was, since this was called before.
  func changes() -> [String] {
    let (samples, counts) = (station.samples.filter(isShown), counts())
    let (known, series) = (Set(before), Set(samples.map(Self.series)))
    let changed = Self.sorted(samples.filter { !known.contains($0) })
    let gone = before.map(Self.series).filter { !series.contains($0) }.sorted()
    let counted = counts.filter { !countsBefore.contains($0) }
    let told = station.warnings[warningsTold...].map { warning in
      "warning: " + warning.replacing(station.folder.url.path + "/", with: "")
    }
    (before, countsBefore, warningsTold) = (samples, counts, station.warnings.count)
    return Self.filled(changed) + Self.filled(gone).map { "gone \($0)" } + counted + told
  }

  private static func series(_ sample: String) -> Substring {
    sample[..<(sample.lastIndex(of: " ") ?? sample.endIndex)]
  }

  private func isShown(_ sample: String) -> Bool {
    let name = sample.prefix { $0 != "{" && $0 != " " }
    return shownMetrics.isEmpty
      || shownMetrics.contains { pattern in
        if pattern.hasSuffix("*") { return name.hasPrefix(pattern.dropLast()) }
        return pattern.hasPrefix("*") ? name.hasSuffix(pattern.dropFirst()) : name == pattern
      }
  }

  /// In the order of the metrics; the series of each, whatever was read first, in the order of their labels.
  private static func sorted(_ samples: [String]) -> [String] {
    var families: [Substring: Int] = [:]
    let placed = samples.enumerated().map { place, sample in
      let name = sample.prefix { $0 != "{" && $0 != " " }.replacing(#/_(bucket|sum|count)$/#, with: "")
      let family = families[name] ?? families.count
      families[name] = family
      let labels = series(sample).drop { $0 != "{" }
        .replacing(#/,?(le|quantile)="[^"]*"/#, with: "").replacing("{}", with: "")
      return (order: (family, labels, place), sample: sample)
    }
    return placed.sorted { $0.order < $1.order }.map(\.sample)
  }

  /// As many on a line as are read with ease.
  private static func filled(_ parts: [some StringProtocol]) -> [String] {
    parts.reduce(into: []) { lines, part in
      if let last = lines.last, last.count + part.count < 90 {
        lines[lines.count - 1] = last + ", " + part
      } else {
        lines.append(String(part))
      }
    }
  }

  /// What was not taken, and why.
  private func counts() -> [String] {
    let refused = station.registry.rejections().map { entry in
      (["refused", entry.rejection.metric, entry.rejection.label, entry.rejection.reason.rawValue, "\(entry.count)"])
        .filter { !$0.isEmpty }.joined(separator: " ")
    }
    let hasSeveral = station.ingest.counters.count > 1
    let records = station.ingest.counters.enumerated().flatMap { watcher, counters in
      RecordCounters.Outcome.allCases.filter { $0 != .mapped && counters.count($0) > 0 }.map { outcome in
        (hasSeveral ? "watcher \(watcher + 1): " : "") + "\(outcome) \(counters.count(outcome))"
      }
    }
    let limits = station.ingest.limits.flatMap { counters in
      LimitCounters.Limit.allCases.filter { counters.count($0) > 0 }.map { "limit \($0.name) \(counters.count($0))" }
    }
    return refused.sorted() + records + limits
  }
}

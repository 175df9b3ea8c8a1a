package import Clocks
package import MetricRegistry
package import StateStore
package import Tailing

/// A whole reading of logs as it was saved: the registry's values, what each log contributed, and how far it was read.
/// All of one moment between two looks, so that what is read on from there is counted exactly once.
///
/// It may have been saved under another catalog: what is unaffected keeps its values, the rest is read from the logs.
package struct SavedReading {
  private let savedAt: Moment
  private let prints: CatalogPrints.Saved
  private let series: SavedRegistry
  private let feeders: [Int: Feeders.Saved]
  private let ingest: SavedIngest
  private let logs: [SavedLog]

  /// Which metrics' series are saved.
  package enum Scope: Sendable {
    /// Those that logs feed: for another process.
    case fedByLogs
    /// All of them: for the same process with another catalog.
    case all
  }

  /// What has changed since the last time, or, where `isWhole` says so or it is the first time, all there is. On the
  /// tailer's thread, between two looks.
  package static func encode(
    _ registry: Registry,
    _ ingest: LogIngest,
    _ tailer: Tailer,
    scope: Scope,
    isWhole: Bool
  ) -> StateChanges {
    var changes = StateChanges(isWhole: isWhole || !ingest.saving.hasWhole)
    ingest.saving.hasWhole = true
    if changes.isWhole { ingest.saving.feeders = Feeders.Table() }
    let haveInfosEnded = registry.encodeSeries(
      into: &changes,
      includes: { scope == .all || ingest.isFedByLogs[$0] },
      feeder: { ingest.saving.feeders.place(of: $0) }
    )
    ingest.saving.feeders.encode(into: &changes)
    ingest.encode(into: &changes)
    // Whether its infos are still there is a log's to encode: they may end without it.
    tailer.encode(into: &changes, asksAll: haveInfosEnded)
    if !changes.isEmpty { changes.set(.moment, 0) { $0.encode(ingest.expiry.clock()) } }
    // The last: a whole that is cut off has none.
    if changes.isWhole {
      changes.set(.catalog, 0) { encoder in
        encoder.encode(ingest.prints.metrics)
        encoder.encode(ingest.prints.watchers)
        encoder.encode(tailer.root)
      }
    }
    return changes
  }

  /// The folder that saved logs lie in; nil: it was not saved, or no log lies in it.
  package static func root(of saved: SavedState) -> String? {
    guard saved.version >= 3, let image = try? StateImage(saved), var decoder = try? image.decoder(.catalog, 0),
      (try? decoder.decode([String: [UInt8]].self)) != nil,
      (try? decoder.decode([String: CatalogPrints.WatcherPrint].self)) != nil,
      let root = try? decoder.decode(String.self), let logs = try? SavedLog.decode(from: image),
      logs.contains(where: \.isRelative)
    else { return nil }
    return root
  }

  /// Takes saved bytes apart.
  package init(_ saved: SavedState) throws(StateDecoder.Failure) {
    if saved.version < 3 { try self.init(fromVersion2: saved) } else { try self.init(StateImage(saved)) }
  }

  private init(_ image: StateImage) throws(StateDecoder.Failure) {
    if image.version < 4 {
      // Each log had its own.
      savedAt = Moment(monotonic: 0, wall: 0)
    } else {
      var decoder = try image.decoder(.moment, 0)
      savedAt = try decoder.decode()
    }
    var decoder = try image.decoder(.catalog, 0)
    prints = CatalogPrints.Saved(metrics: try decoder.decode(), watchers: try decoder.decode(), version: image.version)
    series = try SavedRegistry(image)
    var feeders: [Int: Feeders.Saved] = [:]
    for place in image.owners(of: .feeder) {
      var decoder = try image.decoder(.feeder, place)
      feeders[Int(truncatingIfNeeded: place)] = try decoder.decode(Feeders.Saved.self)
    }
    self.feeders = feeders
    ingest = try SavedIngest(image)
    logs = try SavedLog.decode(from: image)
  }

  /// Version 2 had one piece.
  private init(fromVersion2 saved: SavedState) throws(StateDecoder.Failure) {
    savedAt = Moment(monotonic: 0, wall: 0)
    var decoder = StateDecoder(saved.whole, version: saved.version)
    prints = CatalogPrints.Saved(metrics: try decoder.decode(), watchers: try decoder.decode(), version: saved.version)
    var part = try decoder.decoderOfPart()
    series = try SavedRegistry(fromVersion2: &part)
    part = try decoder.decoderOfPart()
    let feeders: [Feeders.Saved] = try part.decode()
    self.feeders = Dictionary(uniqueKeysWithValues: feeders.enumerated().map { ($0, $1) })
    part = try decoder.decoderOfPart()
    ingest = try SavedIngest(fromVersion2: &part)
    logs = try SavedLog.decode(fromVersion2: &decoder)
    guard decoder.isAtEnd else { throw StateDecoder.Failure() }
  }

  /// Goes on from here with a registry, an ingest and a tailer that have not been used yet. Where this throws they are of
  /// no use any more: make new ones.
  package func restore(_ registry: Registry, _ ingest: LogIngest, _ tailer: Tailer) throws(StateDecoder.Failure) {
    let retention = ingest.retention(of: prints) { watcher in
      logs.filter { $0.watcher == ingest.watcherName(watcher) }
        .allSatisfy { tailer.follows($0, watcher: watcher) }
    }
    let now = ingest.expiry.clock()
    let feeders = ingest.feeders.restore(self.feeders, ingest.catalog, savedAt: savedAt, now: now)
    var places: [UInt64: Series] = [:]
    try registry.restoreSeries(
      from: series,
      keeps: { retention.metrics[$0] },
      keepsExemplars: { !ingest.isFedByLogs[$0] || ingest.hasExemplars[$0] },
      feeder: { feeders[$0] },
      restored: { place, series in
        if !self.ingest.events.processes.isEmpty { places[place] = series }
        if let feeder = series.feeder, [.gauge, .stateset].contains(series.metric.descriptor.type) {
          ingest.shownBefore[ObjectIdentifier(feeder), default: []].append(series)
        }
      }
    )
    ingest.restore(self.ingest, retention, series: places, savedAt: savedAt)
    try tailer.restore(logs) { file, decoder throws(StateDecoder.Failure) in
      try ingest.reopen(file, from: &decoder, retention, savedAt: savedAt)
    }
    for group in ingest.documentGroups.values { group.restored() }
    ingest.shownBefore = [:]
    ingest.runFiles.restored()
  }
}

extension CatalogPrints.WatcherPrint: StateRecord {
  static let fields = [StateField(\Self.records), StateField(\.files)]
}

/// When all was saved: another process may go by another monotonic clock, and the wall clock is set at times.
extension Moment: StateCodable {
  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(monotonic)
    encoder.encode(wall)
    encoder.encode(boot.map { Int64(bitPattern: $0.value) })
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(monotonic: try decoder.decode(), wall: try decoder.decode())
    boot = try decoder.decode(Int64?.self).map { BootIdentity(UInt64(bitPattern: $0)) }
  }
}

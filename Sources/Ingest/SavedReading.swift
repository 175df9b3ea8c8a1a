internal import MetricCatalog
package import MetricRegistry
package import StateStore
package import Tailing

/// A whole reading of logs as it was saved: the registry's values, what each log contributed, and how far it was read.
/// All of one moment between two looks, so that what is read on from there is counted exactly once.
///
/// It may have been saved under another catalog: what is unaffected keeps its values, the rest is read from the logs.
package struct SavedReading {
  private let prints: CatalogPrints.Saved
  private let series: StateDecoder
  private let sources: StateDecoder
  private let ingest: StateDecoder
  private let logs: [SavedLogs]

  /// Which metrics' series are saved.
  package enum Scope: Sendable {
    /// Those that logs feed: for another process.
    case fedByLogs
    /// All of them: for the same process with another catalog.
    case all
  }

  /// On the tailer's thread, between two looks.
  package static func encode(_ registry: Registry, _ ingest: LogIngest, _ tailer: Tailer, scope: Scope) -> [UInt8] {
    var encoder = StateEncoder()
    let prints = ingest.prints
    encoder.encode(prints.metrics)
    encoder.encode(prints.watchers)
    var sources = LogSources.Table()
    encoder.encodePart { encoder in
      registry.encodeSeries(
        into: &encoder,
        includes: { scope == .all || ingest.isFedByLogs[$0] },
        source: { sources.place(of: $0) }
      )
    }
    encoder.encodePart { sources.encode(into: &$0, now: ingest.expiry.clock()) }
    encoder.encodePart { ingest.encode(into: &$0) }
    tailer.encode(into: &encoder)
    return encoder.bytes
  }

  /// Takes saved bytes apart.
  package init(_ saved: SavedState) throws(StateDecoder.Failure) {
    var decoder = StateDecoder(saved.bytes, version: saved.version)
    prints = CatalogPrints.Saved(metrics: try decoder.decode(), watchers: try decoder.decode(), version: saved.version)
    series = try decoder.decoderOfPart()
    sources = try decoder.decoderOfPart()
    ingest = try decoder.decoderOfPart()
    logs = try SavedLogs.decode(from: &decoder)
    guard decoder.isAtEnd else { throw StateDecoder.Failure() }
  }

  /// Goes on from here with a registry, an ingest and a tailer that have not been used yet. Where this throws they are of
  /// no use any more: make new ones.
  package func restore(_ registry: Registry, _ ingest: LogIngest, _ tailer: Tailer) throws(StateDecoder.Failure) {
    let retention = ingest.retention(of: prints) { watcher in
      logs.filter { $0.watcher == ingest.watcherName(watcher) }.flatMap(\.logs)
        .allSatisfy { tailer.follows($0, watcher: watcher) }
    }
    var decoder = self.sources
    let sources = try ingest.restoreSources(from: &decoder, now: ingest.expiry.clock())
    decoder = series
    try registry.restoreSeries(
      from: &decoder,
      keeps: { retention.metrics[$0] },
      keepsExemplars: { !ingest.isFedByLogs[$0] || ingest.hasExemplars[$0] },
      source: { sources.indices.contains($0) ? sources[$0] : nil }
    )
    decoder = self.ingest
    try ingest.restore(from: &decoder, retention)
    try tailer.restore(logs) { file, decoder throws(StateDecoder.Failure) in
      try ingest.reopen(file, from: &decoder, retention)
    }
  }
}

extension CatalogPrints.WatcherPrint: StateCodable {
  func encode(into encoder: inout StateEncoder) {
    encoder.encode(records)
    encoder.encode(files)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init(records: try decoder.byteArray(), files: try decoder.byteArray())
  }
}

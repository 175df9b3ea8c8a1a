internal import Clocks
internal import LogFormats
internal import MetricCatalog
internal import MetricRegistry
internal import StateStore
internal import Tailing

/// Saving what is known of logs beyond their files, and going on with it.
extension LogIngest {
  func watcherName(_ watcher: Int) -> String { catalog.watchers[watcher].name }

  func retention(of saved: CatalogPrints.Saved, hasSameLogs: (Int) -> Bool) -> Retention {
    Retention(catalog, prints: prints, saved: saved, hasSameLogs: hasSameLogs)
  }

  func restoreSources(from decoder: inout StateDecoder, now: Moment) throws(StateDecoder.Failure) -> [SeriesSource?] {
    try sources.restore(from: &decoder, catalog: catalog, now: now)
  }

  /// Encodes what became of records, and the logs that consist of documents.
  func encode(into encoder: inout StateEncoder) {
    forgetGroups()
    encoder.encode(zip(catalog.watchers, counters).map { SavedCounters(watcher: $0.name, $1) })
    encoder.encode(each: documentGroups) { encoder, group in
      encoder.encode(catalog.watchers[group.key.watcher].name)
      encoder.encode(group.key.captures)
      group.value.encode(into: &encoder)
    }
  }

  func restore(from decoder: inout StateDecoder, _ retention: Retention) throws(StateDecoder.Failure) {
    for saved in try decoder.decode([SavedCounters].self) {
      guard let watcher = watcherIndex(saved.watcher), retention.watchers[watcher] else { continue }
      saved.add(to: counters[watcher])
    }
    for saved in try decoder.decode([SavedDocuments].self) {
      guard let watcher = watcherIndex(saved.watcher),
        let group = documentGroup(
          watcher: watcher,
          captures: saved.captures,
          SeriesSource(name: "", watcher: saved.watcher)
        )
      else { continue }
      group.restore(saved.states) { contributions, mapping in
        retention.keep(contributions, of: watcher, named: metricIndex, mapping: mapping)
      }
    }
  }

  /// The consumer of a log that another process followed.
  func reopen(_ file: LogFile, from decoder: inout StateDecoder, _ retention: Retention) throws(StateDecoder.Failure)
    -> ReopenedLog
  {
    let isDocument: Bool = try decoder.decode()
    guard isDocument == catalog.watchers[file.watcher].format.isDocument else { return .forgotten }
    let source = source(of: file)
    let times = try decoder.decode(SavedTimes.self).asOf(expiry.clock())
    source.restore(modified: times.modified, lastChange: times.lastChange)
    if isDocument {
      guard let group = documentGroup(watcher: file.watcher, captures: file.captures, source) else { return .forgotten }
      let log = DocumentLog(group: group, source: source, expiry: expiry)
      return try log.restore(from: &decoder, keepsRecords: retention.watchers[file.watcher])
    }
    let checkpoint: ParserCheckpoint = try decoder.decode()
    let contributions: [Contribution.Saved] = try decoder.decode()
    let mapping = makeMapping(file.watcher, captures: file.captures, source)
    guard let kept = retention.keep(contributions, of: file.watcher, named: metricIndex, mapping: mapping) else {
      readBefore.insert(LogName(file))
      return .forgotten
    }
    mapping.isFirstReading = true
    let log = lineLog(mapping, file, state: kept.state)
    if kept.isReadAgain { return .readAgain(log) }
    log.resume(from: checkpoint)
    return .goesOn(log)
  }

  private func watcherIndex(_ name: String) -> Int? {
    catalog.watchers.firstIndex { $0.name == name }
  }
}

/// What became of a watcher's records.
private struct SavedCounters: StateCodable {
  var watcher: String
  /// By outcome, in the order of the cases.
  private var counts: [Int]
  private var lastRecord: Int

  init(watcher: String, _ counters: RecordCounters) {
    self.watcher = watcher
    counts = RecordCounters.Outcome.allCases.map(counters.count)
    lastRecord = counters.lastRecordNanoseconds
  }

  func add(to counters: RecordCounters) {
    for (outcome, count) in zip(RecordCounters.Outcome.allCases, counts) { counters.add(count, outcome) }
    if lastRecord > 0 { counters.sawRecord(atNanoseconds: lastRecord) }
  }

  func encode(into encoder: inout StateEncoder) {
    encoder.encode(watcher)
    encoder.encode(counts)
    encoder.encode(lastRecord)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    watcher = try decoder.decode()
    counts = try decoder.decode()
    lastRecord = try decoder.decode()
    guard counts.allSatisfy({ (0..<1 << 48).contains($0) }) else { throw StateDecoder.Failure() }
  }
}

/// The documents of a watcher with equal captures, as `DocumentGroup` encodes them.
private struct SavedDocuments: StateCodable {
  var watcher: String
  var captures: [String: String]
  var states: [[Contribution.Saved]]

  func encode(into encoder: inout StateEncoder) {
    encoder.encode(watcher)
    encoder.encode(captures)
    encoder.encode(states)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    watcher = try decoder.decode()
    captures = try decoder.decode()
    states = try decoder.decode()
  }
}

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
    encoder.encode(each: zip(catalog.watchers, counters).map { $0 }) { encoder, watched in
      encoder.encode(watched.0.name)
      encoder.encode(each: RecordCounters.Outcome.allCases) { encoder, outcome in
        encoder.encode(watched.1.count(outcome))
      }
      encoder.encode(watched.1.lastRecordNanoseconds)
    }
    encoder.encode(each: documentGroups) { encoder, group in
      encoder.encode(catalog.watchers[group.key.watcher].name)
      encoder.encode(each: group.key.captures) { encoder, capture in
        encoder.encode(capture.key)
        encoder.encode(capture.value)
      }
      group.value.encode(into: &encoder)
    }
  }

  func restore(from decoder: inout StateDecoder, _ retention: Retention) throws(StateDecoder.Failure) {
    _ = try decoder.array { decoder throws(StateDecoder.Failure) in
      let watcher = watcherIndex(try decoder.text())
      let counts = try decoder.array { decoder throws(StateDecoder.Failure) in try decoder.int() }
      guard counts.allSatisfy({ (0..<1 << 48).contains($0) }) else { throw StateDecoder.Failure() }
      let last = try decoder.int()
      guard let watcher, retention.watchers[watcher] else { return }
      for (outcome, count) in zip(RecordCounters.Outcome.allCases, counts) { counters[watcher].add(count, outcome) }
      if last > 0 { counters[watcher].sawRecord(atNanoseconds: last) }
    }
    _ = try decoder.array { decoder throws(StateDecoder.Failure) in
      let watcher = watcherIndex(try decoder.text())
      let captures = try decoder.array { decoder throws(StateDecoder.Failure) in
        (try decoder.text(), try decoder.text())
      }
      let states = try decoder.array { decoder throws(StateDecoder.Failure) in try decoder.contributions() }
      guard let watcher,
        let group = documentGroup(
          watcher: watcher,
          captures: Dictionary(captures, uniquingKeysWith: { first, _ in first }),
          SeriesSource(name: "", watcher: catalog.watchers[watcher].name)
        )
      else { return }
      group.restore(states) { contributions, mapping in
        retention.keep(contributions, of: watcher, named: metricIndex, mapping: mapping)
      }
    }
  }

  /// The consumer of a log that another process followed.
  func reopen(_ file: LogFile, from decoder: inout StateDecoder, _ retention: Retention) throws(StateDecoder.Failure)
    -> ReopenedLog
  {
    let isDocument = try decoder.bool()
    guard isDocument == catalog.watchers[file.watcher].format.isDocument else { return .forgotten }
    let source = source(of: file)
    let times = try decoder.times(now: expiry.clock())
    source.restore(modified: times.modified, lastChange: times.lastChange)
    if isDocument {
      guard let group = documentGroup(watcher: file.watcher, captures: file.captures, source) else { return .forgotten }
      let log = DocumentLog(group: group, source: source, expiry: expiry)
      return try log.restore(from: &decoder, keepsRecords: retention.watchers[file.watcher])
    }
    let checkpoint = try decoder.parserCheckpoint()
    let contributions = try decoder.contributions()
    let mapping = makeMapping(file.watcher, captures: file.captures, source)
    guard let kept = retention.keep(contributions, of: file.watcher, named: metricIndex, mapping: mapping) else {
      return .forgotten
    }
    let log = lineLog(mapping, file, state: kept.state)
    if kept.isReadAgain { return .readAgain(log) }
    log.resume(from: checkpoint)
    return .goesOn(log)
  }

  private func watcherIndex(_ name: String) -> Int? {
    catalog.watchers.firstIndex { $0.name == name }
  }
}

extension StateEncoder {
  mutating func encode(_ checkpoint: ParserCheckpoint) {
    encode(checkpoint.header) { $0.encode(each: $1) { $0.encode($1) } }
    encode(checkpoint.separator) { $0.encode($1) }
    encode(checkpoint.remarkNames) { $0.encode(each: $1) { $0.encode($1) } }
    encode(checkpoint.isInsideLongLine)
    encode(checkpoint.hasBegun)
    encode(checkpoint.isForeign)
  }
}

extension StateDecoder {
  fileprivate mutating func parserCheckpoint() throws(Failure) -> ParserCheckpoint {
    ParserCheckpoint(
      header: try optional { decoder throws(Failure) in try decoder.texts() },
      separator: try optional { decoder throws(Failure) in try decoder.uint8() },
      remarkNames: try optional { decoder throws(Failure) in try decoder.texts() },
      isInsideLongLine: try bool(),
      hasBegun: try bool(),
      isForeign: try bool()
    )
  }
}

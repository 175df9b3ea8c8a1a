internal import Clocks
internal import MetricCatalog
internal import MetricRegistry
internal import StateStore
internal import Tailing

/// The logs as series know them, by watcher and path, so that one log is one source also where series outlive a process.
struct LogSources {
  private struct Key: Hashable {
    var watcher: Int
    var path: String
  }

  /// Of series whose logs have not been opened again yet.
  private var restored: [Key: SeriesSource] = [:]

  mutating func source(of file: LogFile, _ watcher: Watcher) -> SeriesSource {
    restored.removeValue(forKey: Key(watcher: file.watcher, path: file.path))
      ?? SeriesSource(name: file.path, watcher: watcher.name, expireAfter: watcher.expireAfter)
  }

  /// Numbers sources while series are encoded.
  struct Table {
    private(set) var all: [SeriesSource] = []
    private var places: [ObjectIdentifier: Int] = [:]

    mutating func place(of source: SeriesSource) -> Int {
      if let known = places[ObjectIdentifier(source)] { return known }
      places[ObjectIdentifier(source)] = all.count
      all.append(source)
      return all.count - 1
    }

    func encode(into encoder: inout StateEncoder, now: Moment) {
      encoder.encode(each: all) { encoder, source in
        encoder.encode(source.name)
        encoder.encode(source.watcher)
        encoder.encode(timesOf: source, now: now)
      }
    }
  }

  /// What was encoded, with places as they were; nil: the watcher is none any more.
  mutating func restore(from decoder: inout StateDecoder, catalog: Catalog, now: Moment) throws(StateDecoder.Failure)
    -> [SeriesSource?]
  {
    var all: [SeriesSource?] = []
    _ = try decoder.array { decoder throws(StateDecoder.Failure) in
      let name = try decoder.text()
      let watcherName = try decoder.text()
      let (modified, lastChange) = try decoder.times(now: now)
      guard let watcher = catalog.watchers.firstIndex(where: { $0.name == watcherName }) else {
        all.append(nil)
        return
      }
      let source = SeriesSource(
        name: name,
        watcher: watcherName,
        modified: modified,
        lastChange: lastChange,
        expireAfter: catalog.watchers[watcher].expireAfter
      )
      restored[Key(watcher: watcher, path: name)] = source
      all.append(source)
    }
    return all
  }
}

extension StateEncoder {
  /// When a log changed last. The monotonic clock is of this machine's start: another process may go by another.
  mutating func encode(timesOf source: SeriesSource, now: Moment) {
    encode(Int(source.modified))
    encode(Int(now.monotonic &- source.lastChange))
    encode(Int(now.wall))
  }
}

extension StateDecoder {
  mutating func times(now: Moment) throws(Failure) -> (modified: Int64, lastChange: Int64) {
    let modified = Int64(try int())
    let age = Int64(try int())
    let savedAt = Int64(try int())
    // What was never seen stays so.
    if modified == .min { return (.min, .min) }
    return (modified, now.monotonic &- age &- max(0, now.wall &- savedAt))
  }
}

internal import Clocks
internal import MetricCatalog
internal import MetricRegistry
internal import StateStore
internal import Tailing

/// The logs as series know them, by watcher and path, so that one log is one feeder also where series outlive a process.
struct Feeders {
  private struct LogKey: Hashable {
    var watcher: Int
    var path: String
  }

  /// Of series whose logs have not been opened again yet.
  private var restored: [LogKey: Feeder] = [:]

  mutating func feeder(of file: LogFile, _ watcher: Watcher) -> Feeder {
    restored.removeValue(forKey: LogKey(watcher: file.watcher, path: file.path))
      ?? Feeder(name: file.path, watcher: watcher.name, expireAfter: watcher.expireAfter)
  }

  /// Numbers feeders while series are encoded, and knows what was saved of each.
  struct Table {
    private var saved: [(feeder: Feeder, name: String, modified: Int64, lastChange: Int64)] = []
    private var places: [ObjectIdentifier: Int] = [:]

    mutating func place(of feeder: Feeder) -> Int {
      if let known = places[ObjectIdentifier(feeder)] { return known }
      places[ObjectIdentifier(feeder)] = saved.count
      // As no log is: it was not saved yet.
      saved.append((feeder, "", .max, .max))
      return saved.count - 1
    }

    /// Encodes those that have changed. Before a whole the table begins anew: some are of no use any more.
    mutating func encode(into changes: inout StateChanges) {
      for (place, known) in saved.enumerated() {
        let feeder = known.feeder
        if known.modified == feeder.modified, known.lastChange == feeder.lastChange, known.name == feeder.name {
          continue
        }
        saved[place] = (feeder, feeder.name, feeder.modified, feeder.lastChange)
        changes.set(.feeder, UInt64(place)) { encoder in
          encoder.encode(Saved(name: feeder.name, watcher: feeder.watcher, times: SavedTimes(of: feeder)))
        }
      }
    }
  }

  /// What was encoded, by its place then. Those of watchers that are none any more are left out.
  mutating func restore(_ all: [Int: Saved], _ catalog: Catalog, savedAt: Moment, now: Moment) -> [Int: Feeder] {
    var feeders: [Int: Feeder] = [:]
    // Of two with one name the later is the log's.
    for (place, saved) in all.sorted(by: { $0.key < $1.key }) {
      guard let watcher = catalog.watchers.firstIndex(where: { $0.name == saved.watcher }) else { continue }
      let times = saved.times.asOf(now, savedAt: savedAt)
      let feeder = Feeder(
        name: saved.name,
        watcher: saved.watcher,
        modified: times.modified,
        lastChange: times.lastChange,
        expireAfter: catalog.watchers[watcher].expireAfter
      )
      restored[LogKey(watcher: watcher, path: saved.name)] = feeder
      feeders[place] = feeder
    }
    return feeders
  }

  /// A log as series knew it.
  struct Saved: StateRecord {
    var name = ""
    var watcher = ""
    var times = SavedTimes()

    static let fields = [StateField(\Self.name), StateField(\.watcher), StateField(\.times)]
  }
}

/// When a log changed last, on the monotonic clock as of the moment at which all of it was saved.
struct SavedTimes: StateCodable {
  private var modified = Int64.min
  private var lastChange = Int64.min
  /// Of versions before 4, which had such a moment for each log.
  private var savedAt: Moment?

  init() {}

  /// Of what changed then, if it is known.
  init(lastChange: Int64) {
    self.lastChange = lastChange
    if lastChange > .min { modified = 0 }
  }

  init(of feeder: Feeder) {
    (modified, lastChange) = (feeder.modified, feeder.lastChange)
  }

  /// - Parameter savedAt: the moment of the last save. Of when the log was saved the wall clock may not have been set yet.
  func asOf(_ now: Moment, savedAt: Moment) -> (modified: Int64, lastChange: Int64) {
    // What was never seen stays so.
    if modified == .min { return (.min, .min) }
    let savedAt = self.savedAt ?? savedAt
    let age = savedAt.monotonic &- lastChange
    return (modified, now.monotonic &- age &- max(0, savedAt.elapsed(until: now)))
  }

  func encode(into encoder: inout StateEncoder) {
    encoder.encode(modified)
    encoder.encode(lastChange)
  }

  init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    modified = try decoder.decode()
    lastChange = try decoder.decode()
    guard decoder.version < 4 else { return }
    var moment = Moment(monotonic: 0, wall: try decoder.decode())
    if decoder.version == 3 {
      moment.monotonic = try decoder.decode()
      moment.boot = try decoder.decode(Int64?.self).map { BootIdentity(UInt64(bitPattern: $0)) }
    }
    // It was the age.
    lastChange = moment.monotonic &- lastChange
    savedAt = moment
  }
}

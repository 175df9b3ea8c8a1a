internal import Clocks
internal import Explaining
internal import Glibc
internal import Ingest
internal import LogFormats
internal import Logging
internal import MetricCatalog
internal import MetricRegistry
internal import Runs
internal import StateStore
internal import Synchronization
internal import Tailing

/// The reading of all watchers' logs: the tailer, and what maps its files into the registry.
///
/// `readOnce` and `run` block, and are for one thread, one at a time, as are `restore` and `save`; `stop` and the counters
/// are for any. `LogIngest` belongs to that thread: hence `@unchecked`.
final class LogReading: @unchecked Sendable {
  /// By watcher, in the catalog's order.
  let records: [RecordCounters]
  let limits: [LimitCounters]
  let tailing: [TailerCounters]
  let runs: RunBoard
  let runLogs: RunLogs

  private let registry: Registry
  private let ingest: LogIngest
  private let tailer: Tailer
  private let clock: TimeSource
  private let catalog: Catalog
  private let watchers: [TailedWatcher]
  private let logger: Logger
  /// The findings that were told, by their keys.
  private var told: Set<String> = []
  /// How many records of each watcher there were when findings were looked for last.
  private var recordCounts: [Int]
  /// Whether nothing had come of each since the look before that.
  private var isAtRest: [Bool]
  /// When to look for more, in nanoseconds of the monotonic clock.
  private var nextFindings: Int64 = .min

  init(catalog: Catalog, registry: Registry, logger: Logger, state: StateConfiguration?, clock: TimeSource) {
    let ingest = LogIngest(
      catalog: catalog,
      registry: registry,
      warn: { logger.warning("\($0)") },
      clock: { clock.now }
    )
    self.registry = registry
    self.clock = clock
    self.catalog = catalog
    self.logger = logger
    self.ingest = ingest
    let root = WorkingFolder.absolute(catalog.folder)
    let watchers = catalog.watchers.map { TailedWatcher($0, root: root) }
    self.watchers = watchers
    recordCounts = watchers.map { _ in -1 }
    isAtRest = watchers.map { _ in false }
    var options = TailerOptions()
    options.lineBytesMax = catalog.limits.lineBytes
    options.openDescriptorsMax = Self.openDescriptorsMax
    if let state {
      options.checkpointInterval = state.interval
      options.ignoredDirectory = LogPath(WorkingFolder.absolute(state.path))
    }
    tailer = Tailer(
      watchers: watchers,
      options: options,
      clock: { clock.now },
      log: { logger.warning("\($0)") },
      tell: { logger.info("\($0)") },
      open: ingest.open
    )
    records = ingest.counters
    limits = ingest.limits
    tailing = tailer.counters
    runs = ingest.runs
    runLogs = ingest.runLogs
  }

  /// Whether the last lines of a watcher's logs tell people what happened.
  ///
  /// - Parameter watcher: its position in the catalog.
  func isForPeople(watcher: Int) -> Bool { LogFormats.isForPeople(catalog.watchers[watcher].format) }

  /// An eighth of the descriptors that the process may have: half are the connections', some twenty are always in use, and
  /// the rest is for what comes and goes. Where 1,024 are allowed, this is no limit of its own.
  private static var openDescriptorsMax: Int {
    var descriptors = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &descriptors) == 0 else {
      return TailerLimits.openDescriptorsMax
    }
    return min(TailerLimits.openDescriptorsMax, max(1, Int(clamping: descriptors.rlim_cur) / 8))
  }

  /// Reads all logs to their ends.
  func readOnce() {
    tailer.readOnce()
    _ = ingest.sweep(clock.now)
    tellFindings(isWhole: true)
  }

  /// Says why numbers do not appear, each thing once.
  ///
  /// - Parameter isWhole: whether all logs were read, and nothing more comes.
  private func tellFindings(isWhole: Bool) {
    for (index, watcher) in watchers.enumerated() {
      isAtRest[index] = !hasGrown(index)
      let view = view(of: index, isWhole: isWhole) { [told] in
        told.contains { $0.hasPrefix(Finding.keyPrefix(.noFile, of: watcher.name)) }
          ? [] : MissingFiles.reasons(of: watcher, entriesMax: Self.entriesMax)
      }
      for finding in view.findings() where told.insert(finding.key).inserted {
        logger.warning("\(finding.line)")
      }
    }
  }

  private func view(of index: Int, isWhole: Bool, missing: @escaping () -> [MissingFiles]) -> WatcherView {
    WatcherView(
      watcher: catalog.watchers[index],
      sight: ingest.sights[index],
      records: records[index],
      files: tailing[index].filesFollowed.load(ordering: .relaxed),
      isWhole: isWhole,
      isAtRest: isAtRest[index],
      missing: missing
    )
  }

  /// How many entries of folders are looked at to say why a pattern matches nothing: logs wait meanwhile.
  private static let entriesMax = 2000

  /// Whether more was read of a watcher since it was asked last: what rests is all there is for now.
  private func hasGrown(_ watcher: Int) -> Bool {
    let count = RecordOutcome.allCases.reduce(0) { $0 &+ records[watcher].count($1) }
    defer { recordCounts[watcher] = count }
    return recordCounts[watcher] != count
  }

  /// How often what was read is looked through for what is worth a warning.
  private static let findingsInterval: Duration = .seconds(30)

  // MARK: What others are told

  /// What there is to tell of a watcher's logs.
  struct Sighting: Sendable {
    var findings: [Finding]
    /// Those that changed last first.
    var files: [FollowedFile]
  }

  private struct Sightings {
    var all: [Sighting] = []
    /// When they were taken: nanoseconds of the monotonic clock.
    var takenAt = Int64.min
    /// Given when there are newer ones.
    var waiting: Signal?
  }

  private let seen = Mutex(Sightings())
  /// Why watchers have no files, and when that was looked for.
  private var missing: [Int: (at: Int64, reasons: [MissingFiles])] = [:]

  /// So old may be what is told: nanoseconds.
  private static let sightingAge: Int64 = 3_000_000_000
  private static let filesMax = 200
  private static let findingsMax = 20

  /// What there is to tell of each watcher, by now or a few seconds ago; from any thread. Waits for it, or for so long.
  ///
  /// - Returns: nil while nothing was told yet.
  func sightings(within patience: Duration) -> [Sighting]? {
    let now = clock.now.monotonic
    let waiting = seen.withLock { seen -> Signal? in
      if seen.takenAt > .min, now &- seen.takenAt < Self.sightingAge { return nil }
      let signal = seen.waiting ?? Signal()
      seen.waiting = signal
      return signal
    }
    if let waiting {
      tailer.requestOwner()
      waiting.wait(atMost: patience)
    }
    return seen.withLock { $0.takenAt > .min ? $0.all : nil }
  }

  private func takeSightings(_ now: Int64) {
    let waiting = seen.withLock { seen in
      defer { seen.waiting = nil }
      return seen.waiting
    }
    guard let waiting else { return }
    let all = watchers.indices.map { index in
      let view = view(of: index, isWhole: false) { [unowned self] in missingFiles(of: index, now) }
      return Sighting(
        findings: Array(view.findings().prefix(Self.findingsMax)),
        files: tailer.files(of: index, atMost: Self.filesMax)
      )
    }
    seen.withLock { ($0.all, $0.takenAt) = (all, now) }
    waiting.give(true)
  }

  private func missingFiles(of index: Int, _ now: Int64) -> [MissingFiles] {
    if let known = missing[index], now &- known.at < Self.findingsInterval.wholeNanoseconds { return known.reasons }
    let reasons = MissingFiles.reasons(of: watchers[index], entriesMax: Self.entriesMax)
    missing[index] = (now, reasons)
    return reasons
  }

  // MARK: To the end

  /// Whether it is asked each second whether all was read. Set before `run`.
  var isAskedOften = false
  /// Since when everything is to be looked at, and since when it was and was read, in nanoseconds of the monotonic clock.
  private let wantedSince = Atomic(Int64.min)
  private let readSince = Atomic(Int64.min)
  private var begunAt = Int64.min
  /// What was read when it was asked last, and since when.
  private var bytesRead = 0
  private var quietSince = Int64.min

  /// How long nothing may have been read after a whole look: a last line without its end is shown after 2 s.
  private static let restTime: Int64 = 3_000_000_000
  private static let askInterval: Int64 = 1_000_000_000

  /// Whether every file was looked at after a moment, and read to its end; if not, that is seen to. From any thread.
  func haveAllBeenRead(since moment: Int64) -> Bool {
    wantedSince.store(moment, ordering: .releasing)
    return readSince.load(ordering: .acquiring) > moment
  }

  /// - Returns: when to ask again.
  private func lookEverywhere(_ now: Int64) -> Int64 {
    let wanted = wantedSince.load(ordering: .acquiring)
    guard wanted > .min else { return now &+ Self.askInterval }
    let bytes = tailing.reduce(0) { $0 &+ $1.bytesRead.load(ordering: .relaxed) }
    if begunAt <= wanted {
      begunAt = now
      tailer.lookEverywhere()
      (bytesRead, quietSince) = (bytes, now)
    } else if bytes != bytesRead {
      (bytesRead, quietSince) = (bytes, now)
    } else if now &- quietSince >= Self.restTime {
      readSince.store(begunAt, ordering: .releasing)
    }
    return now &+ Self.askInterval
  }

  /// What is due between two looks. Returns when it is due again.
  private func sweep(_ moment: Moment) -> Int64 {
    var next = ingest.sweep(moment)
    if isAskedOften { next = min(next, lookEverywhere(moment.monotonic)) }
    if moment.monotonic >= nextFindings {
      nextFindings = moment.monotonic &+ Self.findingsInterval.wholeNanoseconds
      tellFindings(isWhole: false)
    }
    takeSightings(moment.monotonic)
    return min(next, nextFindings)
  }

  /// Follows the logs until `stop`.
  ///
  /// - Parameter checkpoint: called when there is something new to save and it is time; says whether it was saved.
  func run(caughtUp: () -> Void, checkpoint: @escaping () -> Bool) {
    tailer.onCheckpoint = checkpoint
    tailer.onTurn = { [unowned self] in sweep($0) }
    tailer.run(onCaughtUp: caughtUp)
    tailer.onCheckpoint = nil
  }

  /// All that is needed to go on from here, or, where it need not be a whole, what of it has changed since the last time.
  func save(_ scope: SavedReading.Scope, isWhole: Bool) -> StateChanges {
    SavedReading.encode(registry, ingest, tailer, scope: scope, isWhole: isWhole)
  }

  /// Goes on from what was saved, before anything was read. Where it throws this reading is of no use.
  ///
  /// - Parameter former: the reading of this process that was saved; nil: another process did.
  func restore(_ saved: SavedState, after former: LogReading?) throws(StateDecoder.Failure) {
    try SavedReading(saved).restore(registry, ingest, tailer)
    if let former { tailer.takeOver(from: former.tailer) }
  }

  func stop() {
    tailer.stop()
  }

  /// Has it saved once more, though nothing has changed; from any thread.
  func requestCheckpoint() {
    tailer.requestCheckpoint()
  }
}

package import Clocks
internal import Glibc
internal import Synchronization

/// Follows the files of all watchers on one thread: finds them, and hands what is new to their consumers. inotify only
/// makes it look sooner; what it does follows from what it sees then. Never keeps a descriptor of a file that rests,
/// and never ends because of what it finds.
///
/// All calls belong to one thread but for `stop` and the counters, which are atomic: hence `@unchecked`.
package final class Tailer: @unchecked Sendable {
  /// One for each watcher.
  package let counters: [TailerCounters]

  let watchers: [TailedWatcher]
  let options: TailerOptions
  let reader: LogReader
  let openConsumer: (LogFile) -> any LogConsumer
  let warn: (String) -> Void

  var discovery: Discovery
  /// By path, for each watcher.
  var logs: [[LogPath: FollowedLog]]
  /// To be looked at, in order.
  var queue: [FollowedLog] = []
  var copies = PossibleCopies()
  var timed: [ObjectIdentifier: FollowedLog] = [:]
  var open: [FollowedLog] = []
  let watches: any ChangeNotifier
  var remoteDevices: RemoteDevices

  /// Directories to be listed again.
  var dirty: Set<LogPath> = []
  var isAllDirty = true
  /// Whether all directories are to be looked at, though no event says that they changed.
  private var isRescanDue = false
  var needsReconciling = true
  /// Whether some watches may be of no use any more.
  private var needsPruning = false
  /// Directories that could not be listed.
  var failedDirectories: Set<LogPath> = []
  /// Existing directories above bases that are not there yet.
  var ancestors: Set<LogPath> = []
  var hasRemoteLogs = false
  /// Called when there is something new to save and it is time, between two looks; says whether it was saved.
  package var onCheckpoint: (() -> Bool)?
  /// Called after each turn with the time; says when it wants to be called again, in nanoseconds of the monotonic clock.
  package var onTurn: ((Moment) -> Int64)?
  private var ownerDue: Int64 = .min
  /// Whether something is not saved yet.
  var isChanged = false
  var saving = TailerSaving()
  /// Whether the owner has not been called since something changed.
  private var hasNews = false
  var checkpointedAt: Int64 = 0
  private var rescanAt: Int64 = 0
  private var pollAt: Int64 = 0
  private var warnings: Set<String> = []

  private let stopFlag: Flag
  private let checkpointRequest = Flag()
  private var wakeRead: Int32 = -1
  private var wakeWrite: Int32 = -1

  /// `open` is called on the tailer's thread for each file that is found, before its first byte. `log` gets
  /// warnings for people, each once. Without a `notifier` inotify is used, as far as the options want it. All times
  /// come from `clock`; what it says is at most the time of the call.
  package init(
    watchers: [TailedWatcher],
    options: TailerOptions = TailerOptions(),
    files: any FileSystem = RealFileSystem(),
    notifier: (any ChangeNotifier)? = nil,
    clock: @escaping () -> Moment = { .now },
    log: @escaping (String) -> Void = { _ in },
    open: @escaping (LogFile) -> any LogConsumer
  ) {
    self.watchers = watchers
    self.options = options
    let stopFlag = Flag()
    self.stopFlag = stopFlag
    reader = LogReader(files: files, options: options, clock: clock, isStopped: { stopFlag.isSet })
    remoteDevices = RemoteDevices(files: files)
    openConsumer = open
    warn = log
    counters = watchers.map { _ in TailerCounters() }
    logs = watchers.map { _ in [:] }
    discovery = Discovery(watchers: watchers, ignoring: options.ignoredDirectory)
    watches = notifier ?? DirectoryWatches(isWanted: options.usesInotify)
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) == 0 { (wakeRead, wakeWrite) = (ends[0], ends[1]) }
    for end in ends where end >= 0 {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
  }

  deinit {
    for log in open { reader.closeDescriptor(of: log) }
    if wakeRead >= 0 { close(wakeRead) }
    if wakeWrite >= 0 { close(wakeWrite) }
  }

  // MARK: Whole runs

  /// Finds all files, reads each to the end that it has now, oldest first, and returns.
  package func readOnce() {
    let now = reader.clock()
    // What is there now is read; whether something goes away later is not seen.
    copies.isHolding = false
    defer { copies.isHolding = true }
    scan(now)
    for log in takeQueue() where !isStopped {
      log.mayRestart = true
      let counted = counters[log.watcher]
      let outcome = reader.look(at: log, counters: counted, now: now, budget: .max, ending: .closed)
      reader.closeDescriptor(of: log)
      countBehind(log)
      countFailing(log, outcome)
      if case .failed(let error) = outcome { warnOfFailure(log, error) }
    }
  }

  /// Reads all files that are there, calls `onCaughtUp`, and follows them until `stop` is called.
  package func run(onCaughtUp: () -> Void = {}) {
    catchUp()
    if isStopped { return }
    ownerDue = onTurn?(reader.clock()) ?? .max
    onCaughtUp()
    while !isStopped {
      let started = reader.clock().monotonic
      let deadline = turn()
      if queue.isEmpty { wait(until: deadline, afterTurnAt: started) }
    }
  }

  /// Reads all files that are there.
  package func catchUp() {
    scan(reader.clock())
    sortQueueByAge()
    readQueue()
    // What could be a copy was compared with logs that have their content still, and was there at the start: it is read
    // before anything is shown, or a log that was read by another process, and not saved, would be missing at first.
    copies.isWaiting = false
    defer { copies.isWaiting = true }
    needsReconciling = true
    for _ in 0..<TailerLimits.attemptsMax where !isStopped && (needsReconciling || !queue.isEmpty) {
      scan(reader.clock())
      readQueue()
    }
  }

  private func readQueue() {
    for log in takeQueue() {
      repeat {
        look(at: log, now: reader.clock())
        if !copies.gone.isEmpty { scan(reader.clock()) }
        checkpointIfDue(reader.clock().monotonic)
      } while unqueue(log) && !isStopped
      if isStopped { return }
    }
  }

  /// Makes `run` return at once; from any thread.
  package func stop() {
    stopFlag.set()
    wake()
  }

  /// Has the owner told once more that there is something to save; from any thread.
  package func requestCheckpoint() {
    checkpointRequest.set()
    wake()
  }

  private func wake() {
    var byte: UInt8 = 1
    _ = write(wakeWrite, &byte, 1)
  }

  private func takeCheckpointRequest() {
    guard checkpointRequest.take() else { return }
    isChanged = true
    var bytes = (UInt64(0), UInt64(0))
    while read(wakeRead, &bytes, 16) == 16 {}
    // What was read may have been the end's.
    if isStopped { wake() }
  }

  private var isStopped: Bool { stopFlag.isSet }

  /// Waits for an event, the deadline, or the end; then a little for the events that belong together.
  private func wait(until deadline: Int64, afterTurnAt started: Int64) {
    guard poll(upTo: deadline, forEvents: true) else { return }
    poll(upTo: started &+ options.turnInterval.wholeNanoseconds, forEvents: false)
    if collectEvents() {
      poll(upTo: reader.clock().monotonic &+ options.settleInterval.wholeNanoseconds, forEvents: false)
    }
  }

  /// - Returns: whether there are events.
  @discardableResult
  private func poll(upTo deadline: Int64, forEvents: Bool) -> Bool {
    var waited = [
      pollfd(fd: wakeRead, events: Int16(POLLIN), revents: 0),
      pollfd(fd: forEvents ? watches.descriptor ?? -1 : -1, events: Int16(POLLIN), revents: 0),
    ]
    // Rounded up, or the last millisecond would be spent turning round and round.
    let milliseconds = max(0, deadline &- reader.clock().monotonic &+ 999_999) / 1_000_000
    _ = Glibc.poll(&waited, 2, Int32(clamping: milliseconds))
    return waited[1].revents != 0
  }

  // MARK: One turn

  /// Does all that is due now.
  ///
  /// - Parameter looksEverywhere: whether to list every directory and stat every file, whatever the timers say.
  /// - Returns: when the next turn is due, if nothing happens before; nanoseconds of the monotonic clock.
  @discardableResult
  package func turn(looksEverywhere: Bool = false) -> Int64 {
    let now = reader.clock()
    takeCheckpointRequest()
    collectEvents()
    if looksEverywhere {
      isAllDirty = true
      needsReconciling = true
    }
    if now.monotonic >= rescanAt { isRescanDue = true }
    if looksEverywhere || now.monotonic >= pollAt {
      pollAt = now.monotonic &+ options.pollInterval.wholeNanoseconds
      dirty.formUnion(failedDirectories)
      enqueuePolled(everything: looksEverywhere)
    }
    for log in timed.values where deadline(of: log) <= now.monotonic { enqueue(log) }
    checkHeld(now, everything: looksEverywhere)
    scan(now)
    lookAtQueue(now)
    if hasCopyWaited(now) { needsReconciling = true }
    if needsReconciling || !dirty.isEmpty {
      // A look found another file than the last listing: list again, so that a rename is seen as one.
      scan(now)
      lookAtQueue(now)
    }
    if now.monotonic >= ownerDue || hasNews {
      hasNews = false
      ownerDue = onTurn?(now) ?? .max
    }
    checkpointIfDue(reader.clock().monotonic)
    return nextDeadline(now)
  }

  private func lookAtQueue(_ now: Moment) {
    for log in takeQueue() {
      look(at: log, now: now)
      if isChanged, onCheckpoint != nil { checkpointIfDue(reader.clock().monotonic) }
    }
  }

  private func nextDeadline(_ now: Moment) -> Int64 {
    if !queue.isEmpty || needsReconciling || !dirty.isEmpty { return now.monotonic }
    var next = min(rescanAt, min(ownerDue, copies.nextCheck))
    if isChanged, onCheckpoint != nil { next = min(next, checkpointDue) }
    if isPolling || hasRemoteLogs || !failedDirectories.isEmpty { next = min(next, pollAt) }
    for log in timed.values { next = min(next, deadline(of: log)) }
    return next
  }

  /// Whether inotify cannot be relied on.
  var isPolling: Bool { watches.descriptor == nil || watches.shortage != nil }

  private func enqueuePolled(everything: Bool) {
    guard everything || isPolling || hasRemoteLogs else { return }
    for watched in logs {
      for log in watched.values {
        let isRemote = log.tracker.status.map { remoteDevices.contains($0.device) } ?? false
        if everything || isPolling || isRemote { enqueue(log) }
      }
    }
  }

  /// Lists what is dirty, and settles which logs there are.
  func scan(_ now: Moment) {
    let isFull = isAllDirty || isRescanDue
    if isFull || !dirty.isEmpty {
      let asked = dirty
      let scope: Discovery.Scope = isAllDirty ? .everything : isRescanDue ? .due : .only(asked)
      dirty = []
      isAllDirty = false
      isRescanDue = false
      let outcome = discovery.scan(scope, in: reader.files, now: now.wall, covers: isCovered) { watches.add($0) }
      failedDirectories.subtract(asked)
      if isFull { failedDirectories = [] }
      for (path, error) in outcome.failed {
        failedDirectories.insert(path)
        warnOnce("cannot list \(path.text): \(error.text)", key: "list \(path.text)")
      }
      if outcome.changedNames { needsReconciling = true }
      needsPruning = needsPruning || outcome.changedNames || outcome.lostDirectory
      enqueueChanged(in: outcome.listed, now: now)
      if outcome.reachedEntriesMax {
        warnOnce("the directories hold more than \(TailerLimits.entriesMax) entries; the rest is not followed")
      }
      if outcome.reachedDepthMax {
        warnOnce("directories more than \(TailerLimits.depthMax) deep are not followed")
      }
      if isFull { finishRescan(now) }
      watchAncestors()
      if let shortage = watches.shortage {
        warnOnce("inotify has no room for all directories (\(shortage.text)): looking every few seconds instead")
      }
    }
    guard needsReconciling else { return }
    needsReconciling = false
    reconcile(now)
  }

  private func finishRescan(_ now: Moment) {
    rescanAt = now.monotonic &+ options.rescanInterval.wholeNanoseconds
    if isPolling || hasRemoteLogs {
      rescanAt = now.monotonic &+ min(options.rescanInterval, options.pollInterval * 5).wholeNanoseconds
    }
    guard needsPruning else { return }
    needsPruning = false
    watches.prune { path in
      discovery.isDirectory(path) || ancestors.contains(path) || logs.contains { $0[path] != nil }
    }
  }

  /// Whether events tell of the changes of a directory's files.
  private func isCovered(_ directory: LogPath, _ status: FileStatus) -> Bool {
    !isPolling && watches.covers(directory) && !remoteDevices.contains(status.device)
  }

  /// Changes that no event told of: of a log, or of a file that was too old to be one.
  private func enqueueChanged(in directories: [LogPath], now: Moment) {
    for directory in directories {
      discovery.forEachFile(of: directory) { found in
        for rule in found.rules {
          let watcher = discovery.rules[rule].watcher
          if let log = logs[watcher][found.path] {
            if !log.tracker.isUnchanged(found.status.file) { enqueue(log) }
          } else if watchers[watcher].ignoreOlder != nil, !isTooOld(found.status.file, watcher, now: now) {
            needsReconciling = true
          }
        }
      }
    }
  }

  /// Watches the nearest directory that exists above each base that does not. What is made between the look and the
  /// watch gives no event: so it is looked once more, until a look finds what the watch stands on.
  private func watchAncestors() {
    let before = ancestors
    ancestors = []
    defer { needsPruning = needsPruning || ancestors != before }
    for base in discovery.missingBases {
      var watched: LogPath?
      // One that is there, and cannot be listed, is tried again by the clock.
      let start = discovery.isAbsent(base) ? base : base.parent
      for attempt in 0...TailerLimits.ancestorAttemptsMax {
        let nearest = start.flatMap(nearestDirectory)
        if nearest == watched, nearest != base { break }
        // It is there by now, or it changes too fast: the next listing begins with it.
        if nearest == base || attempt == TailerLimits.ancestorAttemptsMax {
          dirty.insert(base)
          break
        }
        watched = nearest
        if let nearest {
          ancestors.insert(nearest)
          watches.add(nearest)
        }
      }
    }
  }

  private func nearestDirectory(from start: LogPath) -> LogPath? {
    var place: LogPath? = start
    while let next = place, (try? reader.files.status(of: next))?.kind != .directory { place = next.parent }
    return place
  }

  func noteChange() {
    isChanged = true
    hasNews = true
  }

  // MARK: The queue

  func enqueue(_ log: FollowedLog) {
    guard !log.isQueued else { return }
    log.isQueued = true
    queue.append(log)
  }

  /// Oldest first, so that of several files with one series the newest has the last word.
  private func sortQueueByAge() {
    let aged = queue.map { log in
      (modified: discovery.file(log.path)?.status.file.modified ?? .min, log: log)
    }
    queue = aged.sorted { ($0.modified, $0.log.path) < ($1.modified, $1.log.path) }.map(\.log)
  }

  private func takeQueue() -> [FollowedLog] {
    let taken = queue
    queue = []
    for log in taken { log.isQueued = false }
    return taken
  }

  /// Whether it was queued.
  private func unqueue(_ log: FollowedLog) -> Bool {
    guard log.isQueued else { return false }
    log.isQueued = false
    queue.removeAll { $0 === log }
    return true
  }

  func warnOnce(_ message: String, key: String? = nil) {
    // What is worth a line is bounded by the directories; a runaway is not.
    guard warnings.count < 1000, warnings.insert(key ?? message).inserted else { return }
    warn(message)
  }
}

/// Set by any thread, seen by the tailer's.
private final class Flag: Sendable {
  private let flag = Atomic(false)

  var isSet: Bool { flag.load(ordering: .acquiring) }

  func set() {
    flag.store(true, ordering: .releasing)
  }

  func take() -> Bool {
    flag.exchange(false, ordering: .acquiringAndReleasing)
  }
}

package import Clocks

/// Follows the files of all watchers on one thread: finds them, and hands what is new to their consumers. inotify only
/// makes it look sooner; what it does follows from what it sees then. Never keeps a descriptor of a file that rests,
/// and never ends because of what it finds.
///
/// All calls belong to one thread but for `stop`, `requestCheckpoint`, `requestOwner` and the counters, which are made for
/// any: hence `@unchecked`.
package final class Tailer: @unchecked Sendable {
  /// One for each watcher.
  package let counters: [TailerCounters]

  let watchers: [TailedWatcher]
  let options: TailerOptions
  let reader: LogReader
  let openConsumer: (LogFile) -> any LogConsumer
  let warn: (String) -> Void
  let tell: (String) -> Void
  let watches: any ChangeNotifier

  /// When this turn began, which is the time of all that it decides.
  var moment: Moment
  var directories: Discovery
  /// One for each watcher.
  var tables: [LogTable] = []
  /// To be looked at, in order: those that something happened to, and those of which more is to be read.
  var queue: [FollowedLog] = []
  /// Those for which there was no time in the turns before.
  var waiting = TurnQueue<FollowedLog>()
  var backlog = TurnQueue<FollowedLog>()
  /// Whether logs that begin were queued, which are looked at by age.
  var hasBeginnings = false
  var timers = Timers()
  var open: [FollowedLog] = []
  var remoteDevices: RemoteDevices
  var hasRemoteLogs = false
  private var pollAt = Int64.min

  /// Called when there is something new to save and it is time, between two looks; says whether it was saved.
  package var onCheckpoint: (() -> Bool)?
  /// Called after each turn with the time; says when it wants to be called again, in nanoseconds of the monotonic clock.
  package var onTurn: ((Moment) -> Int64)?
  var ownerDue: Int64 = .min
  /// Whether what was there at the start has been read, as far as that was waited for.
  var isStarted = false
  /// Until when no document of a lane is read, since the last one took long; monotonic nanoseconds.
  var documentPauses: [Lane: Int64] = [:]
  /// Whether it goes on where another tailer of this process stood.
  var hasTakenOver = false
  /// Whether something is not saved yet.
  var isChanged = false
  var lastSavedPlace: UInt64 = 0
  /// Whether the owner has not been called since something changed.
  private var hasNews = false
  var checkpointedAt: Int64 = 0
  var warnings: Set<String> = []
  /// When the first of them was written; monotonic nanoseconds.
  var warnedSince: Int64 = 0

  private let pipe = WakePipe()

  /// `open` is called on the tailer's thread for each file that is found, before its first byte. `log` gets
  /// warnings for people, each once, and `tell` what is worth a line and no fault. Without a `notifier` inotify is used, as far as the options want it. All times
  /// come from `clock`; what it says is at most the time of the call.
  package init(
    watchers: [TailedWatcher],
    options: TailerOptions = TailerOptions(),
    files: any FileSystem = RealFileSystem(),
    notifier: (any ChangeNotifier)? = nil,
    clock: @escaping () -> Moment = { .now },
    log: @escaping (String) -> Void = { _ in },
    tell: @escaping (String) -> Void = { _ in },
    open: @escaping (LogFile) -> any LogConsumer
  ) {
    self.watchers = watchers
    self.options = options
    reader = LogReader(files: files, options: options, clock: clock, isStopped: { [pipe] in pipe.isStopped })
    remoteDevices = RemoteDevices(files: files)
    openConsumer = open
    warn = log
    self.tell = tell
    counters = watchers.map { _ in TailerCounters() }
    directories = Discovery(watchers: watchers, ignoring: options.ignoredDirectory)
    watches = notifier ?? DirectoryWatches(isWanted: options.usesInotify)
    moment = clock()
    tables = watchers.indices.map { LogTable(watcher: $0, hands: self) }
    holdCopies(true)
  }

  deinit {
    for log in open { reader.closeDescriptor(of: log) }
  }

  // MARK: Stopping

  /// Makes `run` return at once; from any thread.
  package func stop() { pipe.stop() }

  /// Has the owner told once more that there is something to save; from any thread.
  package func requestCheckpoint() { pipe.requestCheckpoint() }

  /// Has the owner called (`onTurn`) in a turn that begins soon; from any thread.
  package func requestOwner() { pipe.requestOwner() }

  var isStopped: Bool { pipe.isStopped }

  /// Waits for an event, the deadline, or the end; then a little for the events that belong together.
  func wait(until deadline: Int64) {
    guard pipe.wait(reader.clock().monotonic, until: deadline, for: watches.descriptor) else { return }
    pipe.wait(reader.clock().monotonic, until: moment.monotonic &+ options.turnInterval.wholeNanoseconds)
    if collectEvents() {
      let now = reader.clock().monotonic
      pipe.wait(now, until: now &+ options.settleInterval.wholeNanoseconds)
    }
  }

  // MARK: One turn

  /// Does all that is due now.
  ///
  /// - Parameter looksEverywhere: whether to list every directory and stat every file, whatever the timers say.
  /// - Returns: when the next turn is due, if nothing happens before; nanoseconds of the monotonic clock.
  @discardableResult
  package func turn(looksEverywhere: Bool = false) -> Int64 {
    moment = reader.clock()
    let behind = backlog.count
    if pipe.takeCheckpointRequest() { isChanged = true }
    if pipe.takeOwnerRequest() { hasNews = true }
    collectEvents()
    if looksEverywhere { lookEverywhere() }
    directories.markRescan(ifDueAt: now)
    if now >= pollAt {
      pollAt = now &+ options.pollInterval.wholeNanoseconds
      directories.markFailed()
      enqueuePolled()
    }
    var due: [FollowedLog] = []
    timers.take(until: now) { due.append($0) }
    due.forEach(enqueue)
    for watcher in tables.indices { tables[watcher].checkHeld(everything: looksEverywhere) }
    scan()
    lookAtQueue()
    for watcher in tables.indices { tables[watcher].checkWaited() }
    if (!isSettled || directories.isDirty) && !isLate {
      // A look found another file than the last listing: list again, so that a rename is seen as one.
      scan()
      lookAtQueue()
    }
    lookAtBacklog(behind)
    if now >= ownerDue || hasNews {
      hasNews = false
      ownerDue = onTurn?(moment) ?? .max
    }
    checkpointIfDue()
    return nextDeadline
  }

  /// Whether this turn has taken its time.
  private var isLate: Bool { isOver(now &+ options.turnTimeMax.wholeNanoseconds) }

  private var nextDeadline: Int64 {
    if !isIdle || !isSettled || directories.isDirty { return now }
    var next = min(directories.nextRescan, min(ownerDue, timers.next))
    for table in tables { next = min(next, table.copies.nextCheck) }
    if isChanged, onCheckpoint != nil { next = min(next, checkpointDue) }
    if isPolling || hasRemoteLogs || !directories.failed.isEmpty { next = min(next, pollAt) }
    return next
  }

  /// Whether inotify cannot be relied on.
  var isPolling: Bool { watches.descriptor == nil || watches.shortage != nil }

  /// Whether all names that changed are settled.
  var isSettled: Bool { tables.allSatisfy(\.isSettled) }

  /// Those of whose changes no event tells.
  private func enqueuePolled() {
    guard isPolling || hasRemoteLogs else { return }
    for table in tables {
      for log in table.logs.values where log.standing != .gone && (isPolling || isRemote(log)) { enqueue(log) }
    }
  }

  func isRemote(_ log: FollowedLog) -> Bool {
    log.tracker.status.map { remoteDevices.contains($0.device) } ?? false
  }

  /// Anything may have changed: the next turn lists every directory and looks at every file.
  package func lookEverywhere() {
    directories.markAll()
    for table in tables { for log in table.logs.values where log.standing != .gone { enqueue(log) } }
  }

  /// Looks at what is to be looked at in directories, and settles which logs there are.
  func scan() {
    if directories.isDirty { scanDirectories() }
    for watcher in tables.indices { tables[watcher].settle() }
    if hasBeginnings { sortQueueByAge() }
    hasBeginnings = false
  }

  private func scanDirectories() {
    let outcome = directories.scan(
      in: reader.files,
      watches: watches,
      now: moment.wall,
      covers: isCovered,
      see: lookAtOnceIfChanged,
      isOver: { [reader, end = endOfSlice] in reader.clock().monotonic >= end }
    )
    if !directories.failed.isEmpty || counters.contains(where: { $0.foldersFailing.load(ordering: .relaxed) > 0 }) {
      for (watcher, count) in directories.failedCounts(watchers: watchers.count).enumerated() {
        counters[watcher].foldersFailing.store(count, ordering: .relaxed)
      }
    }
    for (path, error) in outcome.failed {
      warnOnce("cannot list \(path.text): \(error.text)", key: "list \(path.text)")
    }
    for (link, watchers) in outcome.refused { tellRefused(link, watchers) }
    for folder in outcome.reachedEntriesMax.sorted() {
      warnOnce(
        "\(folder.text) holds more than \(TailerLimits.entriesMax) entries; what is in its larger folders is not followed",
        key: "entries \(folder.text)"
      )
    }
    if outcome.reachedDepthMax {
      warnOnce("directories more than \(TailerLimits.depthMax) deep are not followed")
    }
    for watcher in tables.indices { tables[watcher].expect(outcome.changes.count) }
    for change in outcome.changes {
      guard let found = change.after ?? change.before else { continue }
      for watcher in Set((change.before?.watchers ?? []) + (change.after?.watchers ?? [])) {
        tables[watcher].note(
          found.path,
          before: change.before?.wanted(by: watcher),
          after: change.after?.wanted(by: watcher)
        )
      }
    }
    if outcome.isFull { finishRescan() }
    if let shortage = watches.shortage {
      warnOnce("inotify has no room for all directories (\(shortage.text)): looking every few seconds instead")
    }
  }

  private func finishRescan() {
    var interval = options.rescanInterval
    if isPolling || hasRemoteLogs { interval = min(interval, options.pollInterval * 5) }
    directories.finishRescan(next: now &+ interval.wholeNanoseconds, watches) { path in
      tables.contains { $0.log(path) != nil }
    }
    for watcher in tables.indices { tables[watcher].forget { $0.consumer.isOver } }
  }

  /// Whether events tell of the changes of a directory's files.
  private func isCovered(_ directory: LogPath, _ status: FileStatus) -> Bool {
    !isPolling && watches.covers(directory) && !remoteDevices.contains(status.device)
  }

  /// Changes that no event told of: of a log, or of a file that was too old to be one.
  private func lookAtOnceIfChanged(_ found: Discovery.Found) {
    for watcher in found.watchers {
      if let log = tables[watcher].log(found.path) {
        if !log.tracker.isUnchanged(found.status.file) { enqueue(log) }
      } else if watchers[watcher].ignoreOlder != nil, !isTooOld(found, watcher) {
        tables[watcher].unsettle(found.path)
      }
    }
  }

  func noteChange() {
    isChanged = true
    hasNews = true
  }
}

/// Which logs a watcher has, and which file is whose: told of names that changed and of what looks found, it asks what it
/// has to know of files, and decides what becomes of their logs. Makes no system call, and costs what changed: but for a
/// reload, a whole save, and a limit that is lifted nothing here goes through all logs, or all files.
///
/// One round of `settle`: which logs have lost their name; which of them find their file under another name; which find
/// their content in a copy; what becomes of the others; which files are new.
struct LogTable {
  let watcher: Int
  unowned let hands: any LogHands
  var logs: [LogPath: FollowedLog] = [:]
  var names = FileNames()
  /// The logs that follow a file, or will.
  private var followers: [FileID: [FollowedLog]] = [:]
  /// How many logs are in each folder at the top of a pattern.
  private var folders: [LogPath: Int] = [:]
  /// Names whose file or log changed since they were settled, and those of former rounds, where they were too many.
  private var unsettled: Set<LogPath> = []
  var waiting = WaitingNames()
  /// Logs whose file is gone.
  private var gone: Set<LogPath> = []
  /// Logs that were looked at or decided upon since they were last asked whether they are to be saved, and those that were
  /// saved and have left.
  private var touched: Set<FollowedLog> = []
  /// Whether there were files beyond the limit.
  private var isRefusing = false
  var copies = PossibleCopies()
  var round = Round()

  init(watcher: Int, hands: any LogHands) {
    self.watcher = watcher
    self.hands = hands
  }

  /// What the indices here hold of a log, so that `update` can take it out again.
  struct Entry {
    var file: FileID?
    /// The folder at the top of a pattern that it counts for.
    var folder: LogPath?
    /// Where it is found as the original of a copy.
    var origin: PossibleCopies.Origin?
  }

  /// What one round of settling knows, and nothing outside of one.
  struct Round {
    var names: [LogPath] = []
    /// Logs whose file has lost its name, and which were not decided yet: meanwhile they claim no file.
    var displaced: Set<FollowedLog> = []
    /// Names to be settled again, once their directories were listed.
    var later: Set<LogPath> = []
    /// What followed the file that had a name before, and went along with a copy.
    var predecessors: [LogPath: any LogConsumer] = [:]
    /// Logs that were told to begin.
    var begun: Set<FollowedLog> = []

    /// By their names.
    var displacedInOrder: [FollowedLog] { displaced.sorted { $0.path < $1.path } }
  }

  // MARK: What changed

  var isSettled: Bool { unsettled.isEmpty && copies.overwritten.isEmpty && !hasMore }

  /// Whether there was more to settle than in one round.
  var hasMore: Bool { !waiting.isEmpty }

  func log(_ path: LogPath) -> FollowedLog? { logs[path] }

  func followers(of file: FileID) -> [FollowedLog] { followers[file] ?? [] }

  /// So many names are noted next: inserted in the order of another set they would else take quadratic time.
  mutating func expect(_ count: Int) { unsettled.reserveCapacity(unsettled.count + count) }

  /// A name stands for another file than before.
  mutating func note(_ path: LogPath, before: Discovery.Found?, after: Discovery.Found?) {
    unsettled.insert(path)
    names.note(path, before: before, after: after)
  }

  /// The file's own name, where `path` leads to it through a link.
  func ownName(of file: FileID, besides path: LogPath) -> LogPath? {
    names.ownName(of: file, besides: path).flatMap { isOutdated($0, file) ? nil : $0 }
  }

  /// A name is to be settled, though it stands for what it did.
  mutating func unsettle(_ path: LogPath) { unsettled.insert(path) }

  /// Files that wait are read from now on, unless their originals are gone already.
  mutating func stopWaiting() {
    copies.isWaiting = false
    unsettled.formUnion(copies.held.keys)
  }

  /// Goes on in the place of another table, whose logs have been taken on: their last lines, of which nothing was missed,
  /// are still known, and the files that waited for them go on waiting.
  mutating func takeOver(from other: LogTable) {
    for (path, log) in other.logs {
      if let own = logs[path], own.tracker.offset == log.tracker.offset { own.rest = log.rest }
    }
    for (path, file) in other.copies.held {
      guard let original = logs[file.original.path] else { continue }
      var file = file
      original.hadContentAt = file.original.hadContentAt
      file.original = original
      file.predecessor = file.predecessor.flatMap { former in
        other.logs.values.first { $0.consumer === former }.flatMap { logs[$0.path]?.consumer }
      }
      copies.hold(path, file)
    }
  }

  /// Takes on a log that another process followed.
  mutating func restore(_ log: FollowedLog) {
    logs[log.path] = log
    unsettled.insert(log.path)
    update(log)
  }

  /// Brings what is known of a log up to date, after a look or a decision.
  mutating func update(_ log: FollowedLog) {
    let isIn = logs[log.path] === log
    let file = isIn ? log.file : nil
    if file != log.entry.file {
      if let before = log.entry.file { release(before, by: log) }
      if let file { followers[file, default: []].append(log) }
      log.entry.file = file
    }
    let folder = isIn ? log.lane.folder : nil
    if folder != log.entry.folder {
      if let before = log.entry.folder {
        folders[before] = folders[before, default: 0] > 1 ? folders[before, default: 0] - 1 : nil
      }
      if let folder { folders[folder, default: 0] += 1 }
      log.entry.folder = folder
    }
    copies.update(log, isIn: isIn)
    if isIn, log.standing == .gone { gone.insert(log.path) } else if isIn { gone.remove(log.path) }
    log.count(isFollowed: isIn && log.standing != .gone)
    if isIn || log.saved != nil { touched.insert(log) } else { touched.remove(log) }
  }

  /// How many logs `takeTouched` would give.
  var touchedCount: Int { touched.count }

  /// The logs that may have to be saved, or no more; once.
  mutating func takeTouched(all: Bool) -> some Collection<FollowedLog> {
    if all { touched.formUnion(logs.values) }
    defer { touched = [] }
    return touched
  }

  /// A log leaves a file: another may follow it, by any of its names.
  private mutating func release(_ file: FileID, by log: FollowedLog) {
    followers[file]?.removeAll { $0 === log }
    guard followers[file]?.isEmpty == true else { return }
    followers[file] = nil
    unsettled.formUnion(names[file])
  }

  mutating func remove(_ log: FollowedLog) {
    guard logs[log.path] === log else { return }
    logs[log.path] = nil
    gone.remove(log.path)
    update(log)
  }

  /// The log has this name from now on; whatever had it is none of the watcher's any more.
  mutating func place(_ log: FollowedLog, at path: LogPath) {
    if let other = logs[path], other !== log { remove(other) }
    // What waited there has its log.
    copies.release(path)
    log.path = path
    logs[path] = log
    update(log)
  }

  // MARK: What follows

  /// Settles what changed.
  mutating func settle() {
    guard !isSettled else { return }
    round = Round(names: takeUnsettled())
    findDisplaced()
    follow()
    followCopies()
    for log in round.displacedInOrder {
      round.displaced.remove(log)
      settleDisplaced(log)
    }
    // Files that were left just now may have other names.
    let names = unsettled.isEmpty ? round.names : unsettled.union(round.names).sorted()
    unsettled = []
    for path in names { settleName(path) }
    unsettled.formUnion(round.later)
    round = Round()
    if gone.count > hands.vanishedLogsMax { forget { _ in true } }
  }

  private mutating func takeUnsettled() -> [LogPath] {
    defer { unsettled = [] }
    if waiting.isEmpty, unsettled.count <= hands.namesPerTurnMax { return unsettled.sorted() }
    waiting.insert(unsettled, folder: hands.topFolder)
    return waiting.take(hands.namesPerTurnMax).sorted()
  }

  /// What has the name now.
  func file(at path: LogPath) -> FileID? { hands.status(of: path).map(FileID.init) }

  /// Whether a log follows the file, or will, whose own name is not in doubt.
  func isClaimed(_ file: FileID) -> Bool {
    claimants(of: file).contains { !isDoubtful($0, file) }
  }

  private func claimants(of file: FileID) -> [FollowedLog] {
    followers[file]?.filter { $0.standing.claimsFile && !round.displaced.contains($0) } ?? []
  }

  /// Whether the listing that shows the file there is of a directory that cannot be listed any more, and a look at the
  /// name does not show it.
  private func isOutdated(_ path: LogPath, _ file: FileID) -> Bool {
    hands.mayBeOld(path.parent) && self.file(at: path) != file
  }

  /// Whether the log's file may be gone, and its number another file's by now.
  private func isDoubtful(_ log: FollowedLog, _ file: FileID) -> Bool {
    // Its directory may not have been listed since, and not be found out to fail.
    guard self.file(at: log.path) != file else { return false }
    // A name that cannot be looked at tells nothing; nor has a log of which nothing was consumed content to compare.
    guard let other = names[file].first(where: { $0 != log.path }), self.file(at: other) == file else { return false }
    return !log.isPresent || !hands.leads(other, to: log)
  }

  /// The file that the log follows, or waits for, is not there any more, or it is another log's.
  private mutating func giveUp(_ log: FollowedLog) {
    if log.isPresent { return end(log) }
    (log.standing, log.pace) = (.gone, .resting)
    update(log)
  }

  /// The log's file has its name, perhaps again.
  mutating func keep(_ log: FollowedLog, _ found: Discovery.Found?) {
    switch log.standing {
    case .renamed, .missing, .awaited, .leaving:
      log.standing = .following
      log.relistings = 0
    case .following, .adopted, .overwritten, .gone:
      break
    }
    hands.carryOut(.keep(log, found))
    update(log)
  }

  /// The file of that name is the log's to read from its beginning.
  mutating func startReading(_ log: FollowedLog, _ found: Discovery.Found) {
    for other in claimants(of: found.id) where other !== log {
      if isDoubtful(other, found.id) { giveUp(other) }
    }
    round.begun.insert(log)
    log.standing = .awaited(found.id)
    log.pace = .resting
    update(log)
    hands.carryOut(.begin(log, found))
  }

  /// Decides which log reads the file of a name, if none follows it there.
  private mutating func settleName(_ path: LogPath) {
    let log = logs[path]
    guard log?.isPresent != true else { return }
    let found = hands.listed(path, watcher)
    if let log, goesOnWaiting(log, found) { return }
    guard let found else { return }
    if log == nil, takesOwnName(path, found) { return }
    guard ownName(of: found.id, besides: path) == nil, !isClaimed(found.id),
      log != nil || !hands.isTooOld(found, watcher), !holdsBack(found)
    else { return }
    if let log { return startReading(log, found) }
    guard hasRoom(for: path) else {
      isRefusing = true
      return hands.carryOut(.refuse(found, watcher))
    }
    open(found, after: round.predecessors[path])
  }

  /// Whether one more log may begin: the folder at the top of its pattern may have as many as are free besides.
  private func hasRoom(for path: LogPath) -> Bool {
    let free = TailerLimits.filesMax - logs.count
    return free > TailerLimits.filesMax / 2 || folders[hands.topFolder(of: path), default: 0] < free
  }

  /// Whether a log without a file has nothing to do but to wait: for the first look at its file, or for a listing that is
  /// not old. Else it gives up the file that it waited for.
  private mutating func goesOnWaiting(_ log: FollowedLog, _ found: Discovery.Found?) -> Bool {
    let isOutdated = found.map { self.isOutdated(log.path, $0.id) } ?? false
    if let found, !isOutdated, log.standing == .awaited(found.id) {
      if !log.pace.isRetrying, !round.begun.contains(log) { hands.carryOut(.begin(log, found)) }
      return true
    }
    giveUp(log)
    return isOutdated
  }

  /// A log that was found through a link goes on under its file's own name, if this is it.
  private mutating func takesOwnName(_ path: LogPath, _ found: Discovery.Found) -> Bool {
    guard let log = followers[found.id]?.first(where: { ownName(of: found.id, besides: $0.path) == path }),
      !log.isIdentified || hands.leads(path, to: log)
    else { return false }
    logs[log.path] = nil
    place(log, at: path)
    hands.carryOut(.follow(log, found))
    return true
  }

  /// Begins a log of its own.
  mutating func open(_ found: Discovery.Found, after predecessor: (any LogConsumer)?) {
    let log = hands.makeLog(found, watcher)
    if let predecessor {
      log.counters.restarts.add(1, ordering: .relaxed)
      log.consumer.handle(.succeeds(predecessor))
    }
    place(log, at: found.path)
    startReading(log, found)
  }

  // MARK: Forgetting

  /// Forgets logs that are gone, where `isOver` says so.
  mutating func forget(_ isOver: (FollowedLog) -> Bool) {
    for path in gone.sorted() {
      guard let log = logs[path], !log.isQueued, isOver(log) else { continue }
      remove(log)
      hands.carryOut(.forget(log))
      guard isRefusing else { continue }
      isRefusing = false
      unsettled.formUnion(names.all)
    }
  }
}

internal import Clocks

/// What the tables ask, and what they decide: all in terms of one log or one path.
extension Tailer: LogHands {
  var now: Int64 { moment.monotonic }
  var vanishTime: Int64 { options.vanishInterval.wholeNanoseconds }
  var vanishedLogsMax: Int { options.vanishedLogsMax }
  var namesPerTurnMax: Int { options.namesPerTurnMax }
  var isLooking: Bool { directories.hasMore }

  // MARK: Questions

  func listed(_ path: LogPath, _ watcher: Int) -> Discovery.Found? {
    directories.file(path)?.wanted(by: watcher)
  }

  func status(of path: LogPath) -> FileStatus? {
    guard let status = try? reader.files.status(of: path), status.kind == .regular else { return nil }
    return status.file
  }

  func topFolder(of path: LogPath) -> LogPath { directories.patterns.topFolder(of: path) }

  func isFarFromEnd(_ log: FollowedLog) -> Bool {
    let wasOpen = log.descriptor != nil
    if let name = log.renamedTo { reader.open(log, under: name) }
    let size = reader.size(of: log)
    // What was left when it was read to its end is a line without its end.
    let isFar = size.left > options.turnBytesMax && size.whole != log.drainedSize
    if !isFar, !wasOpen { reader.closeDescriptor(of: log) }
    return isFar
  }

  func isMatched(_ path: LogPath, _ watcher: Int) -> Bool {
    captures(of: path, watcher: watcher) != nil
  }

  func isTooOld(_ found: Discovery.Found, _ watcher: Int) -> Bool {
    guard let age = watchers[watcher].ignoreOlder else { return false }
    return moment.wall &- found.status.file.modified > age.wholeNanoseconds
  }

  func isSearching(_ log: FollowedLog) -> Bool {
    guard let search = log.copySearch, directories.isDirty, now < search.end else { return false }
    return search.pass.map { !directories.hasFinished(pass: $0) } ?? true
  }

  func mayBeOld(_ directory: LogPath?) -> Bool { directories.mayBeOld(directory) }

  // MARK: Decisions

  func makeLog(_ found: Discovery.Found, _ watcher: Int) -> FollowedLog {
    let file = logFile(found, watcher)
    let consumer = openConsumer(file)
    let log = FollowedLog(file, at: found.path, .awaited(found.id), consumer: consumer, counters: counters[watcher])
    log.lane = lane(of: found)
    return log
  }

  private func lane(of found: Discovery.Found) -> Lane {
    Lane(folder: topFolder(of: found.path), owner: found.status.owner)
  }

  private func logFile(_ found: Discovery.Found, _ watcher: Int) -> LogFile {
    LogFile(
      watcher: watcher,
      path: found.path.text,
      captures: captures(of: found.path, watcher: watcher) ?? [:],
      status: found.status.file
    )
  }

  func carryOut(_ decision: LogDecision) {
    switch decision {
    case .begin(let log, let found):
      log.lane = lane(of: found)
      if found.isLink { watches.add(log.path) }
      noteRemote(found)
      enqueue(log)
      hasBeginnings = true
      noteChange()
    case .keep(let log, let found):
      if let found {
        log.lane = lane(of: found)
        if found.isLink, !watches.covers(log.path) { watch(log) }
        noteRemote(found)
      }
      // While it was away it may have been due to rest; and what another process left may not have been shown.
      if log.pace == .resting, log.descriptor != nil || log.hasRest { awaitRest(log) }
      timers.schedule(log)
    case .follow(let log, let found):
      if log.pace == .resting { awaitRest(log) }
      if let found { move(log, to: found) }
      enqueue(log)
    case .adopt(let log, let copy):
      reader.closeDescriptor(of: log)
      reader.forgetRest(of: log)
      log.tracker.follow(copy.status.file)
      awaitRest(log)
      move(log, to: copy)
      enqueue(log)
    case .readOn(let log):
      awaitRest(log)
      timers.schedule(log)
      enqueue(log)
    case .wait(let log):
      timers.schedule(log)
    case .finish(let log, let isReplaced):
      tellLosses(of: log) { reader.finish(log, successor: isReplaced ? log.path : nil) }
      noteChange()
    case .drain(let log):
      reader.drain(log)
    case .drop(let log):
      log.rest = []
      reader.closeDescriptor(of: log)
    case .look(let log):
      enqueue(log)
    case .forget:
      noteChange()
    case .refuse(let found, let watcher):
      counters[watcher].filesRefused.add(1, ordering: .relaxed)
      let folder = topFolder(of: found.path)
      warnOnce(
        "watcher \(watchers[watcher].name): \(found.path.text) is not read. A watcher follows at most "
          + "\(TailerLimits.filesMax) files, and of those in \(folder.text) not more than are free besides",
        key: "files \(watcher) \(folder.text)"
      )
    case .list(let path):
      directories.mark(path.parent)
    }
  }

  private func noteRemote(_ found: Discovery.Found) {
    hasRemoteLogs = hasRemoteLogs || remoteDevices.contains(found.status.file.device)
  }

  private func move(_ log: FollowedLog, to found: Discovery.Found) {
    let file = logFile(found, log.watcher)
    log.captures = file.captures
    log.lane = lane(of: found)
    log.consumer.handle(.moved(to: file))
    if found.isLink { watches.add(found.path) }
    timers.schedule(log)
    noteChange()
  }
}

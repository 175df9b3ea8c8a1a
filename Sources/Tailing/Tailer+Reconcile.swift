internal import Clocks

/// Settles which logs there are after directories were listed: which files are new, which moved, were replaced or went.
extension Tailer {
  struct FileID: Hashable {
    var device: UInt64
    var inode: UInt64

    init(_ status: FileStatus) {
      device = status.device
      inode = status.inode
    }
  }

  /// What one watcher's patterns match now.
  struct Names {
    var files: [LogPath: (found: Discovery.Found, rule: Int)] = [:]
    /// Ascending once all are in.
    var paths: [FileID: [LogPath]] = [:]
    /// Files that a log follows.
    var claimed: Set<FileID> = []
    /// Made when a new file is there.
    var originals: PossibleCopies.Originals?
    /// What followed the file that had a name before, and went along with a copy.
    var predecessors: [LogPath: any LogConsumer] = [:]

    func isStill(_ log: FollowedLog) -> Bool {
      guard let file = files[log.path] else { return false }
      return log.tracker.isSameFile(file.found.status.file)
    }
  }

  func reconcile(_ now: Moment) {
    var names = watchers.map { _ in Names() }
    discovery.forEachFile { found in
      for rule in found.rules {
        let watcher = discovery.rules[rule].watcher
        names[watcher].files[found.path] = (found, rule)
        names[watcher].paths[FileID(found.status.file), default: []].append(found.path)
      }
    }
    var fresh: [(file: Discovery.Found, log: FollowedLog)] = []
    for watcher in watchers.indices {
      for id in names[watcher].paths.keys { names[watcher].paths[id]?.sort() }
      var displaced: [FollowedLog] = []
      for log in logs[watcher].values {
        guard log.isPresent, let status = log.tracker.status else { continue }
        if names[watcher].isStill(log) || hasItsName(log) {
          if !isDoubtful(log, names[watcher]) { names[watcher].claimed.insert(FileID(status)) }
          if log.renamedTo != nil || log.missingSince != nil { cameBack(log, now: now) }
          let found = names[watcher].files[log.path]?.found
          if log.isRestored { met(log, found, now: now) }
          if let found, found.isLink { watchLink(of: log) }
          keepTime(log)
        } else {
          displaced.append(log)
        }
      }
      displaced.sort { $0.path < $1.path }
      displaced = follow(displaced, watcher, &names[watcher], now: now)
      let (left, begun) = followCopies(displaced, watcher, &names[watcher], now: now)
      fresh += begun
      for log in left { settle(log, &names[watcher], now: now) }
      fresh += open(watcher, &names[watcher], now: now)
      let count = logs[watcher].values.count { $0.isPresent || names[watcher].files[$0.path] != nil }
      counters[watcher].filesFollowed.store(count, ordering: .relaxed)
    }
    // Oldest first, so that of several files with one series the newest has the last word.
    fresh.sort {
      ($0.file.status.file.modified, $0.file.path) < ($1.file.status.file.modified, $1.file.path)
    }
    for (_, log) in fresh { enqueue(log) }
    dropVanished()
  }

  /// Whether the listing is older than the last look, as where a directory could not be listed since.
  private func hasItsName(_ log: FollowedLog) -> Bool {
    guard let status = try? reader.files.status(of: log.path) else { return false }
    return status.kind == .regular && log.tracker.isSameFile(status.file)
  }

  /// Whether the log's file may be gone from a directory that cannot be listed, and its number another file's by now.
  private func isDoubtful(_ log: FollowedLog, _ names: Names) -> Bool {
    guard !failedDirectories.isEmpty, let status = log.tracker.status,
      let other = names.paths[FileID(status)]?.first(where: { $0 != log.path })
    else { return false }
    var above = log.path.parent
    while let directory = above, !failedDirectories.contains(directory) { above = directory.parent }
    return above != nil && !(log.tracker.offset > 0 && reader.holds(other, contentOf: log))
  }

  /// Lets logs go along with files that were renamed within the patterns.
  ///
  /// - Returns: those whose file has no name here any more.
  private func follow(_ displaced: [FollowedLog], _ watcher: Int, _ names: inout Names, now: Moment) -> [FollowedLog] {
    var left: [FollowedLog] = []
    var moves: [(log: FollowedLog, to: LogPath)] = []
    for log in displaced {
      // Of a log that consumed nothing nothing tells that the number is not just used again.
      guard let status = log.tracker.status, log.tracker.offset > 0 || log.documentDigest != nil,
        !names.claimed.contains(FileID(status)),
        let path = names.paths[FileID(status)]?.first, reader.holds(path, contentOf: log)
      else {
        left.append(log)
        continue
      }
      names.claimed.insert(FileID(status))
      moves.append((log, path))
    }
    for (log, _) in moves { logs[watcher][log.path] = nil }
    for (log, path) in moves {
      if let overwritten = logs[watcher][path] {
        if overwritten.isPresent { end(overwritten, now: now) }
        left.removeAll { $0 === overwritten }
      }
      logs[watcher][path] = log
      log.path = path
      cameBack(log, now: now)
      if let (found, rule) = names.files[path] {
        let file = logFile(found, rule)
        log.captures = file.captures
        log.consumer.handle(.moved(to: file))
        if found.isLink { watches.add(path) }
      }
      noteChange()
      enqueue(log)
    }
    return left
  }

  /// The file of a log that another process followed is there.
  private func met(_ log: FollowedLog, _ found: Discovery.Found?, now: Moment) {
    log.isRestored = false
    guard let found else { return }
    hasRemoteLogs = hasRemoteLogs || remoteDevices.contains(found.status.file.device)
    // Its last line may not have been shown yet.
    if log.tracker.readsWholeDocuments || log.tracker.bytesBehind > 0 {
      log.restsAt = now.monotonic &+ options.restBeforeProvisional.wholeNanoseconds
    }
  }

  /// A log of another process, or one whose file has become a link: what changed before the watch is seen by a look.
  private func watchLink(of log: FollowedLog) {
    guard !isPolling, !watches.covers(log.path) else { return }
    watches.add(log.path)
    enqueue(log)
  }

  private func cameBack(_ log: FollowedLog, now: Moment) {
    log.renamedTo = nil
    log.missingSince = nil
    log.relistings = 0
    // While it was away it may have been due to rest.
    log.restsAt = log.restsAt ?? now.monotonic &+ options.restBeforeProvisional.wholeNanoseconds
  }

  /// A log whose file has lost its name: another file has it, or none.
  private func settle(_ log: FollowedLog, _ names: inout Names, now: Moment) {
    if isLeftToAnotherName(log, names) {
      reader.closeDescriptor(of: log)
      log.tracker.leave()
      log.renamedTo = nil
      end(log, now: now)
      return
    }
    if let (found, _) = names.files[log.path] {
      let id = FileID(found.status.file)
      log.renamedTo = log.renamedTo ?? renamedName(of: log)
      if isMissedByListing(log) {
        log.relistings += 1
        log.path.parent.map { _ = dirty.insert($0) }
        needsReconciling = true
        log.renamedTo = nil
        return
      }
      log.relistings = 0
      if names.claimed.contains(id) {
        // The name is now one more name of a file that another log follows.
        end(log, now: now)
        return
      }
      if isHeldBack(found, log.watcher, names: &names, now: now) {
        end(log, successor: log.path, now: now)
        return
      }
      names.claimed.insert(id)
      // A link that leads to another file now: the watch stands on the old one.
      if found.isLink { watches.add(log.path) }
      reader.finish(
        log,
        under: log.renamedTo,
        successor: log.path,
        counters: counters[log.watcher],
        now: now
      )
      log.renamedTo = nil
      log.missingSince = nil
      log.hasMore = false
      log.tracker.leave()
      log.isAwaited = true
      noteChange()
      enqueue(log)
      return
    }
    if let renamed = log.renamedTo {
      let status = try? reader.files.status(of: renamed)
      let isKnown = log.tracker.offset > 0 || log.descriptor != nil
      if let status, isKnown, log.tracker.isSameFile(status.file) { return }
      log.renamedTo = nil
    }
    if let renamed = renamedName(of: log) {
      // The writer may not have noticed: read on until the file rests.
      log.renamedTo = renamed
      log.missingSince = nil
      // It is one of the watcher's still, and was renamed since it was listed.
      if isMissedByListing(log) {
        log.relistings += 1
        renamed.parent.map { _ = dirty.insert($0) }
        needsReconciling = true
      }
      log.restsAt = now.monotonic &+ options.restBeforeProvisional.wholeNanoseconds
      keepTime(log)
      enqueue(log)
      return
    }
    let since = log.missingSince ?? now.monotonic
    log.missingSince = since
    if now.monotonic &- since >= options.vanishInterval.wholeNanoseconds { end(log, now: now) }
    keepTime(log)
  }

  /// Whether nothing was consumed of a log's file, and the file has another of the watcher's names: the log of that name
  /// reads it from its beginning, so this one must not.
  private func isLeftToAnotherName(_ log: FollowedLog, _ names: Names) -> Bool {
    guard log.tracker.offset == 0, !log.tracker.readsWholeDocuments, let status = log.tracker.status else {
      return false
    }
    if names.paths[FileID(status)] != nil { return true }
    guard let renamed = renamedName(of: log), captures(of: renamed, watcher: log.watcher) != nil else { return false }
    renamed.parent.map { _ = dirty.insert($0) }
    needsReconciling = true
    return true
  }

  /// Whether the file of a log that lost its name is still one of the watcher's: a directory that is changed while it is
  /// listed may show a renamed file under neither of its names. Then it is listed again, a few times.
  private func isMissedByListing(_ log: FollowedLog) -> Bool {
    guard log.relistings < TailerLimits.relistingsMax else { return false }
    if let renamed = log.renamedTo { return captures(of: renamed, watcher: log.watcher) != nil }
    guard let descriptor = log.descriptor, let status = try? reader.files.status(of: descriptor) else { return false }
    return log.tracker.isSameFile(status.file) && status.linkCount > 0
  }

  /// The name that the log's file has now in the directory it was in.
  func renamedName(of log: FollowedLog) -> LogPath? {
    guard let status = log.tracker.status, let directory = log.path.parent else { return nil }
    var candidates: [LogPath] = []
    var count = 0
    try? reader.files.list(directory) { name, _, inode in
      count += 1
      if inode == status.inode { candidates.append(directory.appending(name)) }
      return count < TailerLimits.renamedSearchMax
    }
    return candidates.sorted().first { reader.holds($0, contentOf: log) }
  }

  /// Opens logs for files that no log follows.
  private func open(_ watcher: Int, _ names: inout Names, now: Moment) -> [(Discovery.Found, FollowedLog)] {
    var opened: [(Discovery.Found, FollowedLog)] = []
    for (path, (found, rule)) in names.files.sorted(by: { $0.key < $1.key }) {
      let status = found.status.file
      if let log = logs[watcher][path] {
        guard !log.isPresent, !names.claimed.contains(FileID(status)), log.retryAt == nil,
          !isHeldBack(found, watcher, names: &names, now: now)
        else { continue }
        names.claimed.insert(FileID(status))
        log.isAwaited = true
        if found.isLink { watches.add(path) }
        opened.append((found, log))
        continue
      }
      guard !names.claimed.contains(FileID(status)), !isTooOld(status, watcher, now: now),
        !isHeldBack(found, watcher, names: &names, now: now)
      else { continue }
      guard logs[watcher].count < TailerLimits.filesMax else {
        counters[watcher].filesRefused.add(1, ordering: .relaxed)
        warnOnce("watcher \(watchers[watcher].name) matches more than \(TailerLimits.filesMax) files")
        break
      }
      names.claimed.insert(FileID(status))
      let file = logFile(found, rule)
      let log = FollowedLog(watcher: watcher, path: path, captures: file.captures, consumer: openConsumer(file))
      if let predecessor = names.predecessors[path] { log.consumer.handle(.succeeds(predecessor)) }
      log.isAwaited = true
      logs[watcher][path] = log
      if found.isLink { watches.add(path) }
      hasRemoteLogs = hasRemoteLogs || remoteDevices.contains(status.device)
      opened.append((found, log))
    }
    return opened
  }

  func isTooOld(_ status: FileStatus, _ watcher: Int, now: Moment) -> Bool {
    guard let age = watchers[watcher].ignoreOlder else { return false }
    return now.wall &- status.modified > age.wholeNanoseconds
  }

  func logFile(_ found: Discovery.Found, _ rule: Int) -> LogFile {
    LogFile(
      watcher: discovery.rules[rule].watcher,
      path: found.path.text,
      captures: discovery.captures(of: found.path, rule: rule),
      status: found.status.file
    )
  }

  /// Forgets logs that are gone and of no use any more, and some of the others, once they are too many.
  private func dropVanished() {
    for watcher in watchers.indices {
      let gone = logs[watcher].values.filter { !$0.isPresent && !$0.isQueued && $0.retryAt == nil }
      let isTooMany = gone.count > options.vanishedLogsMax
      for log in gone where isTooMany || log.consumer.isOver {
        logs[watcher][log.path] = nil
        noteChange()
      }
    }
  }
}

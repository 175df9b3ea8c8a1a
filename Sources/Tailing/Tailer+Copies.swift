internal import Clocks

/// Copies: a file that has the content of a log whose own content went away takes the log along, so that what the two
/// have in common counts once. While the log still has its content, a new file that has it too waits for a moment.
///
/// `docs/tailing.md` has the rule. Documents need none of it: what they are is settled by their records.
extension Tailer {
  // MARK: Logs whose content is gone

  /// The file of a log was truncated or overwritten, and nothing of that was told to its consumer yet.
  ///
  /// - Returns: whether it can begin anew at once, because no copy can have to do with it.
  func beginsAnewAtOnce(_ log: FollowedLog, now: Moment) -> Bool {
    log.mayRestart = true
    guard copies.isHolding, !copies.isCrowded(now: now.monotonic) else { return true }
    let isFrequent = wasGoneLately(log, now: now)
    listForCopies(of: log, now: now)
    let mayBeListed = isAllDirty || !dirty.isEmpty || needsReconciling
    let mayBeHeld = copies.held.keys.contains { $0.watcher == log.watcher }
    guard mayBeListed || mayBeHeld || (!isFrequent && logs[log.watcher].count > 1) else { return true }
    copies.gone.append(log)
    needsReconciling = true
    enqueue(log)
    return false
  }

  /// A log that is written again all the time is not rotated all the time, and not a rotated copy.
  private func wasGoneLately(_ log: FollowedLog, now: Moment) -> Bool {
    log.goneAt.map { now.monotonic &- $0 < TailerLimits.copyTimeMax.wholeNanoseconds } ?? false
  }

  /// Makes what appeared before the content went be found by the next listing.
  func listForCopies(of log: FollowedLog, now: Moment) {
    collectEvents()
    let isRemote = log.tracker.status.map { remoteDevices.contains($0.device) } ?? false
    if isPolling || isRemote {
      if wasGoneLately(log, now: now) { log.path.parent.map { _ = dirty.insert($0) } } else { isAllDirty = true }
    }
    log.goneAt = now.monotonic
  }

  /// Lets logs whose content is gone go along with a copy of it; a log of their name begins after them.
  ///
  /// - Returns: which of `displaced` went along with none, and the logs that began.
  func followCopies(
    _ displaced: [FollowedLog],
    _ watcher: Int,
    _ names: inout Names,
    now: Moment
  ) -> (left: [FollowedLog], begun: [(file: Discovery.Found, log: FollowedLog)]) {
    let overwritten = copies.gone.filter { log in
      log.watcher == watcher && log.mayRestart && log.hasContent && names.isStill(log)
        && logs[watcher][log.path] === log
    }
    copies.gone.removeAll { $0.watcher == watcher }
    let gone = displaced.filter { $0.hasContent && $0.renamedTo == nil } + overwritten
    guard copies.isHolding, !gone.isEmpty, logs[watcher].count < TailerLimits.filesMax else { return (displaced, []) }

    let moves = matches(gone, overwritten, watcher, names, now: now)
    for log in displaced where moves.contains(where: { $0.log === log }) {
      reader.drain(log, counters: counters[watcher], now: now)
    }
    // All leave their names before one takes another's: rotated copies take the names of older ones.
    for move in moves {
      names.claimed.insert(FileID(move.to.status.file))
      logs[watcher][move.from] = nil
    }
    for move in moves { self.move(move.log, to: move.to, &names, now: now) }
    let begun = moves.compactMap { successor(after: $0, &names, now: now) }
    for log in overwritten where logs[watcher][log.path] === log { holdIfCopy(log, &names, now: now) }
    let left = displaced.filter { log in
      logs[watcher][log.path] === log && !moves.contains { $0.log === log }
    }
    return (left, begun)
  }

  /// Which of the logs has its content in which file that no log follows, or a log whose own content is gone.
  private func matches(
    _ gone: [FollowedLog],
    _ overwritten: [FollowedLog],
    _ watcher: Int,
    _ names: Names,
    now: Moment
  ) -> [Move] {
    let free = Set(overwritten.compactMap { $0.tracker.status.map(FileID.init) })
    var candidates = names.files.values.map(\.found).filter { found in
      let status = found.status.file
      let isFree = !names.claimed.contains(FileID(status)) || free.contains(FileID(status))
      // The file of a log that was begun is no copy, though nothing was read of it yet.
      let isAwaited = logs[watcher][found.path].map { $0.isAwaited && !$0.tracker.isKnown } ?? false
      return isFree && !isAwaited && !isTooOld(status, watcher, now: now)
    }
    candidates.sort { $0.path < $1.path }
    var moves: [Move] = []
    for log in gone {
      // Another file has its name, and the content is there: a copied or restored tree has other inodes throughout.
      let isReplacedByItself =
        !overwritten.contains { $0 === log } && names.files[log.path] != nil
        && reader.begins(log.path, with: log.tracker.identifyingWindows)
      if isReplacedByItself { continue }
      guard
        let place = candidates.prefix(TailerLimits.copySearchMax).firstIndex(where: { isCopy($0, of: log) }),
        overwritten.contains(where: { $0 === log }) || renamedName(of: log) == nil
      else { continue }
      moves.append(Move(log: log, from: log.path, file: log.tracker.status, to: candidates.remove(at: place)))
    }
    return moves
  }

  /// The content of a log was overwritten, perhaps with the copy of another one that is about to go.
  private func holdIfCopy(_ log: FollowedLog, _ names: inout Names, now: Moment) {
    guard let found = names.files[log.path]?.found, let size = try? reader.files.status(of: log.path).file.size,
      size > 0,
      isHeldBack(found, log.watcher, names: &names, now: now)
    else { return }
    names.claimed.remove(FileID(found.status.file))
    endOverwritten(log, now: now)
  }

  /// The half line that a log ended with went with its content: nobody will ever know whether it was a whole one. What
  /// its file has now is not the end of anything, though it may begin as before, and must not be read as one.
  private func endOverwritten(_ log: FollowedLog, now: Moment) {
    reader.closeDescriptor(of: log)
    log.rest = []
    end(log, now: now)
  }

  private struct Move {
    var log: FollowedLog
    var from: LogPath
    /// What the log's file was.
    var file: FileStatus?
    var to: Discovery.Found
  }

  private func isCopy(_ found: Discovery.Found, of log: FollowedLog) -> Bool {
    guard found.path != log.path else { return false }
    if reader.begins(found.path, with: log.tracker.identifyingWindows) { return true }
    // It may lack what was written to the log after it was made: what it has was compared while the log still had it.
    guard let held = copies.held[.init(watcher: log.watcher, path: found.path)], held.original === log,
      let status = try? reader.files.status(of: found.path), status.file == held.status
    else { return false }
    // Unless it had all of the log once, it has to have more than the first line, which all logs of a tool share.
    return held.isCompleteSince != nil || reader.hasLines(found.path, atLeast: 2)
  }

  /// The log of what has the name now; nil: nothing has, or another log's file.
  private func successor(after move: Move, _ names: inout Names, now: Moment) -> (
    file: Discovery.Found, log: FollowedLog
  )? {
    let watcher = move.log.watcher
    guard logs[watcher][move.from] == nil, let (found, rule) = names.files[move.from] else { return nil }
    let id = FileID(found.status.file)
    guard !names.claimed.contains(id) || move.file.map(FileID.init) == id else { return nil }
    counters[watcher].restarts.add(1, ordering: .relaxed)
    if !names.claimed.contains(id), isHeldBack(found, watcher, predecessor: move.log.consumer, names: &names, now: now)
    {
      return nil
    }
    names.claimed.insert(id)
    let file = logFile(found, rule)
    let next = FollowedLog(watcher: watcher, path: move.from, captures: file.captures, consumer: openConsumer(file))
    next.consumer.handle(.succeeds(move.log.consumer))
    next.isAwaited = true
    next.goneAt = move.log.goneAt
    logs[watcher][move.from] = next
    return (found, next)
  }

  private func move(_ log: FollowedLog, to copy: Discovery.Found, _ names: inout Names, now: Moment) {
    reader.closeDescriptor(of: log)
    if let overwritten = logs[log.watcher][copy.path], overwritten.isPresent { endOverwritten(overwritten, now: now) }
    logs[log.watcher][copy.path] = log
    log.path = copy.path
    log.missingSince = nil
    log.hasMore = false
    log.rest = []
    log.isRestShown = false
    // A copy that lacks the last lines is read again, as a beginning of what the log had.
    log.mayRestart = true
    log.tracker.follow(copy.status.file)
    log.restsAt = now.monotonic &+ options.restBeforeProvisional.wholeNanoseconds
    copies.held[.init(watcher: log.watcher, path: copy.path)] = nil
    if let (found, rule) = names.files[copy.path] {
      let file = logFile(found, rule)
      log.captures = file.captures
      log.consumer.handle(.moved(to: file))
    }
    if copy.isLink { watches.add(copy.path) }
    noteChange()
    keepTime(log)
    enqueue(log)
  }

  // MARK: Files that wait

  /// Whether a file that no log follows yet has to wait, because it could be a copy of a log that is about to go.
  ///
  /// - Parameter predecessor: what its log begins after, should it be one of its own.
  func isHeldBack(
    _ found: Discovery.Found,
    _ watcher: Int,
    predecessor: (any LogConsumer)? = nil,
    names: inout Names,
    now: Moment
  ) -> Bool {
    guard copies.isHolding, let status = try? reader.files.status(of: found.path).file else { return false }
    let place = PossibleCopies.Place(watcher: watcher, path: found.path)
    let before = copies.held.removeValue(forKey: place)
    names.predecessors[found.path] = predecessor ?? before?.predecessor
    guard copies.isWaiting else { return false }
    let isSame = before?.status.inode == status.inode && before?.status.device == status.device
    guard var held = isSame ? before : newlyHeld(place, status, names: &names, now: now) else { return false }
    // What it has was compared already: the log may not have it any more when that is found out.
    if held.status != status || !held.original.hasContent {
      guard let (original, isComplete) = original(of: place, status, held.original, names: &names) else { return false }
      held.original = original
      held.status = status
      held.changedAt = now.monotonic
      if isComplete { held.isCompleteSince = held.isCompleteSince ?? now.monotonic }
    }
    guard !held.hasWaited(now.monotonic) else { return false }
    let next = now.monotonic &+ TailerLimits.copyCheckInterval.wholeNanoseconds
    held.checkAt = now.monotonic < held.waitsUntil ? min(next, held.waitsUntil) : next
    held.predecessor = names.predecessors[found.path]
    copies.held[place] = held
    return true
  }

  private func newlyHeld(
    _ place: PossibleCopies.Place,
    _ status: FileStatus,
    names: inout Names,
    now: Moment
  ) -> PossibleCopies.Held? {
    let isReplacement = logs[place.watcher][place.path] != nil || names.predecessors[place.path] != nil
    guard let (original, isComplete) = original(of: place, status, nil, names: &names),
      copies.canHold(place, isReplacement: isReplacement, now: now.monotonic)
    else { return nil }
    return PossibleCopies.Held(
      original: original,
      status: status,
      since: now.monotonic,
      isCompleteSince: isComplete ? now.monotonic : nil,
      changedAt: now.monotonic,
      checkAt: now.monotonic
    )
  }

  /// A log whose content the file has, or begins to have, and whether it has all that was consumed.
  private func original(
    of place: PossibleCopies.Place,
    _ status: FileStatus,
    _ likely: FollowedLog?,
    names: inout Names
  ) -> (log: FollowedLog, isComplete: Bool)? {
    let originals = names.originals ?? PossibleCopies.Originals(logs[place.watcher].values)
    names.originals = originals
    guard let head = reader.head(of: place.path) else { return nil }
    var candidates = originals.candidates(for: place.path, head: head)
    if let likely, likely.hasContent { candidates.insert(likely, at: 0) }
    for log in candidates where log.hasContent {
      if let isComplete = reader.compare(place.path, status, with: log) { return (log, isComplete) }
    }
    return nil
  }

  /// After the looks: whether a file has waited long enough, so that the next listing lets it be read.
  func hasCopyWaited(_ now: Moment) -> Bool {
    copies.held.values.contains { $0.hasWaited(now.monotonic) }
  }

  /// Looks after the files that wait: one that changed, or has waited long enough, is settled by the next listing.
  func checkHeld(_ now: Moment, everything: Bool) {
    for (place, held) in copies.held where everything || held.checkAt <= now.monotonic {
      copies.held[place]?.checkAt = now.monotonic &+ TailerLimits.copyCheckInterval.wholeNanoseconds
      let status = try? reader.files.status(of: place.path)
      if status?.file != held.status || !held.original.hasContent { needsReconciling = true }
      if now.monotonic >= held.waitsUntil { enqueue(held.original) }
      if status?.file.inode != held.status.inode {
        copies.held[place] = nil
        place.path.parent.map { _ = dirty.insert($0) }
      }
    }
  }
}

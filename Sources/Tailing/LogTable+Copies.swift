internal import Clocks

/// Copies: a file that has the content of a log whose own content went away takes the log along, so that what the two
/// have in common counts once. While the log still has its content, a new file that has it too waits for a moment.
///
/// `docs/tailing.md` has the rule. Documents need none of it: what they are is settled by their records.
extension LogTable {
  // MARK: Logs whose content is gone

  /// The file of a log was truncated or overwritten, and its consumer was not told yet.
  ///
  /// - Parameters:
  ///   - mayBeListed: whether directories are still to be listed, so that a copy may be there that nobody has seen.
  ///   - isFrequent: whether it was a short time ago.
  /// - Returns: whether it begins anew at once, because no copy can have to do with it.
  mutating func noteOverwritten(_ log: FollowedLog, mayBeListed: Bool, isFrequent: Bool) -> Bool {
    guard mayBeListed || !copies.held.isEmpty || (!isFrequent && logs.count > 1) else { return true }
    log.standing = .overwritten
    copies.overwritten.append(log)
    return false
  }

  /// Lets logs whose content is gone go along with a copy of it; a log of their name begins after them. Those of which no
  /// copy is found stay `overwritten`: when all is listed where one can be, the next look has them begin anew.
  mutating func followCopies() {
    let overwritten = copies.overwritten.filter { log in
      log.isOverwritten && log.hasContent && logs[log.path] === log && hands.listed(log.path, watcher)?.id == log.file
    }
    let bereft = round.displacedInOrder.filter { $0.hasContent && $0.renamedTo == nil } + overwritten
    for log in copies.overwritten where !overwritten.contains(log) { endSearch(log) }
    copies.overwritten = []
    guard copies.isHolding, !bereft.isEmpty, logs.count < TailerLimits.filesMax else {
      return overwritten.forEach(endSearch)
    }

    let moves = matches(bereft, overwritten)
    // All leave their names before one takes another's: rotated copies take the names of older ones.
    for move in moves { remove(move.log) }
    for move in moves { adopt(move) }
    for move in moves { succeed(move) }
    for log in overwritten where log.isOverwritten && logs[log.path] === log {
      if hands.isSearching(log) {
        log.copySearch?.hasBegun = true
        copies.overwritten.append(log)
        continue
      }
      endSearch(log)
      // What overwrote it is perhaps the copy of another one that is about to go.
      guard let found = hands.listed(log.path, watcher), let size = hands.status(of: log.path)?.size, size > 0,
        holdsBack(found)
      else { continue }
      drop(log)
    }
    round.displaced = round.displaced.filter { logs[$0.path] === $0 }
  }

  /// No copy is waited for any more.
  private func endSearch(_ log: FollowedLog) {
    guard log.copySearch != nil else { return }
    log.copySearch = nil
    if log.isOverwritten { hands.carryOut(.look(log)) }
  }

  private struct Move {
    var log: FollowedLog
    var from: LogPath
    /// What the log's file was.
    var file: FileID?
    var to: Discovery.Found
  }

  /// Which of the logs has its content in which file that no log follows, or a log whose own content is gone.
  private func matches(_ bereft: [FollowedLog], _ overwritten: [FollowedLog]) -> [Move] {
    let free = Set(overwritten.compactMap(\.file))
    let new = Set(round.names).union(overwritten.filter { $0.copySearch?.hasBegun != true }.map(\.path))
    // What no log follows is new, or waits.
    var candidates = Set(round.names).union(copies.held.keys).union(overwritten.map(\.path)).sorted()
      .compactMap { hands.listed($0, watcher) }
      .filter { (free.contains($0.id) || !isClaimed($0.id)) && !hands.isTooOld($0, watcher) }
    var moves: [Move] = []
    for log in bereft {
      let isOverwritten = overwritten.contains(log)
      // Another file has its name, and the content is there: a copied or restored tree has other inodes throughout.
      if !isOverwritten, hands.listed(log.path, watcher) != nil, hands.begins(log.path, with: log) { continue }
      let isKnown = isOverwritten && log.copySearch?.hasBegun == true
      let place = candidates.indices.lazy.filter { !isKnown || new.contains(candidates[$0].path) }
        .prefix(TailerLimits.copySearchMax).first { isCopy(candidates[$0], of: log, mayHaveMore: !isOverwritten) }
      guard let place, isOverwritten || hands.currentName(of: log) == nil else { continue }
      moves.append(Move(log: log, from: log.path, file: log.file, to: candidates.remove(at: place)))
    }
    return moves
  }

  /// - Parameter mayHaveMore: whether its file may have more than was read yet.
  private func isCopy(_ found: Discovery.Found, of log: FollowedLog, mayHaveMore: Bool) -> Bool {
    guard found.path != log.path, let status = hands.status(of: found.path) else { return false }
    let known = log.tracker.identityBytes
    var compared = min(known, status.size)
    var wasComplete = true
    let hasKnown = hands.begins(found.path, with: log)
    if !hasKnown {
      // What it has was compared while the log still had it.
      guard let held = copies.held[found.path], held.original === log, status == held.status else { return false }
      compared = held.comparedBytes
      wasComplete = held.isCompleteSince != nil
    }
    if mayHaveMore { hands.carryOut(.drain(log)) }
    if log.tracker.identityBytes == known ? hasKnown : hands.begins(found.path, with: log) { return true }
    // It may lack what was written to the log after it was made. The first line all logs of a tool share: unless that is
    // all there is, more of it has to be the log's.
    guard status.size < log.tracker.identityBytes else { return false }
    if log.tracker.identityBytes > known {
      guard hands.isBeginning(found.path, status, of: log) else { return false }
      compared = status.size
    }
    return (wasComplete && compared == status.size) || hands.hasLines(found.path, within: compared)
  }

  private mutating func adopt(_ move: Move) {
    let log = move.log
    round.displaced.remove(log)
    if let occupant = logs[move.to.path], occupant.isPresent { drop(occupant) }
    // A copy that lacks the last lines is read again, as a beginning of what the log had: the next look finds that out.
    log.standing = .adopted
    log.copySearch = nil
    log.relistings = 0
    hands.carryOut(.adopt(log, move.to))
    place(log, at: move.to.path)
  }

  /// A log of what has the name now begins after the one that left it; none where nothing has it, or another log's file.
  private mutating func succeed(_ move: Move) {
    guard logs[move.from] == nil, let found = hands.listed(move.from, watcher) else { return }
    let isClaimed = isClaimed(found.id)
    guard !isClaimed || move.file == found.id else { return }
    round.predecessors[move.from] = move.log.consumer
    if !isClaimed, holdsBack(found) { return }
    open(found, after: move.log.consumer)
    logs[move.from]?.contentLostAt = move.log.contentLostAt
  }

  // MARK: Files that wait

  /// Holds back a file that no log follows yet where it could be a copy of a log that is about to go.
  ///
  /// - Returns: whether it has to wait.
  mutating func holdsBack(_ found: Discovery.Found) -> Bool {
    let path = found.path
    guard copies.isHolding, let status = hands.status(of: path) else { return false }
    let before = copies.release(path)
    round.predecessors[path] = round.predecessors[path] ?? before?.predecessor
    guard copies.isWaiting else { return false }
    let isSame = before.map { FileID($0.status) == FileID(status) } ?? false
    var held = isSame ? before : nil
    // What it has was compared already: the log may not have it any more when that is found out.
    if held?.status != status || held?.original.hasContent != true {
      let isReplacement = logs[path] != nil || round.predecessors[path] != nil
      guard let (original, isComplete) = original(of: path, status, held?.original),
        held != nil || copies.canHold(path, isReplacement: isReplacement, now: hands.now)
      else { return false }
      held = PossibleCopies.Held(
        original: original,
        status: status,
        comparedBytes: min(status.size, original.tracker.identityBytes),
        since: held?.since ?? hands.now,
        isCompleteSince: held?.isCompleteSince ?? (isComplete ? hands.now : nil),
        changedAt: hands.now
      )
    }
    guard var held, !held.hasWaited(hands.now) else { return false }
    let next = hands.now &+ TailerLimits.copyCheckInterval.wholeNanoseconds
    held.checkAt = hands.now < held.waitsUntil ? min(next, held.waitsUntil) : next
    held.predecessor = round.predecessors[path]
    copies.hold(path, held)
    return true
  }

  /// A log whose content the file has, or begins to have, and whether it has all that was consumed.
  private func original(
    of path: LogPath,
    _ status: FileStatus,
    _ likely: FollowedLog?
  ) -> (log: FollowedLog, isComplete: Bool)? {
    guard let head = hands.head(of: path) else { return nil }
    var candidates = copies.originals(of: path, head: head)
    if let likely, likely.hasContent { candidates.insert(likely, at: 0) }
    for log in candidates where log.hasContent {
      if let isComplete = hands.compare(path, status, with: log) { return (log, isComplete) }
    }
    return nil
  }

  /// Looks after the files that wait: one that changed, or has waited long enough, is settled; its original is looked at
  /// first, or it may have lost its content since.
  mutating func checkHeld(everything: Bool) {
    for (path, file) in copies.takeDue(hands.now, everything: everything) {
      let status = hands.status(of: path)
      if status != file.status || !file.original.hasContent { unsettle(path) }
      if hands.now >= file.waitsUntil { hands.carryOut(.look(file.original)) }
      if status?.inode != file.status.inode {
        copies.release(path)
        hands.carryOut(.list(path))
      }
    }
  }

  /// After the looks: settles those of the files that have waited long enough, if their originals have their content.
  mutating func checkWaited() {
    for (path, file) in copies.held where file.hasWaited(hands.now) { unsettle(path) }
  }
}

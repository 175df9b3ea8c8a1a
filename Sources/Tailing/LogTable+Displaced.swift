/// Logs whose file has lost its name: another file has it, or none.
extension LogTable {
  /// Finds the logs whose file has lost its name; the others of the round keep theirs.
  mutating func findDisplaced() {
    for path in round.names {
      guard let log = logs[path], log.isPresent else { continue }
      if let found = hands.listed(path, watcher), log.file == found.id {
        keep(log, found)
      } else if let file = file(at: path), log.file == file {
        // The listing is older than the last look, as where a directory could not be listed since.
        keep(log, nil)
      } else if log.standing != .leaving, !leaves(log) {
        round.displaced.insert(log)
      }
    }
  }

  /// What a log's file still has is read first, in turns, where there is more of it than is read at once.
  mutating func leaves(_ log: FollowedLog) -> Bool {
    guard hands.isFarFromEnd(log) else { return false }
    log.standing = .leaving
    hands.carryOut(.look(log))
    update(log)
    return true
  }

  /// Lets logs go along with files that were renamed within the patterns.
  mutating func follow() {
    var moves: [(log: FollowedLog, to: LogPath)] = []
    for log in round.displacedInOrder {
      // Without content to compare, the number may just have been used again.
      guard let file = log.file, log.isIdentified, !isClaimed(file), let path = names[file].first,
        hands.leads(path, to: log)
      else { continue }
      round.displaced.remove(log)
      log.standing = .following
      moves.append((log, path))
    }
    // All leave their names before one takes another's.
    for (log, _) in moves { logs[log.path] = nil }
    for (log, path) in moves {
      if let occupant = logs[path] {
        if occupant.isPresent { end(occupant) }
        round.displaced.remove(occupant)
      }
      place(log, at: path)
      log.relistings = 0
      hands.carryOut(.follow(log, hands.listed(path, watcher)))
    }
  }

  /// A log whose file has lost its name: another file has it, or none.
  mutating func settleDisplaced(_ log: FollowedLog) {
    if leavesToAnotherName(log) {
      drop(log)
    } else if let found = hands.listed(log.path, watcher) {
      settleReplaced(log, by: found)
    } else if let name = log.renamedTo, hands.leads(name, to: log) {
      // It is read there until it rests; then `Tailer` has it end.
    } else if let name = hands.currentName(of: log) {
      // The writer may not have noticed: read on until the file rests.
      log.standing = .renamed(to: name)
      // It is one of the watcher's still, and was renamed since it was listed.
      if isMissedByListing(log) { relist(log, name) }
      hands.carryOut(.readOn(log))
    } else {
      miss(log)
    }
    update(log)
  }

  /// No name of the log's file is known.
  mutating func miss(_ log: FollowedLog) {
    guard case .missing(let deadline) = log.standing else {
      log.standing = .missing(until: hands.now &+ hands.vanishTime)
      return hands.carryOut(.wait(log))
    }
    guard hands.now >= deadline else { return hands.carryOut(.wait(log)) }
    guard hands.isLooking, log.relistings < TailerLimits.relistingsMax else { return end(log) }
    // Its new name may be among what could not be looked at yet.
    log.relistings += 1
    log.standing = .missing(until: hands.now &+ hands.vanishTime << (2 * log.relistings))
    hands.carryOut(.wait(log))
  }

  /// A log whose name another file has.
  mutating func settleReplaced(_ log: FollowedLog, by found: Discovery.Found) {
    if log.renamedTo == nil, let name = hands.currentName(of: log) {
      log.standing = .renamed(to: name)
      if leaves(log) { return }
    }
    if isMissedByListing(log) {
      relist(log, log.path)
      log.standing = .following
      return
    }
    log.relistings = 0
    // The name may be one more name of a file that another log follows, or will.
    if ownName(of: found.id, besides: log.path) != nil || isClaimed(found.id) || holdsBack(found) {
      return end(log, isReplaced: true)
    }
    hands.carryOut(.finish(log, isReplaced: true))
    log.tracker.leave()
    startReading(log, found)
  }

  /// Whether nothing was consumed of a log's file, and the file has another of the watcher's names: the log of that name
  /// reads it from its beginning, so this one must not.
  mutating func leavesToAnotherName(_ log: FollowedLog) -> Bool {
    guard !log.isIdentified, !log.tracker.readsWholeDocuments, let file = log.file else { return false }
    if !names[file].isEmpty { return true }
    guard let name = hands.currentName(of: log), hands.isMatched(name, watcher) else { return false }
    hands.carryOut(.list(name))
    round.later.insert(log.path)
    return true
  }

  /// Whether the file of a log that lost its name is still one of the watcher's: a directory that is changed while it is
  /// listed may show a renamed file under neither of its names. Then it is listed again, a few times.
  func isMissedByListing(_ log: FollowedLog) -> Bool {
    guard log.relistings < TailerLimits.relistingsMax else { return false }
    return log.renamedTo.map { hands.isMatched($0, watcher) } ?? hands.isLinked(log)
  }

  mutating func relist(_ log: FollowedLog, _ path: LogPath) {
    log.relistings += 1
    round.later.insert(log.path)
    hands.carryOut(.list(path))
  }

  /// No file is left of the log: it is kept in case one comes back.
  mutating func end(_ log: FollowedLog, isReplaced: Bool = false) {
    hands.carryOut(.finish(log, isReplaced: isReplaced))
    log.consumer.handle(.vanished)
    log.tracker.leave()
    log.standing = .gone
    log.pace = .resting
    log.documentDigest = nil
    log.relistings = 0
    update(log)
  }

  /// Ends a log without reading what is left of its file. Where its content was overwritten, the half line that it ended
  /// with went with it: nobody will ever know whether it was a whole one. What the file has now is not the end of
  /// anything, though it may begin as before.
  mutating func drop(_ log: FollowedLog) {
    hands.carryOut(.drop(log))
    log.tracker.leave()
    end(log)
  }
}

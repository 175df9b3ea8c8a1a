/// What a file still has that lost its name, or goes away.
extension LogReader {
  /// Reads what is left of a file that lost its name, through the descriptor if there is one, or under the name it has
  /// now; then nothing will follow.
  ///
  /// - Parameter successor: where another file stands that takes the log's name.
  func finish(_ log: FollowedLog, successor: LogPath? = nil) {
    defer {
      log.rest = []
      closeDescriptor(of: log)
    }
    guard let status = log.tracker.status, !log.tracker.readsWholeDocuments else { return }
    if let successor {
      readRest(of: log, under: log.renamedTo, ending: .open)
      if goesOn(successor, after: log) { return }
    }
    if readRest(of: log, under: log.renamedTo) == .caughtUp { return }
    guard !log.rest.isEmpty, log.rest.count == log.tracker.bytesBehind else {
      log.counters.bytesLost.add(log.tracker.bytesBehind, ordering: .relaxed)
      return
    }
    let rest = log.rest
    _ = rest.withUnsafeBytes { handOver($0, to: log, ending: .closed) }
    log.consumer.handle(.caughtUp(log.tracker.status ?? status))
  }

  /// Reads the whole lines that a deleted or replaced file still has, where it is open.
  ///
  /// - Returns: whether there is more than `budget`.
  @discardableResult
  func drain(_ log: FollowedLog, budget: Int = TailerLimits.lastBytesMax) -> Bool {
    if log.tracker.readsWholeDocuments { return false }
    return readRest(of: log, under: nil, ending: .open, budget: budget) == .more && log.descriptor != nil
  }

  /// The size of the log's file, which is open, and how much of that was not consumed yet.
  func size(of log: FollowedLog) -> (whole: Int, left: Int) {
    guard !log.tracker.readsWholeDocuments, let descriptor = log.descriptor,
      let status = try? files.status(of: descriptor), log.tracker.isSameFile(status.file)
    else { return (0, 0) }
    return (status.file.size, status.file.size - log.tracker.offset)
  }

  /// Opens the log's file under the name that it has now.
  func open(_ log: FollowedLog, under name: LogPath) {
    if log.descriptor == nil { log.descriptor = try? files.open(name) }
  }

  /// Whether the file `path` has what was consumed of a log and its last line, which has no end in the log: then that is
  /// no record yet, but the beginning of one that stands in this file.
  private func goesOn(_ path: LogPath, after log: FollowedLog) -> Bool {
    if log.rest.isEmpty { return false }
    let rest = log.rest.withUnsafeBytes { ContentMarks.Window($0, at: log.tracker.offset) }
    return withFile(path) { descriptor, _ in try matches(log.tracker.windows() + [rest], in: descriptor) }
      ?? false
  }

  /// How far the file could be read; nil: not at all.
  @discardableResult
  private func readRest(
    of log: FollowedLog,
    under name: LogPath?,
    ending: LogEnding = .closed,
    budget: Int = TailerLimits.lastBytesMax
  ) -> Progress? {
    let now = clock().wall
    if log.isIdentified, let name { open(log, under: name) }
    guard let descriptor = log.descriptor, let status = try? files.status(of: descriptor).file,
      log.tracker.isSameFile(status)
    else { return nil }
    var tracker = log.tracker
    guard let action = try? observe(status, &tracker, descriptor, now: now) else { return nil }
    var outcome: Progress? = .overwritten
    if action != .restart {
      // How much of it is left is told by what it is now.
      log.tracker = tracker
      outcome = try? read(log, descriptor, upTo: status, budget: budget, ending: ending)
    }
    // The half line behind what was consumed is gone with that: it is not the last one of this file.
    if outcome == .overwritten || outcome == .more { log.rest = [] }
    return outcome
  }
}

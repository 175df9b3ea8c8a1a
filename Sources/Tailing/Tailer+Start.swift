internal import Clocks

/// Whole runs: reading once, and what is read at the start before the turns begin.
extension Tailer {
  /// Finds all files, reads each to the end that it has now, oldest first, and returns.
  package func readOnce() {
    moment = reader.clock()
    // What is there now is read; whether something goes away later is not seen.
    holdCopies(false)
    defer { holdCopies(true) }
    scanAll(until: .max)
    for log in takeQueue() where !isStopped {
      let outcome = reader.look(at: log, budget: .max, ending: .closed, mayRestart: true)
      reader.closeDescriptor(of: log)
      if case .failed(let error) = outcome {
        log.pace = .retrying(at: .max, after: 0, isFailing: true)
        warnOnce("cannot read \(log.path.text): \(why(log, error))", key: "read \(log.path.text)")
      }
      tables[log.watcher].update(log)
    }
  }

  /// Finds all files that are there, and reads none: `open` is called for each.
  package func find() {
    moment = reader.clock()
    holdCopies(false)
    scanAll(until: .max)
    for log in takeQueue() { reader.closeDescriptor(of: log) }
  }

  func holdCopies(_ holds: Bool) {
    for watcher in tables.indices { tables[watcher].copies.isHolding = holds && watchers[watcher].tellsCopies }
  }

  /// Reads all files that are there, calls `onCaughtUp`, and follows them until `stop` is called.
  package func run(onCaughtUp: () -> Void = {}) {
    catchUp()
    if isStopped { return }
    ownerDue = onTurn?(reader.clock()) ?? .max
    onCaughtUp()
    while !isStopped {
      let deadline = turn()
      if isIdle { wait(until: deadline) }
    }
  }

  /// Reads all files that are there, in turns: first a little of each, oldest first, since that decides which values of
  /// labels have a place; then, newest first, what is left of the large ones. Ends after `startTimeMax` in any case, and
  /// does not wait for logs of which `startBytesMax` were read: what is left of them is read in the turns that follow.
  package func catchUp() {
    moment = reader.clock()
    let end = now &+ options.startTimeMax.wholeNanoseconds
    var lookEnd = now &+ options.startLookTimeMax.wholeNanoseconds
    scanAll(until: lookEnd, rest: options.startLookRestMax.wholeNanoseconds)
    // There was time enough: what is found from now on is not waited for.
    if isLookingOn { lookEnd = .min }
    readWhatIsThere(until: end, lookingUntil: lookEnd)
    // What could be a copy was compared with logs that have their content still, and was there at the start: it is read
    // before anything is shown, or a log that was read by another process, and not saved, would be missing at first.
    if !hasTakenOver { for watcher in tables.indices { tables[watcher].stopWaiting() } }
    defer { for watcher in tables.indices { tables[watcher].copies.isWaiting = true } }
    var attempts = 0
    while attempts < TailerLimits.attemptsMax, !isSettled || !queue.isEmpty || !waiting.isEmpty {
      if isStopped || isOver(end) { break }
      scan()
      readWhatIsThere(until: end, lookingUntil: lookEnd)
      // Names for which there was no time yet are no change that came meanwhile.
      if !tables.contains(where: \.hasMore) { attempts += 1 }
    }
    isStarted = true
  }

  /// Reads on until each log that is queued has been read to its end once.
  private func readWhatIsThere(until end: Int64, lookingUntil lookEnd: Int64) {
    sortQueueByAge()
    var left = (queue + waiting.elements).map { (log: $0, end: $0.tracker.offset + options.startBytesMax) }
    lookAtQueue()
    backlog.reverse()
    while true {
      left.removeAll { log, end in
        (!log.isQueued && (!log.isOverwritten || isOver(lookEnd))) || log.tracker.offset >= end
          || tables[log.watcher].log(log.path) !== log
      }
      if (left.isEmpty && (!isLookingOn || isOver(lookEnd))) || isStopped || isOver(end) { return }
      moment = reader.clock()
      let behind = backlog.count
      collectEvents()
      scan()
      lookAtQueue()
      lookAtBacklog(behind)
    }
  }

  /// Looks at all directories, and settles which logs there are, however many.
  ///
  /// - Parameter rest: for how long none may be found until the others are left for later: nanoseconds.
  private func scanAll(until end: Int64, rest: Int64 = .max) {
    var (count, foundAt) = (0, reader.clock().monotonic)
    repeat {
      scan()
      let now = reader.clock().monotonic
      let found = tables.reduce(directories.filesListed) { $0 + $1.logs.count }
      if found != count { (count, foundAt) = (found, now) } else if now &- foundAt > rest { return }
    } while isLookingOn && !isOver(end) && !isStopped
  }

  /// Whether the last turn had no time for all that was to be looked at.
  package var hasMore: Bool { !waiting.isEmpty || isLookingOn }

  private var isLookingOn: Bool { directories.hasMore || tables.contains(where: \.hasMore) }

  /// Whether there is no log that waits for its turn.
  var isIdle: Bool { queue.isEmpty && waiting.isEmpty && backlog.isEmpty }
}

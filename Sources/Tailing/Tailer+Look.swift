internal import Clocks
internal import Glibc

/// What follows from one look at one log: timers, back-off, and the descriptors that stay open.
extension Tailer {
  func look(at log: FollowedLog, now: Moment) {
    // Another log may have taken its name since it was queued.
    guard logs[log.watcher][log.path] === log else { return }
    // Whose a file is that came back, a listing decides: it may be one more name of another log's.
    guard log.isPresent || log.isAwaited else {
      needsReconciling = true
      return
    }
    let before = log.tracker.status
    let isRestDue = log.restsAt.map { $0 <= now.monotonic } ?? false
    let isUnfinished = log.hasMore || log.retryAt != nil
    let counted = counters[log.watcher]
    let budget = options.turnBytesMax
    var outcome = reader.look(at: log, counters: counted, now: now, budget: budget, ending: .open)
    if outcome == .overwritten, beginsAnewAtOnce(log, now: now) {
      outcome = reader.look(at: log, counters: counted, now: now, budget: budget, ending: .open)
    }
    if outcome != .overwritten { log.mayRestart = false }
    switch outcome {
    case .unchanged, .caughtUp:
      if log.isPresent { log.hadContentAt = now.monotonic }
      log.retryAt = nil
      log.retryInterval = 0
      log.missingSince = nil
      if log.tracker.status != before {
        log.restsAt = now.monotonic &+ options.restBeforeProvisional.wholeNanoseconds
      } else if isRestDue {
        rest(log, now: now)
      } else if isUnfinished {
        // The status was taken when a reading began that failed first, or took several turns.
        log.restsAt = log.restsAt ?? now.monotonic &+ options.restBeforeProvisional.wholeNanoseconds
      } else if log.restsAt == nil {
        // Opened just to compare: its times are too new, or in the future, to vouch for its content.
        reader.closeDescriptor(of: log)
      }
    case .more:
      log.hadContentAt = now.monotonic
      if log.tracker.readsWholeDocuments {
        log.retryAt = now.monotonic &+ TailerLimits.retryIntervalMin.wholeNanoseconds
      } else {
        enqueue(log)
      }
    case .overwritten:
      break
    case .displaced:
      listForCopies(of: log, now: now)
      log.retryAt = nil
      log.path.parent.map { _ = dirty.insert($0) }
      needsReconciling = true
      if isRestDue { rest(displaced: log, now: now) }
    case .failed(let error):
      let longest = TailerLimits.retryIntervalMax.wholeNanoseconds
      let shortest = TailerLimits.retryIntervalMin.wholeNanoseconds
      log.retryInterval = min(max(log.retryInterval * 2, shortest), longest)
      log.retryAt = now.monotonic &+ log.retryInterval
      warnOnce("cannot read \(log.path.text): \(why(log, error)); trying again", key: "read \(log.path.text)")
    }
    if log.isPresent { log.isAwaited = false }
    if outcome != .unchanged || log.tracker.status != before { noteChange() }
    countBehind(log)
    countFailing(log, outcome)
    keepTime(log)
    limitDescriptors(log)
  }

  private func why(_ log: FollowedLog, _ error: SystemError) -> String {
    guard error == .tooLarge, let size = log.tracker.status?.size else { return error.text }
    return "it has \(size) bytes, and a document is read up to \(log.consumer.documentBytesMax)"
  }

  /// The file has rested: its last line may be shown, and its descriptor goes.
  private func rest(_ log: FollowedLog, now: Moment) {
    log.restsAt = nil
    if log.renamedTo != nil {
      end(log, now: now)
      return
    }
    if log.tracker.bytesBehind > 0 || log.tracker.readsWholeDocuments { noteChange() }
    if !reader.showRest(of: log, counters: counters[log.watcher]) {
      log.restsAt = now.monotonic &+ options.restBeforeProvisional.wholeNanoseconds
    }
    reader.closeDescriptor(of: log)
  }

  /// The file has rested, and lost its name: which one it has now a listing tells, perhaps never. What it still has is
  /// read, and its descriptor goes.
  private func rest(displaced log: FollowedLog, now: Moment) {
    log.restsAt = nil
    reader.drain(log, counters: counters[log.watcher], now: now)
    reader.closeDescriptor(of: log)
  }

  /// No file is left of the log: reads what can be had, and keeps it in case a file comes back.
  ///
  /// - Parameter successor: where another file stands that has its name now.
  func end(_ log: FollowedLog, successor: LogPath? = nil, now: Moment) {
    noteChange()
    reader.finish(log, under: log.renamedTo, successor: successor, counters: counters[log.watcher], now: now)
    log.renamedTo = nil
    log.missingSince = nil
    log.restsAt = nil
    log.retryAt = nil
    log.hasMore = false
    log.isAwaited = false
    log.tracker.leave()
    log.hasVanished = true
    log.consumer.handle(.vanished)
    countBehind(log)
    countFailing(log, .unchanged)
    keepTime(log)
  }

  func deadline(of log: FollowedLog) -> Int64 {
    // Nothing else can be done before: a timer that is over by then must not make turn follow turn.
    if let retryAt = log.retryAt { return retryAt }
    let missing = log.missingSince.map { $0 &+ options.vanishInterval.wholeNanoseconds }
    return min(log.restsAt ?? .max, missing ?? .max)
  }

  func keepTime(_ log: FollowedLog) {
    timed[ObjectIdentifier(log)] = deadline(of: log) == .max ? nil : log
  }

  func countBehind(_ log: FollowedLog) {
    let behind = log.tracker.bytesBehind
    counters[log.watcher].bytesBehind.add(behind - log.countedBehind, ordering: .relaxed)
    log.countedBehind = behind
  }

  func warnOfFailure(_ log: FollowedLog, _ error: SystemError) {
    let why = strerror(error.code).map { String(cString: $0) } ?? "error \(error.code)"
    warnOnce("cannot read \(log.path.text): \(why)", key: "read \(log.path.text)")
  }

  func countFailing(_ log: FollowedLog, _ outcome: LogReader.Outcome) {
    let isFailing = if case .failed = outcome { true } else { false }
    guard isFailing != log.isCountedFailing else { return }
    log.isCountedFailing = isFailing
    counters[log.watcher].filesFailing.add(isFailing ? 1 : -1, ordering: .relaxed)
  }

  private func limitDescriptors(_ log: FollowedLog) {
    open.removeAll { $0.descriptor == nil || $0 === log }
    if log.descriptor != nil { open.append(log) }
    if open.count > options.openDescriptorsMax { reader.closeDescriptor(of: open.removeFirst()) }
  }
}

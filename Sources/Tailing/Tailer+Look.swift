internal import Clocks

/// What follows from one look at one log: what it waits for next, and the descriptors that stay open.
extension Tailer {
  func look(at log: FollowedLog, budget: Int) {
    let watcher = log.watcher
    // Another log may have taken its name since it was queued.
    guard tables[watcher].log(log.path) === log else { return }
    // Whose a file is that came back, a listing decides: it may be one more name of another log's.
    guard log.standing != .gone else { return tables[watcher].unsettle(log.path) }
    if log.standing == .leaving { return readOn(log, budget: budget) }
    if let pause = documentPause(of: log) {
      log.pace = .retrying(at: pause, after: 0, isFailing: log.pace.isFailing)
      return timers.schedule(log)
    }
    let began = log.tracker.readsWholeDocuments ? ProcessorTime.ofThisThread : nil
    defer { if let began { pauseDocuments(of: log, since: began) } }
    let before = log.tracker.status
    let isRestDue = if case .comingToRest(let end) = log.pace { end <= now } else { false }
    let wasFailing = log.pace.isFailing
    var outcome = LogReader.Progress.unchanged
    tellLosses(of: log) { outcome = self.outcome(of: log, budget: budget) }
    if log.isPresent, case .awaited = log.standing { log.standing = .following }
    switch outcome {
    case .unchanged, .caughtUp:
      if log.isPresent { log.hadContentAt = now }
      found(log, hasChanged: log.tracker.status != before, wasRead: outcome == .caughtUp, isRestDue: isRestDue)
      // What could not be read may not have been watched, either.
      if wasFailing, directories.file(log.path)?.isLink == true { watch(log) }
    case .more:
      log.hadContentAt = now
      if log.tracker.readsWholeDocuments {
        let interval = TailerLimits.retryIntervalMin.wholeNanoseconds
        log.pace = .retrying(at: now &+ interval, after: interval, isFailing: false)
      } else {
        log.pace = .behind
        enqueueBacklog(log)
      }
    case .overwritten:
      // What followed what was consumed is gone, too, whoever reads the file next.
      log.rest = []
    case .displaced:
      listForCopies(of: log)
      directories.mark(log.path.parent)
      tables[watcher].unsettle(log.path)
      if isRestDue {
        rest(log, isDisplaced: true)
      } else if log.pace.isRetrying || log.pace == .behind {
        awaitRest(log)
      }
    case .failed(let error):
      fail(log, error)
    }
    if outcome != .unchanged || log.tracker.status != before { noteChange() }
    finishLook(at: log)
  }

  private func finishLook(at log: FollowedLog) {
    noteWhetherBehind(log)
    tables[log.watcher].update(log)
    timers.schedule(log)
    limitDescriptors(log)
  }

  /// Reads on in a file that lost its name; when it has no more it is decided what becomes of the log.
  private func readOn(_ log: FollowedLog, budget: Int) {
    if reader.drain(log, budget: budget) {
      log.pace = .behind
      enqueueBacklog(log)
    } else {
      log.drainedSize = reader.size(of: log).whole
      log.standing = .following
      if log.pace == .behind { awaitRest(log) }
      tables[log.watcher].unsettle(log.path)
    }
    noteChange()
    finishLook(at: log)
  }

  private func noteWhetherBehind(_ log: FollowedLog) {
    guard log.pace == .behind else {
      (log.behindSince, log.isFarBehind) = (nil, false)
      return
    }
    let since = log.behindSince ?? now
    log.behindSince = since
    guard !log.isFarBehind, now &- since >= options.farBehindAfter.wholeNanoseconds else { return }
    log.isFarBehind = true
    warnOnce(
      "watcher \(watchers[log.watcher].name): \(log.path.text) grows, or has grown, faster than it is read: "
        + "\(log.tracker.bytesBehind) bytes are left. Other logs get their turns (training_exporter_behind_bytes)",
      key: "behind \(log.path.text)"
    )
  }

  /// Until when the log's document is left alone.
  private func documentPause(of log: FollowedLog) -> Int64? {
    guard log.tracker.readsWholeDocuments, let pause = documentPauses[log.lane] else { return nil }
    if pause > reader.clock().monotonic { return pause }
    documentPauses[log.lane] = nil
    return nil
  }

  /// A document is parsed in one piece, so nobody else gets a turn meanwhile: where that takes long it is not done often.
  private func pauseDocuments(of log: FollowedLog, since began: Int64) {
    let taken = ProcessorTime.ofThisThread - began
    guard isStarted, taken > options.documentTimeMax.wholeNanoseconds else { return }
    let pause = min(taken &* TailerLimits.documentPauseFactor, TailerLimits.documentPauseMax.wholeNanoseconds)
    documentPauses[log.lane] = reader.clock().monotonic &+ pause
  }

  func why(_ log: FollowedLog, _ error: SystemError) -> String {
    guard error == .tooLarge, let size = (directories.file(log.path)?.status.file ?? log.tracker.status)?.size else {
      return error.text
    }
    return "it has \(size) bytes, and a document is read up to \(log.consumer.documentBytesMax)"
  }

  /// Looks at the log; where its content is gone and no copy can have to do with that, it begins anew at once.
  private func outcome(of log: FollowedLog, budget: Int) -> LogReader.Progress {
    switch log.standing {
    case .overwritten where log.copySearch != nil:
      // Until it is known whether there is a copy, it goes on only where its content came back, or its file went, too.
      let outcome = reader.look(at: log, budget: budget, mayRestart: false)
      switch outcome {
      case .overwritten, .failed: break
      case .unchanged, .caughtUp, .more, .displaced: log.standing = .following
      }
      return outcome
    case .overwritten, .adopted, .renamed:
      let outcome = reader.look(at: log, budget: budget, mayRestart: true)
      if log.renamedTo == nil { log.standing = log.isPresent ? .following : log.standing }
      return outcome
    case .awaited, .following, .missing, .gone, .leaving:
      let outcome = reader.look(at: log, budget: budget, mayRestart: false)
      guard outcome == .overwritten else { return outcome }
      guard beginsAnewAtOnce(log) else {
        enqueue(log)
        return outcome
      }
      log.standing = .following
      return reader.look(at: log, budget: budget, mayRestart: true)
    }
  }

  /// The file was read to its end.
  ///
  /// - Parameter wasRead: whether something of it was handed over.
  private func found(_ log: FollowedLog, hasChanged: Bool, wasRead: Bool, isRestDue: Bool) {
    if case .missing = log.standing { log.standing = .following }
    switch log.pace {
    case _ where hasChanged: awaitRest(log)
    case .comingToRest: if isRestDue { rest(log) }
    // The status was taken when a reading began that failed first, or took several turns.
    case .behind, .retrying: awaitRest(log)
    // What was shown of its last line was taken back when that was read again.
    case .resting where wasRead && !log.isRestShown && log.tracker.bytesBehind > 0: awaitRest(log)
    // Opened just to compare: its times are too new, or in the future, to vouch for its content.
    case .resting: reader.closeDescriptor(of: log)
    }
  }

  /// It is to rest from now on.
  func awaitRest(_ log: FollowedLog) {
    log.pace = .comingToRest(until: now &+ options.restBeforeProvisional.wholeNanoseconds)
  }

  /// The file has rested: its last line may be shown, and its descriptor goes. Where it lost its name, what it still has is
  /// read: which name it has now a listing tells, perhaps never.
  private func rest(_ log: FollowedLog, isDisplaced: Bool = false) {
    log.pace = .resting
    if isDisplaced {
      reader.drain(log)
    } else if log.renamedTo != nil {
      return tables[log.watcher].end(log)
    } else {
      if log.hasRest { noteChange() }
      if !reader.showRest(of: log) { awaitRest(log) }
    }
    reader.closeDescriptor(of: log)
  }

  private func fail(_ log: FollowedLog, _ error: SystemError) {
    let longest = TailerLimits.retryIntervalMax.wholeNanoseconds
    var interval = TailerLimits.retryIntervalMin.wholeNanoseconds
    if case .retrying(_, let last, isFailing: true) = log.pace { interval = min(last * 2, longest) }
    // None of the watcher's files any more: it was only read until it rests.
    if log.renamedTo != nil, interval == longest {
      return tables[log.watcher].end(log)
    }
    log.pace = .retrying(at: now &+ interval, after: interval, isFailing: true)
    warnOnce("cannot read \(log.path.text): \(why(log, error)); trying again", key: "read \(log.path.text)")
  }

  /// A watch on a file that is reached through a link stands before the next look at it.
  func watch(_ log: FollowedLog) {
    watches.add(log.path)
    enqueue(log)
  }

  private func limitDescriptors(_ log: FollowedLog) {
    open.removeAll { $0.descriptor == nil || $0 === log }
    if log.descriptor != nil { open.append(log) }
    guard open.count > options.openDescriptorsMax else { return }
    // What is left of a file without a name is lost when it is closed.
    let place = open.firstIndex { $0.standing != .leaving } ?? 0
    reader.closeDescriptor(of: open.remove(at: place))
  }

  // MARK: Logs whose content is gone

  /// The file of a log was truncated or overwritten, and nothing of that was told to its consumer yet.
  ///
  /// - Returns: whether it can begin anew at once, because no copy can have to do with it.
  private func beginsAnewAtOnce(_ log: FollowedLog) -> Bool {
    let watcher = log.watcher
    guard tables[watcher].copies.isHolding, !tables[watcher].copies.isCrowded(now: now) else { return true }
    let isFrequent = lostContentLately(log)
    log.copySearch = listForCopies(of: log)
    let mayBeListed = directories.isDirty || !isSettled
    guard tables[watcher].noteOverwritten(log, mayBeListed: mayBeListed, isFrequent: isFrequent) else { return false }
    log.copySearch = nil
    return true
  }

  /// A log that is written again all the time is not rotated all the time, and not a rotated copy.
  private func lostContentLately(_ log: FollowedLog) -> Bool {
    log.contentLostAt.map { now &- $0 < TailerLimits.copyTimeMax.wholeNanoseconds } ?? false
  }

  /// Makes what appeared before the content went be found by the next listing.
  @discardableResult
  private func listForCopies(of log: FollowedLog) -> CopySearch {
    collectEvents()
    var search = CopySearch(end: now &+ TailerLimits.copySettleTime.wholeNanoseconds)
    if isPolling || isRemote(log) {
      if lostContentLately(log) {
        directories.mark(log.path.parent)
      } else {
        directories.markAll()
        search = CopySearch(pass: directories.nextPass, end: now &+ TailerLimits.copyTimeMax.wholeNanoseconds)
      }
    }
    log.contentLostAt = now
    return search
  }
}

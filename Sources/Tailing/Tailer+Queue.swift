internal import Clocks

/// Which logs are looked at next, and how long.
extension Tailer {
  func enqueue(_ log: FollowedLog) {
    guard !log.isQueued else { return }
    log.isQueued = true
    queue.append(log)
  }

  /// There is more to read of it than in one turn.
  func enqueueBacklog(_ log: FollowedLog) {
    guard !log.isQueued else { return }
    log.isQueued = true
    backlog.append(log, to: log.lane)
  }

  /// Oldest first, so that of several files with one series the newest has the last word.
  func sortQueueByAge() {
    let aged = queue.map { log in
      (modified: directories.file(log.path)?.status.file.modified ?? .min, log: log)
    }
    queue = aged.sorted { ($0.modified, $0.log.path) < ($1.modified, $1.log.path) }.map(\.log)
  }

  func takeQueue() -> [FollowedLog] {
    let taken = queue
    queue = []
    for log in taken { log.isQueued = false }
    return taken
  }

  /// A little of each, where they are many. Those for which there is no time wait for the next turn, and then each lane
  /// has its own.
  func lookAtQueue() {
    let count = queue.count + waiting.count
    let isMany = count > TailerLimits.fewLogs
    let budget = isMany ? min(options.turnBytesMax, TailerLimits.firstBytesMax) : options.turnBytesMax
    let end = endOfSlice
    let taken = queue
    queue = []
    let mustWait = !waiting.isEmpty
    for (place, log) in taken.enumerated() {
      if mustWait || place > 0 && isOver(end) {
        waiting.append(log, to: log.lane)
      } else {
        take(log, budget: budget)
      }
    }
    guard mustWait else { return }
    for _ in 0..<count {
      guard let log = waiting.popFirst() else { return }
      take(log, budget: budget)
      if isOver(end) { return }
    }
  }

  /// As much of the first ones as there is time for.
  func lookAtBacklog(_ count: Int) {
    let end = endOfSlice
    for _ in 0..<count where !isStopped {
      guard let log = backlog.popFirst() else { return }
      take(log, budget: options.turnBytesMax)
      if isOver(end) { return }
    }
  }

  private func take(_ log: FollowedLog, budget: Int) {
    log.isQueued = false
    look(at: log, budget: budget)
    checkpointIfDue()
  }

  var endOfSlice: Int64 { reader.clock().monotonic &+ options.turnTimeMax.wholeNanoseconds }

  func isOver(_ end: Int64) -> Bool { reader.clock().monotonic >= end }
}

/// What follows from an event: which logs and directories to look at again. Never what happened there.
extension Tailer {
  /// - Returns: whether names came or went.
  @discardableResult
  func collectEvents() -> Bool {
    var sawNames = false
    watches.drain { note in
      switch note {
      case .overflow:
        lookEverywhere()
      case .itself(let path):
        enqueueLogs(of: path)
        sawNames = directories.markItself(path) || sawNames
      case .entry(let directory, let name, let isStructural):
        let path = directory.appending(name)
        let isKnown = enqueueLogs(of: path) || (!isStructural && isKnownOtherwise(path))
        sawNames = directories.mark(name, of: directory, isStructural: isStructural, isKnown: isKnown) || sawNames
      }
    }
    return sawNames
  }

  /// Events were lost: anything may have changed.
  private func lookEverywhere() {
    directories.markAll()
    for table in tables { for log in table.logs.values where log.standing != .gone { enqueue(log) } }
  }

  /// - Returns: whether there are any.
  @discardableResult
  private func enqueueLogs(of path: LogPath) -> Bool {
    var isFollowed = false
    for table in tables {
      guard let log = table.log(path) else { continue }
      enqueue(log)
      isFollowed = true
    }
    return isFollowed
  }

  /// Whether the file waits, or is followed under another of its names.
  private func isKnownOtherwise(_ path: LogPath) -> Bool {
    var isKnown = false
    for watcher in tables.indices where tables[watcher].copies.held[path] != nil {
      tables[watcher].copies.check(path, now: now)
      isKnown = true
    }
    guard !isKnown, let found = directories.discovery.file(path) else { return isKnown }
    for table in tables {
      for log in table.followers(of: found.status.file) {
        enqueue(log)
        isKnown = true
      }
    }
    return isKnown
  }
}

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

  /// - Returns: whether there are any.
  @discardableResult
  private func enqueueLogs(of path: LogPath) -> Bool {
    let logs = tables.compactMap { $0.log(path) }
    logs.forEach(enqueue)
    return !logs.isEmpty
  }

  /// Whether the file waits, or is followed under another of its names.
  private func isKnownOtherwise(_ path: LogPath) -> Bool {
    let holding = tables.indices.filter { tables[$0].copies.held[path] != nil }
    for watcher in holding { tables[watcher].copies.check(path, now: now) }
    if !holding.isEmpty { return true }
    let logs = directories.file(path).map { found in tables.flatMap { $0.followers(of: found.id) } } ?? []
    logs.forEach(enqueue)
    return !logs.isEmpty
  }
}

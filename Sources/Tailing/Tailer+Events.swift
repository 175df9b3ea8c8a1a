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
        sawNames = markChanged(path) || sawNames
      case .entry(let directory, let name, let isStructural):
        let path = directory.appending(name)
        if ancestors.contains(directory) { dirty.formUnion(discovery.missingBases) }
        var isFollowed = false
        for watched in logs {
          guard let log = watched[path] else { continue }
          isFollowed = true
          enqueue(log)
        }
        guard discovery.isDirectory(directory), isStructural || !isFollowed,
          discovery.concerns(name, of: directory)
        else { return }
        // Files that wait are looked at by the clock.
        if !isStructural, copies.isHeld(path, watchers: logs.indices) { return }
        if !isStructural, let found = discovery.file(path), enqueueAlias(of: found) { return }
        dirty.insert(directory)
        if discovery.isDirectory(path) { dirty.insert(path) }
        sawNames = sawNames || isStructural
      }
    }
    return sawNames
  }

  /// Events were lost: anything may have changed.
  func lookEverywhere() {
    isAllDirty = true
    for watched in logs { watched.values.forEach(enqueue) }
  }

  private func markChanged(_ path: LogPath) -> Bool {
    for watched in logs { watched[path].map(enqueue) }
    if ancestors.contains(path) { dirty.formUnion(discovery.missingBases) }
    guard discovery.isDirectory(path) else { return false }
    dirty.insert(path)
    if let parent = path.parent, discovery.isDirectory(parent) { dirty.insert(parent) }
    return true
  }

  /// Whether the file is followed under another of its names.
  private func enqueueAlias(of found: Discovery.Found) -> Bool {
    var isFollowed = false
    for watched in logs {
      for log in watched.values where log.tracker.isSameFile(found.status.file) {
        enqueue(log)
        isFollowed = true
      }
    }
    return isFollowed
  }
}

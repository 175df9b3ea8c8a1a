/// The names that a watcher's patterns give to files. Knows no logs.
struct FileNames {
  /// By file: first its own names, ascending, then those that lead to it through a link.
  private var names: [FileID: [LogPath]] = [:]
  /// Names that lead through a link.
  private var detours: Set<LogPath> = []

  subscript(file: FileID) -> [LogPath] { names[file] ?? [] }

  var all: some Sequence<LogPath> { names.values.joined() }

  /// A name stands for another file than before.
  mutating func note(_ path: LogPath, before: Discovery.Found?, after: Discovery.Found?) {
    if let file = before?.id {
      names[file]?.removeAll { $0 == path }
      if names[file]?.isEmpty == true { names[file] = nil }
    }
    if after?.isDetour == true { detours.insert(path) } else { detours.remove(path) }
    if let file = after?.id {
      let place = names[file]?.firstIndex { isBefore(path, $0) }
      names[file, default: []].insert(path, at: place ?? names[file]?.count ?? 0)
    }
  }

  private func isBefore(_ path: LogPath, _ other: LogPath) -> Bool {
    let (isDetour, isOther) = (detours.contains(path), detours.contains(other))
    return isDetour == isOther ? path < other : isOther
  }

  /// The file's own name, where `path` leads to it through a link.
  func ownName(of file: FileID, besides path: LogPath) -> LogPath? {
    guard detours.contains(path), let first = names[file]?.first, !detours.contains(first) else { return nil }
    return first
  }
}

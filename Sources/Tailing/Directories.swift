internal import Clocks

/// What is to be looked at in the directories of all watchers, and what watches them. Lists and watches; knows no logs.
///
/// A watch always stands before the look: what is made in between is seen, or told of.
struct Directories {
  private(set) var discovery: Discovery
  /// Directories to be listed, and entries to be looked at in others.
  private var dirty: Set<LogPath> = []
  private var entries: [LogPath: Set<LogPath>] = [:]
  private var isAllDirty = true
  /// Whether all are to be looked at, though no event says that they changed.
  private var isRescanDue = false
  private var rescanAt = Int64.min
  /// Those that could not be listed.
  private(set) var failed: Set<LogPath> = []
  /// Each base and each directory above one, with the bases that it leads to.
  private let bases: [LogPath: [LogPath]]
  /// Whether some watches may be of no use any more.
  private var needsPruning = false

  init(_ discovery: Discovery) {
    self.discovery = discovery
    var bases: [LogPath: [LogPath]] = [:]
    for base in discovery.bases {
      for path in sequence(first: base, next: \.parent) { bases[path, default: []].append(base) }
    }
    self.bases = bases
  }

  /// Beyond so many entries, and a share of those that are known, a listing costs less.
  private static let entriesMin = 64
  private static let entriesShare = 4

  var isDirty: Bool { isAllDirty || isRescanDue || !dirty.isEmpty || !entries.isEmpty }

  // MARK: What is to be looked at

  mutating func markAll() { isAllDirty = true }

  mutating func mark(_ directory: LogPath?) {
    if let directory { dirty.insert(directory) }
  }

  mutating func markFailed() { dirty.formUnion(failed) }

  /// Something of that name came, went or changed; `isKnown`: the change of a file is its log's alone.
  ///
  /// - Returns: whether that concerns a watcher.
  mutating func mark(_ name: [UInt8], of directory: LogPath, isStructural: Bool, isKnown: Bool) -> Bool {
    let path = directory.appending(name)
    if let leading = bases[path] { dirty.formUnion(leading) }
    guard discovery.isDirectory(directory), isStructural || !isKnown, discovery.concerns(name, of: directory) else {
      return false
    }
    entries[directory, default: []].insert(path)
    let count = entries[directory]?.count ?? 0
    if count > max(Self.entriesMin, discovery.fileCount(of: directory) / Self.entriesShare) {
      entries[directory] = nil
      dirty.insert(directory)
    }
    if discovery.isDirectory(path) { dirty.insert(path) }
    return isStructural
  }

  /// Something happened to the directory itself.
  ///
  /// - Returns: whether it is one.
  mutating func markItself(_ path: LogPath) -> Bool {
    if let leading = bases[path] { dirty.formUnion(leading) }
    guard discovery.isDirectory(path) else { return false }
    dirty.insert(path)
    if let parent = path.parent, discovery.isDirectory(parent) { dirty.insert(parent) }
    return true
  }

  // MARK: Looking

  /// Whether the directory, or one above it, could not be listed, so that what is known of its entries may be old.
  func mayBeOld(_ directory: LogPath?) -> Bool {
    guard !failed.isEmpty else { return false }
    var above = directory
    while let directory = above, !failed.contains(directory) { above = directory.parent }
    return above != nil
  }

  /// When all are to be looked at again.
  var nextRescan: Int64 { rescanAt }

  mutating func beginRescan(ifDueAt now: Int64) {
    if now >= rescanAt { isRescanDue = true }
  }

  /// Looks at what is marked.
  ///
  /// - Returns: what was found, and whether it was all directories.
  mutating func scan(
    in files: any FileSystem,
    watches: any ChangeNotifier,
    now: Moment,
    covers: @escaping (LogPath, FileStatus) -> Bool
  ) -> (outcome: Discovery.Outcome, isFull: Bool) {
    let isFull = isAllDirty || isRescanDue
    let (asked, names) = (dirty, entries)
    let scope: Discovery.Scope =
      if isAllDirty {
        .everything
      } else if isRescanDue {
        .due(asked.union(names.keys))
      } else {
        .only(asked, entries: names)
      }
    (dirty, entries, isAllDirty, isRescanDue) = ([], [:], false, false)
    watchAbove(isFull ? discovery.bases : discovery.bases.filter(asked.contains), watches)
    let outcome = discovery.scan(scope, in: files, watches: watches, now: now.wall, covers: covers)
    if isFull { failed = [] } else { failed.subtract(asked) }
    failed.formUnion(outcome.failed.keys)
    needsPruning = needsPruning || !outcome.changes.isEmpty || outcome.lostDirectory
    return (outcome, isFull)
  }

  /// After all have been looked at.
  mutating func finishRescan(next: Int64, _ watches: any ChangeNotifier, keepsFile: (LogPath) -> Bool) {
    rescanAt = next
    guard needsPruning else { return }
    needsPruning = false
    watches.prune { discovery.isDirectory($0) || bases[$0] != nil || keepsFile($0) }
  }

  /// Watches what is above bases, from above, before they are looked for: that one of these directories is made, goes, or is
  /// a link that is pointed elsewhere, the one above it tells.
  private func watchAbove(_ looked: [LogPath], _ watches: any ChangeNotifier) {
    var above: Set<LogPath> = []
    for base in looked { above.formUnion(sequence(first: base, next: \.parent).dropFirst()) }
    for directory in above.sorted() { watches.add(directory, forNames: true) }
  }
}

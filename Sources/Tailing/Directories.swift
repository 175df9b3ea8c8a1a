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
  /// Existing directories above bases that are not there yet.
  private var ancestors: Set<LogPath> = []
  /// Whether some watches may be of no use any more.
  private var needsPruning = false

  init(_ discovery: Discovery) {
    self.discovery = discovery
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
    if ancestors.contains(directory) { dirty.formUnion(discovery.missingBases) }
    guard discovery.isDirectory(directory), isStructural || !isKnown, discovery.concerns(name, of: directory) else {
      return false
    }
    let path = directory.appending(name)
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
    if ancestors.contains(path) { dirty.formUnion(discovery.missingBases) }
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
    in files: some FileSystem,
    watches: any ChangeNotifier,
    now: Moment,
    covers: (LogPath, FileStatus) -> Bool
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
    let outcome = discovery.scan(scope, in: files, now: now.wall, covers: covers) { watches.add($0) }
    if isFull { failed = [] } else { failed.subtract(asked) }
    failed.formUnion(outcome.failed.keys)
    needsPruning = needsPruning || !outcome.changes.isEmpty || outcome.lostDirectory
    watchAncestors(in: files, watches)
    return (outcome, isFull)
  }

  /// After all have been looked at.
  mutating func finishRescan(next: Int64, _ watches: any ChangeNotifier, keepsFile: (LogPath) -> Bool) {
    rescanAt = next
    guard needsPruning else { return }
    needsPruning = false
    watches.prune { discovery.isDirectory($0) || ancestors.contains($0) || keepsFile($0) }
  }

  /// Watches the nearest directory that exists above each base that does not. What is made between the look and the
  /// watch gives no event: so it is looked once more, until a look finds what the watch stands on.
  private mutating func watchAncestors(in files: some FileSystem, _ watches: any ChangeNotifier) {
    let before = ancestors
    ancestors = []
    for base in discovery.missingBases {
      // One that is there, and cannot be listed, is tried again by the clock.
      let start = discovery.isAbsent(base) ? base : base.parent
      var watched: LogPath?
      for attempt in 0...TailerLimits.ancestorAttemptsMax {
        var nearest = start
        while let next = nearest, (try? files.status(of: next))?.kind != .directory { nearest = next.parent }
        if nearest == watched, nearest != base { break }
        // It is there by now, or it changes too fast: the next listing begins with it.
        if nearest == base || attempt == TailerLimits.ancestorAttemptsMax {
          dirty.insert(base)
          break
        }
        watched = nearest
        if let nearest {
          ancestors.insert(nearest)
          watches.add(nearest)
          // It may have become one that can be listed before its directory was watched.
          if start != base, !before.contains(nearest) { dirty.insert(base) }
        }
      }
    }
    if ancestors != before { needsPruning = true }
  }
}

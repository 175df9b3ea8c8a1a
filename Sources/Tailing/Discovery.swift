/// The directories and files that the watchers' patterns reach: kept as a map of directories, so that one that changed
/// is listed again without the others; and what is to be looked at in them next. Lists, stats and watches; never opens a
/// file, and knows nothing of logs.
///
/// A watch always stands before the look: what is made in between is seen, or told of.
struct Discovery {
  /// A file that a pattern of some watcher matches.
  struct Found: Sendable {
    var path: LogPath
    var status: PathStatus
    /// Whether it was reached through a link, so that events of its directory do not tell of its changes.
    var isLink: Bool
    /// Whether a link leads to it below the base, so that the name is not its own: `latest`, which leads to the newest run.
    var isDetour = false
    /// Those that want it.
    var watchers: [Int]

    var id: FileID { FileID(status.file) }

    func wanted(by watcher: Int) -> Found? { watchers.contains(watcher) ? self : nil }
  }

  struct Findings {
    /// Whether all directories were looked at.
    var isFull: Bool
    /// Names that appeared, went, or became another file's.
    var changes: [(before: Found?, after: Found?)] = []
    /// Directories that could not be read, to be tried again.
    var failed: [LogPath: SystemError] = [:]
    /// The limits that were hit.
    var reachedEntriesMax = false
    var reachedDepthMax = false
  }

  /// What is to be looked at: what is marked, and what is new below.
  struct Marks {
    /// To be listed.
    var directories: Set<LogPath> = []
    /// Entries of other directories.
    var entries: [LogPath: Set<LogPath>] = [:]
    /// Whether every directory is to be listed.
    var isAll = false
    /// Whether all are to be looked at, though no event says that they changed: those that cannot have changed are listed
    /// only one time in `steadyLooksMax`.
    var isRescan = false

    var isFull: Bool { isAll || isRescan }
    var isEmpty: Bool { !isFull && directories.isEmpty && entries.isEmpty }
  }

  private typealias Reached = WatchedPatterns.Reached

  /// How a directory is reached from another one.
  private struct Way: Equatable {
    /// How the patterns stand there.
    var reached: [Reached] = []
    /// Whether it is the child of a link, or below one.
    var isDetour = false
  }

  private struct Directory {
    /// As it was just before the last listing.
    var status = FileStatus.unknown
    /// Whether its names cannot change without its times: they were not too new at the last listing, and no name leads
    /// elsewhere.
    var isSteady = false
    /// Scans that did not list it since the last one that did.
    var steadyLooks = 0
    var way = Way()
    var isListed = false
    var files: [LogPath: Found] = [:]
    var children: Set<LogPath> = []
  }

  let patterns: WatchedPatterns
  private var directories: [LogPath: Directory] = [:]
  /// Each base and each directory above one, with the bases that it leads to.
  let leading: [LogPath: [LogPath]]
  var marks = Marks(isAll: true)
  /// When all are to be looked at again.
  var nextRescan = Int64.min
  /// Those that could not be listed.
  private(set) var failed: Set<LogPath> = []
  /// Counts listings, so that those of a large tree do not all fall due at once.
  private var listings = 0

  /// A directory that holds no logs, whatever the patterns say: the exporter's own.
  private let ignored: LogPath?

  init(watchers: [TailedWatcher], ignoring ignored: LogPath? = nil) {
    self.ignored = ignored
    patterns = WatchedPatterns(watchers)
    directories = patterns.bases.mapValues { _ in Directory() }
    var leading: [LogPath: [LogPath]] = [:]
    for base in directories.keys {
      for path in sequence(first: base, next: \.parent) { leading[path, default: []].append(base) }
    }
    self.leading = leading
  }

  // MARK: What is known

  func file(_ path: LogPath) -> Found? {
    path.parent.flatMap { directories[$0]?.files[path] }
  }

  func isDirectory(_ path: LogPath) -> Bool { directories[path] != nil }

  func fileCount(of directory: LogPath) -> Int { directories[directory]?.files.count ?? 0 }

  /// Whether an entry `name` of `directory` could be one of ours.
  func concerns(_ name: [UInt8], of directory: LogPath) -> Bool {
    guard let known = directories[directory] else { return true }
    let (ending, leading) = patterns.follow(name, .unknown, from: reached(directory, known))
    return !ending.isEmpty || !leading.isEmpty
  }

  /// How the patterns stand in a directory: as a base, and as a child of another one.
  private func reached(_ path: LogPath, _ directory: Directory) -> [Reached] {
    patterns.bases[path].map { $0 + directory.way.reached } ?? directory.way.reached
  }

  /// How many of the directories that could not be listed may hold logs of each watcher.
  func failedCounts(watchers: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: watchers)
    for path in failed {
      guard let directory = directories[path] else { continue }
      for watcher in patterns.watchers(of: reached(path, directory)) { counts[watcher] += 1 }
    }
    return counts
  }

  // MARK: Looking

  private struct Walk {
    let marks: Marks
    let files: any FileSystem
    let watches: any ChangeNotifier
    let now: Int64
    let covers: (LogPath, FileStatus) -> Bool
    let see: (Found) -> Void
    var outcome: Findings
    var done: Set<LogPath> = []
    var entries = 0
    /// The directories from the base to here, to see a link that leads back.
    var trail: [FileID] = []

    /// nil: that is more than may be.
    mutating func list(_ path: LogPath) throws(SystemError) -> [(name: [UInt8], kind: EntryKind)]? {
      var list: [(name: [UInt8], kind: EntryKind)] = []
      var count = entries
      try files.list(path) { name, kind, _ in
        count += 1
        if count <= TailerLimits.entriesMax { list.append((name, kind)) }
        return count <= TailerLimits.entriesMax
      }
      entries = count
      outcome.reachedEntriesMax = outcome.reachedEntriesMax || count > TailerLimits.entriesMax
      // A part of a listing must not make the rest look deleted.
      return count > TailerLimits.entriesMax ? nil : list
    }

    /// Takes note of a name that stands for another file than before.
    mutating func note(_ before: Found?, _ after: Found?) {
      if before == nil, after == nil { return }
      if let before, let after, before.id == after.id, before.watchers == after.watchers,
        (before.isLink, before.isDetour) == (after.isLink, after.isDetour)
      {
        return
      }
      outcome.changes.append((before, after))
    }
  }

  /// What entries of a directory are: files that watchers want, and directories that lead on.
  private struct Entries {
    var files: [LogPath: Found] = [:]
    var children: [LogPath: Way] = [:]
  }

  /// Looks at what is marked.
  ///
  /// - Parameters:
  ///   - watches: told of each directory before it is listed: what appears in between is seen by one or the other.
  ///   - now: the wall clock in nanoseconds since 1970, at most the time of the call.
  ///   - covers: whether events tell of what changes in the files of a directory, so that one whose own times stand
  ///     still need not be listed.
  ///   - see: told of each file that was looked at.
  mutating func scan(
    in files: any FileSystem,
    watches: any ChangeNotifier,
    now: Int64,
    covers: @escaping (LogPath, FileStatus) -> Bool,
    see: @escaping (Found) -> Void
  ) -> Findings {
    let marks = marks
    self.marks = Marks()
    watchAbove(patterns.bases.keys.filter { marks.isFull || marks.directories.contains($0) }, watches)
    var walk = Walk(
      marks: marks,
      files: files,
      watches: watches,
      now: now,
      covers: covers,
      see: see,
      outcome: Findings(isFull: marks.isFull)
    )
    for path in marks.entries.keys.sorted() where !marks.isFull && !marks.directories.contains(path) {
      walk.trail = trail(to: path)
      look(at: marks.entries[path] ?? [], of: path, &walk)
    }
    for path in marks.isFull ? patterns.bases.keys.sorted() : marks.directories.filter(isDirectory).sorted() {
      walk.trail = trail(to: path)
      scan(path, &walk)
    }
    if marks.isFull { failed = [] } else { failed.subtract(marks.directories) }
    failed.formUnion(walk.outcome.failed.keys)
    return walk.outcome
  }

  /// Watches what is above bases, from above, before they are looked for: that one of these directories is made, goes, or is
  /// a link that is pointed elsewhere, the one above it tells.
  private func watchAbove(_ looked: [LogPath], _ watches: any ChangeNotifier) {
    var above: Set<LogPath> = []
    for base in looked { above.formUnion(sequence(first: base, next: \.parent).dropFirst()) }
    for directory in above.sorted() { watches.add(directory, forNames: true) }
  }

  /// The known directories above `path`.
  private func trail(to path: LogPath) -> [FileID] {
    var trail: [FileID] = []
    for above in sequence(first: path, next: \.parent).dropFirst() {
      guard let directory = directories[above], directory.isListed else { break }
      trail.append(FileID(directory.status))
    }
    return trail
  }

  private mutating func scan(_ path: LogPath, _ walk: inout Walk) {
    guard walk.done.insert(path).inserted, let directory = directories[path] else { return }
    do throws(SystemError) {
      // Before the listing: what changes after it has another time.
      let status = try walk.files.status(of: path)
      guard status.kind == .directory else { throw SystemError.notADirectory }
      let id = FileID(status.file)
      if walk.trail.contains(id) { return forget(path, &walk) }
      if isSteady(directory, path, status.file, walk) {
        directories[path]?.steadyLooks += 1
        walk.trail.append(id)
        for child in directory.children { scan(child, &walk) }
        walk.trail.removeLast()
        return
      }
      walk.watches.add(path)
      if let list = try walk.list(path) { take(list, of: path, status.file, &walk) }
    } catch {
      if error.meansAbsent { forget(path, &walk) } else { walk.outcome.failed[path] = error }
    }
  }

  /// Whether there is no need to list it.
  private func isSteady(_ directory: Directory, _ path: LogPath, _ status: FileStatus, _ walk: Walk) -> Bool {
    walk.marks.isRescan && !walk.marks.isAll && !walk.marks.directories.contains(path)
      && walk.marks.entries[path] == nil && directory.isListed && directory.isSteady && directory.status == status
      && directory.steadyLooks < TailerLimits.steadyLooksMax && walk.covers(path, status)
  }

  /// Puts a listing in the place of the one before, and goes on below.
  private mutating func take(
    _ list: [(name: [UInt8], kind: EntryKind)],
    of path: LogPath,
    _ status: FileStatus,
    _ walk: inout Walk
  ) {
    guard var directory = directories[path] else { return }
    let isAnother = FileID(status) != FileID(directory.status)
    listings &+= 1
    directory.steadyLooks = directory.isListed ? 0 : listings % (TailerLimits.steadyLooksMax + 1)
    directory.status = status
    directory.isListed = true
    directory.isSteady = walk.now &- max(status.modified, status.changed) > FileTracker.timestampTick

    var entries = Entries()
    for (name, kind) in list { sort(name, kind, of: path, &directory, walk.files, &entries) }
    for (path, found) in entries.files {
      walk.note(directory.files[path], found)
      walk.see(found)
    }
    for (path, found) in directory.files where entries.files[path] == nil { walk.note(found, nil) }
    directory.files = entries.files
    let leading = Set(entries.children.keys)
    let gone = directory.children.subtracting(leading)
    if leading != directory.children { directory.children = leading }
    directories[path] = directory
    for child in gone.sorted() { forgetChild(child, &walk) }
    descend(to: entries.children, from: directory, isDue: isAnother || walk.marks.isFull, &walk)
  }

  /// Looks at single entries of a directory that was listed: what an event tells of costs no listing.
  private mutating func look(at paths: Set<LogPath>, of path: LogPath, _ walk: inout Walk) {
    guard directories[path]?.isListed == true else { return scan(path, &walk) }
    // Taken out, or its entries would be copied to change one.
    guard var directory = directories.removeValue(forKey: path) else { return }
    var children: [LogPath: Way] = [:]
    var gone: [LogPath] = []
    for full in paths.sorted() {
      var entries = Entries()
      do throws(SystemError) {
        let kind = try walk.files.kind(of: full)
        sort(Array(full.name), kind, of: path, &directory, walk.files, &entries)
      } catch {
        // What cannot be looked at stays as it was.
        guard error.meansAbsent else { continue }
      }
      let found = entries.files[full]
      walk.note(directory.files[full], found)
      directory.files[full] = found
      if let found { walk.see(found) }
      if let way = entries.children[full] {
        children[full] = way
        directory.children.insert(full)
      } else if directory.children.remove(full) != nil {
        gone.append(full)
      }
    }
    directories[path] = directory
    for child in gone { forgetChild(child, &walk) }
    descend(to: children, from: directory, isDue: false, &walk)
  }

  /// Scans the directories that a directory leads to, where they are new.
  private mutating func descend(
    to children: [LogPath: Way],
    from directory: Directory,
    isDue: Bool,
    _ walk: inout Walk
  ) {
    guard walk.trail.count < TailerLimits.depthMax else {
      walk.outcome.reachedDepthMax = walk.outcome.reachedDepthMax || !children.isEmpty
      return
    }
    walk.trail.append(FileID(directory.status))
    // Siblings mostly stand alike: they share one array.
    var shared = Way()
    for (child, way) in children.sorted(by: { $0.key < $1.key }) {
      let isNew = directories[child].map { !$0.isListed || $0.way != way } ?? true
      if way != shared { shared = way }
      directories[child, default: Directory()].way = shared
      if isNew || isDue { scan(child, &walk) }
    }
    walk.trail.removeLast()
  }

  /// Puts one entry where it belongs: a file that a watcher wants, a directory that leads on, or nothing.
  private func sort(
    _ name: [UInt8],
    _ kind: EntryKind,
    of parent: LogPath,
    _ directory: inout Directory,
    _ files: any FileSystem,
    _ entries: inout Entries
  ) {
    guard kind != .other else { return }
    let (ending, leading) = patterns.follow(name, kind, from: reached(parent, directory))
    guard !ending.isEmpty || !leading.isEmpty else { return }
    let path = parent.appending(name)
    guard path != ignored else { return }
    if kind == .directory {
      entries.children[path] = Way(reached: leading, isDetour: directory.way.isDetour)
      return
    }
    // What a link leads to may change without a sign here.
    if kind != .regular { directory.isSteady = false }
    do throws(SystemError) {
      let status = try files.status(of: path)
      let ownKind = kind == .unknown ? try files.kind(of: path) : kind
      let way = Way(reached: leading, isDetour: directory.way.isDetour || ownKind == .link)
      if status.kind == .directory, !leading.isEmpty { entries.children[path] = way }
      guard status.kind == .regular else { return }
      let watchers = patterns.watchers(of: path, ending: ending)
      guard !watchers.isEmpty else { return }
      let isLink = kind == .link || status.linkCount > 1
      if isLink { directory.isSteady = false }
      // The path as it is kept already, where it is.
      let path = directory.files[path]?.path ?? path
      entries.files[path] = Found(
        path: path,
        status: status,
        isLink: isLink,
        isDetour: way.isDetour,
        watchers: watchers
      )
    } catch {
      directory.isSteady = false
      // What cannot be looked at stays as it was; what is gone is not there.
      if !error.meansAbsent, let before = directory.files[path] { entries.files[path] = before }
    }
  }

  // MARK: Forgetting

  /// The directory is not there: neither is anything below it. A base stays, to be looked for.
  private mutating func forget(_ path: LogPath, _ walk: inout Walk) {
    guard let directory = directories[path] else { return }
    for found in directory.files.values { walk.note(found, nil) }
    directories[path] = patterns.bases[path].map { _ in Directory(way: directory.way) }
    for child in directory.children.sorted() { forgetChild(child, &walk) }
  }

  /// `path` is no longer reached from the directory above; it may be a base of its own.
  private mutating func forgetChild(_ path: LogPath, _ walk: inout Walk) {
    directories[path]?.way = Way()
    if patterns.bases[path] == nil { forget(path, &walk) }
  }
}

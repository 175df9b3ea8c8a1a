/// The directories and files that the watchers' patterns reach: kept as a map of directories, so that one that changed
/// is listed again without the others. Lists and stats; never opens a file, and knows nothing of logs.
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

    func wanted(by watcher: Int) -> Found? { watchers.contains(watcher) ? self : nil }
  }

  /// A name that appeared, went, or became another file's.
  struct Change {
    var before: Found?
    var after: Found?
  }

  struct Outcome {
    var changes: [Change] = []
    /// Files that were looked at without a listing of their directory.
    var seen: [LogPath] = []
    /// Directories that could not be read, to be tried again.
    var failed: [LogPath: SystemError] = [:]
    /// The directories that were listed.
    var listed: [LogPath] = []
    /// Whether a directory went, so that what watched it is of no use any more.
    var lostDirectory = false
    /// The limits that were hit.
    var reachedEntriesMax = false
    var reachedDepthMax = false
  }

  /// Which directories a scan is for.
  enum Scope {
    /// These directories and entries of directories, and what is new below them.
    case only(Set<LogPath>, entries: [LogPath: Set<LogPath>])
    /// All, of which those are not listed that cannot have changed, but for one time in `steadyLooksMax`, and these.
    case due(Set<LogPath>)
    /// All, and every one is listed.
    case everything
  }

  private typealias Reached = WatchedPatterns.Reached

  /// A directory that another one leads to: how the patterns stand there.
  private struct Child {
    var reached: [Reached]
    var isDetour: Bool
  }

  private struct Directory {
    /// As it was just before the last listing.
    var status = FileStatus(device: 0, inode: 0, size: 0, modified: 0, changed: 0)
    /// Whether its names cannot change without its times: they were not too new at the last listing, and no name leads
    /// elsewhere.
    var isSteady = false
    /// Scans that did not list it since the last one that did.
    var steadyLooks = 0
    /// How the patterns stand here: as a base, and as a child of another directory.
    var baseReached: [Reached] = []
    var childReached: [Reached] = []
    /// Whether it is the child of a link, or below one.
    var isDetour = false
    var isListed = false
    var depth = 0
    var files: [LogPath: Found] = [:]
    var children: Set<LogPath> = []

    var reached: [Reached] { baseReached + childReached }
  }

  let patterns: WatchedPatterns
  private var directories: [LogPath: Directory] = [:]
  let bases: [LogPath]
  /// Counts listings, so that those of a large tree do not all fall due at once.
  private var listings = 0

  /// A directory that holds no logs, whatever the patterns say: the exporter's own.
  private let ignored: LogPath?

  init(watchers: [TailedWatcher], ignoring ignored: LogPath? = nil) {
    self.ignored = ignored
    patterns = WatchedPatterns(watchers)
    directories = patterns.bases.mapValues { Directory(baseReached: $0) }
    bases = directories.keys.sorted()
  }

  // MARK: What is known

  func forEachFile(of directory: LogPath, _ body: (Found) -> Void) {
    directories[directory]?.files.values.forEach(body)
  }

  func file(_ path: LogPath) -> Found? {
    path.parent.flatMap { directories[$0]?.files[path] }
  }

  func isDirectory(_ path: LogPath) -> Bool { directories[path] != nil }

  func fileCount(of directory: LogPath) -> Int { directories[directory]?.files.count ?? 0 }

  /// Whether an entry `name` of `directory` could be one of ours.
  func concerns(_ name: [UInt8], of directory: LogPath) -> Bool {
    guard let known = directories[directory] else { return true }
    let (ending, leading) = patterns.follow(name, .unknown, from: known.reached)
    return !ending.isEmpty || !leading.isEmpty
  }

  // MARK: Looking

  private struct Walk {
    let files: any FileSystem
    let watches: any ChangeNotifier
    let covers: (LogPath, FileStatus) -> Bool
    let now: Int64
    var outcome = Outcome()
    var isFull = true
    var listsAll = true
    var dirty: Set<LogPath> = []
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
      if let before, let after, FileID(before.status.file) == FileID(after.status.file), before.isLink == after.isLink,
        before.isDetour == after.isDetour, before.watchers == after.watchers
      {
        return
      }
      outcome.changes.append(Change(before: before, after: after))
    }
  }

  /// What entries of a directory are: files that watchers want, and directories that lead on.
  private struct Entries {
    var files: [LogPath: Found] = [:]
    var children: [LogPath: Child] = [:]
  }

  /// Lists what `scope` says, and what is new below.
  ///
  /// - Parameters:
  ///   - watches: told of each directory before it is listed: what appears in between is seen by one or the other.
  ///   - now: the wall clock in nanoseconds since 1970, at most the time of the call.
  ///   - covers: whether events tell of what changes in the files of a directory, so that one whose own times stand
  ///     still need not be listed.
  mutating func scan(
    _ scope: Scope,
    in files: any FileSystem,
    watches: any ChangeNotifier,
    now: Int64,
    covers: @escaping (LogPath, FileStatus) -> Bool
  ) -> Outcome {
    var walk = Walk(files: files, watches: watches, covers: covers, now: now)
    var first = bases
    switch scope {
    case .only(let dirty, let entries):
      walk.isFull = false
      first = dirty.filter { directories[$0] != nil }.sorted()
      for path in entries.keys.sorted() where !dirty.contains(path) {
        walk.trail = trail(to: path)
        look(at: entries[path] ?? [], of: path, &walk)
      }
    case .due(let dirty):
      walk.listsAll = false
      walk.dirty = dirty
    case .everything:
      break
    }
    for path in first {
      walk.trail = trail(to: path)
      scan(path, &walk)
    }
    return walk.outcome
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
    !walk.listsAll && !walk.dirty.contains(path) && directory.isListed && directory.isSteady
      && directory.status == status && directory.steadyLooks < TailerLimits.steadyLooksMax && walk.covers(path, status)
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
    walk.outcome.listed.append(path)

    var entries = Entries()
    for (name, kind) in list { sort(name, kind, of: path, &directory, walk.files, &entries) }
    for (path, found) in entries.files { walk.note(directory.files[path], found) }
    for (path, found) in directory.files where entries.files[path] == nil { walk.note(found, nil) }
    directory.files = entries.files
    let leading = Set(entries.children.keys)
    let gone = directory.children.subtracting(leading)
    if leading != directory.children { directory.children = leading }
    directories[path] = directory
    for child in gone.sorted() { forgetChild(child, &walk) }
    descend(to: entries.children, from: directory, isDue: isAnother || walk.isFull, &walk)
  }

  /// Looks at single entries of a directory that was listed: what an event tells of costs no listing.
  private mutating func look(at paths: Set<LogPath>, of path: LogPath, _ walk: inout Walk) {
    guard directories[path]?.isListed == true else { return scan(path, &walk) }
    // Taken out, or its entries would be copied to change one.
    guard var directory = directories.removeValue(forKey: path) else { return }
    var children: [LogPath: Child] = [:]
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
      if found != nil { walk.outcome.seen.append(full) }
      if let child = entries.children[full] {
        children[full] = child
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
    to children: [LogPath: Child],
    from directory: Directory,
    isDue: Bool,
    _ walk: inout Walk
  ) {
    guard directory.depth < TailerLimits.depthMax else {
      walk.outcome.reachedDepthMax = walk.outcome.reachedDepthMax || !children.isEmpty
      return
    }
    walk.trail.append(FileID(directory.status))
    // Siblings mostly stand alike: they share one array.
    var shared: [Reached] = []
    for (child, way) in children.sorted(by: { $0.key < $1.key }) {
      let isNew =
        directories[child].map { !$0.isListed || $0.childReached != way.reached || $0.isDetour != way.isDetour } ?? true
      if way.reached != shared { shared = way.reached }
      directories[child, default: Directory()].childReached = shared
      directories[child]?.isDetour = way.isDetour
      directories[child]?.depth = directory.depth + 1
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
    let (ending, leading) = patterns.follow(name, kind, from: directory.reached)
    guard !ending.isEmpty || !leading.isEmpty else { return }
    let path = parent.appending(name)
    guard path != ignored else { return }
    if kind == .directory {
      entries.children[path] = Child(reached: leading, isDetour: directory.isDetour)
      return
    }
    // What a link leads to may change without a sign here.
    if kind != .regular { directory.isSteady = false }
    do throws(SystemError) {
      let status = try files.status(of: path)
      let ownKind = kind == .unknown ? try files.kind(of: path) : kind
      let child = Child(reached: leading, isDetour: directory.isDetour || ownKind == .link)
      if status.kind == .directory, !leading.isEmpty { entries.children[path] = child }
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
        isDetour: child.isDetour,
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
    walk.outcome.lostDirectory = true
    let isBase = !directory.baseReached.isEmpty
    directories[path] =
      isBase
      ? Directory(baseReached: directory.baseReached, childReached: directory.childReached, depth: directory.depth)
      : nil
    for child in directory.children.sorted() { forgetChild(child, &walk) }
  }

  /// `path` is no longer reached from the directory above; it may be a base of its own.
  private mutating func forgetChild(_ path: LogPath, _ walk: inout Walk) {
    directories[path]?.childReached = []
    if directories[path]?.baseReached.isEmpty ?? true { forget(path, &walk) }
  }
}

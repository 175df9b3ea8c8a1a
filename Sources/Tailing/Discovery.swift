internal import PatternSyntax

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
    /// One rule for each watcher that wants it: the first that matches.
    var rules: [Int]
  }

  /// A pattern of a watcher.
  struct Rule: Sendable {
    var watcher: Int
    var pattern: PathPattern
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

  private struct Reached: Hashable {
    var rule: Int
    var position: PathPattern.Position
  }

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
    /// Whether there was nothing of that name when it was looked at last.
    var isAbsent = true
    var depth = 0
    var files: [LogPath: Found] = [:]
    var children: Set<LogPath> = []
  }

  let rules: [Rule]
  private let excluded: [[PathPattern]]
  /// Each rule alone, as nearly all files have it: one array for all of them.
  private let oneRule: [[Int]]
  private var directories: [LogPath: Directory] = [:]
  private(set) var bases: [LogPath] = []
  /// Counts listings, so that those of a large tree do not all fall due at once.
  private var listings = 0

  /// A directory that holds no logs, whatever the patterns say: the exporter's own.
  private let ignored: LogPath?

  init(watchers: [TailedWatcher], ignoring ignored: LogPath? = nil) {
    self.ignored = ignored
    var rules: [Rule] = []
    for (index, watcher) in watchers.enumerated() {
      rules += watcher.files.map { Rule(watcher: index, pattern: PathPattern($0, root: watcher.root)) }
    }
    self.rules = rules
    oneRule = rules.indices.map { [$0] }
    excluded = watchers.map { watcher in watcher.exclude.map { PathPattern($0, root: watcher.root) } }
    for (index, rule) in rules.enumerated() {
      let base = LogPath(rule.pattern.base.isEmpty ? "." : rule.pattern.base)
      directories[base, default: Directory()].baseReached.append(Reached(rule: index, position: rule.pattern.start))
    }
    bases = directories.keys.sorted()
  }

  /// Bases that are not there, or not yet.
  var missingBases: [LogPath] { bases.filter { directories[$0]?.isListed != true } }

  /// Whether there was nothing where a directory should be when it was looked at last.
  func isAbsent(_ directory: LogPath) -> Bool { directories[directory]?.isAbsent ?? true }

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
    return (known.baseReached + known.childReached).contains { reached in
      let pattern = rules[reached.rule].pattern
      return pattern.accepts(reached.position, name: name)
        || pattern.descend(reached.position, into: name) != nil
    }
  }

  /// What the captures of the rule took from a path it matched.
  func captures(of path: LogPath, rule: Int) -> [String: String] {
    let pattern = rules[rule].pattern
    let names = pattern.pattern.captureNames
    return Dictionary(zip(names, pattern.match(path.bytes) ?? []), uniquingKeysWith: { first, _ in first })
  }

  /// What a watcher's patterns take from a path, whether there is such a file or not; nil: it is none of the watcher's.
  func captures(of path: LogPath, watcher: Int) -> [String: String]? {
    guard !excluded[watcher].contains(where: { $0.match(path.bytes) != nil }) else { return nil }
    for rule in rules where rule.watcher == watcher {
      guard let taken = rule.pattern.match(path.bytes) else { continue }
      return Dictionary(zip(rule.pattern.pattern.captureNames, taken), uniquingKeysWith: { first, _ in first })
    }
    return nil
  }

  /// Lists what `scope` says, and what is new below.
  ///
  /// - Parameters:
  ///   - now: the wall clock in nanoseconds since 1970, at most the time of the call.
  ///   - covers: whether events tell of what changes in the files of a directory, so that one whose own times stand
  ///     still need not be listed.
  ///   - willList: called before each listing, so that a watch stands before the look: what appears in between is seen
  ///     by one or the other.
  mutating func scan(
    _ scope: Scope,
    in fileSystem: some FileSystem,
    now: Int64,
    covers: (LogPath, FileStatus) -> Bool,
    willList: (LogPath) -> Void
  ) -> Outcome {
    var walk = Walk(now: now)
    var first = bases
    switch scope {
    case .only(let dirty, let entries):
      walk.isFull = false
      first = dirty.filter { directories[$0] != nil }.sorted()
      for path in entries.keys.sorted() where !dirty.contains(path) {
        walk.trail = trail(to: path)
        look(at: entries[path] ?? [], of: path, in: fileSystem, walk: &walk, covers: covers, willList: willList)
      }
    case .due(let dirty):
      walk.listsAll = false
      walk.dirty = dirty
    case .everything:
      break
    }
    for path in first {
      walk.trail = trail(to: path)
      scan(path, in: fileSystem, walk: &walk, covers: covers, willList: willList)
    }
    return walk.outcome
  }

  /// The known directories above `path`.
  private func trail(to path: LogPath) -> [(device: UInt64, inode: UInt64)] {
    var trail: [(device: UInt64, inode: UInt64)] = []
    var above = path.parent
    while let next = above, let directory = directories[next], directory.isListed {
      trail.append((directory.status.device, directory.status.inode))
      above = next.parent
    }
    return trail
  }

  private struct Walk {
    let now: Int64
    var outcome = Outcome()
    var isFull = true
    var listsAll = true
    var dirty: Set<LogPath> = []
    var done: Set<LogPath> = []
    var entries = 0
    /// The directories from the base to here, to see a link that leads back.
    var trail: [(device: UInt64, inode: UInt64)] = []

    init(now: Int64) {
      self.now = now
    }
  }

  private mutating func scan(
    _ path: LogPath,
    in fileSystem: some FileSystem,
    walk: inout Walk,
    covers: (LogPath, FileStatus) -> Bool,
    willList: (LogPath) -> Void
  ) {
    guard walk.done.insert(path).inserted, var directory = directories[path] else { return }
    directory.isAbsent = false
    directories[path]?.isAbsent = false
    let status: FileStatus
    var entries: [(name: [UInt8], kind: EntryKind)] = []
    do throws(SystemError) {
      // Before the listing: what changes after it has another time.
      let found = try fileSystem.status(of: path)
      guard found.kind == .directory else { throw SystemError.notADirectory }
      status = found.file
      if walk.trail.contains(where: { $0 == (status.device, status.inode) }) {
        forget(path, walk: &walk)
        return
      }
      if !walk.listsAll, !walk.dirty.contains(path), directory.isListed, directory.isSteady, directory.status == status,
        directory.steadyLooks < TailerLimits.steadyLooksMax, covers(path, status)
      {
        directories[path]?.steadyLooks += 1
        walk.trail.append((status.device, status.inode))
        for child in directory.children {
          scan(child, in: fileSystem, walk: &walk, covers: covers, willList: willList)
        }
        walk.trail.removeLast()
        return
      }
      willList(path)
      var isFull = false
      try fileSystem.list(path) { name, kind, _ in
        walk.entries += 1
        isFull = walk.entries > TailerLimits.entriesMax
        if !isFull { entries.append((name, kind)) }
        return !isFull
      }
      if isFull {
        // A part of a listing must not make the rest look deleted.
        walk.outcome.reachedEntriesMax = true
        return
      }
    } catch {
      if error.meansAbsent {
        directories[path]?.isAbsent = true
        forget(path, walk: &walk)
      } else {
        walk.outcome.failed[path] = error
      }
      return
    }
    let isAnother = status.device != directory.status.device || status.inode != directory.status.inode
    let isFirst = !directory.isListed
    directory.status = status
    directory.isListed = true
    directory.isSteady = walk.now &- max(status.modified, status.changed) > FileTracker.timestampTick
    listings &+= 1
    directory.steadyLooks = isFirst ? listings % (TailerLimits.steadyLooksMax + 1) : 0
    walk.outcome.listed.append(path)

    let children = take(entries, of: path, &directory, in: fileSystem, walk: &walk)
    let isDue = isAnother || walk.isFull
    let depth = directory.depth
    descend(to: children, from: status, depth, isDue, in: fileSystem, walk: &walk, covers: covers, willList: willList)
  }

  /// Looks at single entries of a directory that was listed: what an event tells of costs no listing.
  private mutating func look(
    at paths: Set<LogPath>,
    of path: LogPath,
    in fileSystem: some FileSystem,
    walk: inout Walk,
    covers: (LogPath, FileStatus) -> Bool,
    willList: (LogPath) -> Void
  ) {
    guard directories[path]?.isListed == true else {
      return scan(path, in: fileSystem, walk: &walk, covers: covers, willList: willList)
    }
    // Taken out, or its entries would be copied to change one.
    guard var directory = directories.removeValue(forKey: path) else { return }
    var children: [LogPath: Child] = [:]
    var gone: [LogPath] = []
    for full in paths.sorted() {
      var files: [LogPath: Found] = [:]
      var leading: [LogPath: Child] = [:]
      do throws(SystemError) {
        let kind = try fileSystem.kind(of: full)
        sort(Array(full.name), kind, of: path, &directory, in: fileSystem, files: &files, children: &leading)
      } catch {
        // What cannot be looked at stays as it was.
        guard error.meansAbsent else { continue }
      }
      let found = files[full]
      note(directory.files[full], found, walk: &walk)
      directory.files[full] = found
      if found != nil { walk.outcome.seen.append(full) }
      if let child = leading[full] {
        children[full] = child
        directory.children.insert(full)
      } else if directory.children.remove(full) != nil {
        gone.append(full)
      }
    }
    let (status, depth) = (directory.status, directory.depth)
    directories[path] = directory
    for child in gone { forgetChild(child, walk: &walk) }
    descend(to: children, from: status, depth, false, in: fileSystem, walk: &walk, covers: covers, willList: willList)
  }

  /// Scans the directories that a directory leads to, where they are new.
  private mutating func descend(
    to children: [LogPath: Child],
    from status: FileStatus,
    _ depth: Int,
    _ isDue: Bool,
    in fileSystem: some FileSystem,
    walk: inout Walk,
    covers: (LogPath, FileStatus) -> Bool,
    willList: (LogPath) -> Void
  ) {
    guard depth < TailerLimits.depthMax else {
      walk.outcome.reachedDepthMax = walk.outcome.reachedDepthMax || !children.isEmpty
      return
    }
    walk.trail.append((status.device, status.inode))
    // Siblings mostly stand alike: they share one array.
    var shared: [Reached] = []
    for (child, way) in children.sorted(by: { $0.key < $1.key }) {
      let isNew =
        directories[child].map { !$0.isListed || $0.childReached != way.reached || $0.isDetour != way.isDetour } ?? true
      if way.reached != shared { shared = way.reached }
      directories[child, default: Directory()].childReached = shared
      directories[child]?.isDetour = way.isDetour
      directories[child]?.depth = depth + 1
      if isNew || isDue {
        scan(child, in: fileSystem, walk: &walk, covers: covers, willList: willList)
      }
    }
    walk.trail.removeLast()
  }

  /// Takes note of a name that stands for another file than before.
  private func note(_ before: Found?, _ after: Found?, walk: inout Walk) {
    if before == nil, after == nil { return }
    if let before, let after, FileID(before.status.file) == FileID(after.status.file), before.rules == after.rules,
      before.isLink == after.isLink, before.isDetour == after.isDetour
    {
      return
    }
    walk.outcome.changes.append(Change(before: before, after: after))
  }

  /// Puts a listing in the place of the one before.
  ///
  /// - Returns: the directories that lead on, and how the patterns stand there.
  private mutating func take(
    _ entries: [(name: [UInt8], kind: EntryKind)],
    of path: LogPath,
    _ directory: inout Directory,
    in fileSystem: some FileSystem,
    walk: inout Walk
  ) -> [LogPath: Child] {
    var files: [LogPath: Found] = [:]
    var children: [LogPath: Child] = [:]
    for entry in entries {
      sort(entry.name, entry.kind, of: path, &directory, in: fileSystem, files: &files, children: &children)
    }
    for (path, found) in files { note(directory.files[path], found, walk: &walk) }
    for (path, found) in directory.files where files[path] == nil { note(found, nil, walk: &walk) }
    directory.files = files
    let leading = Set(children.keys)
    let gone = directory.children.subtracting(leading)
    if leading != directory.children { directory.children = leading }
    directories[path] = directory
    for child in gone.sorted() { forgetChild(child, walk: &walk) }
    return children
  }

  /// Puts one entry where it belongs: a file that a rule wants, a directory that leads on, or nothing.
  private func sort(
    _ name: [UInt8],
    _ kind: EntryKind,
    of path: LogPath,
    _ directory: inout Directory,
    in fileSystem: some FileSystem,
    files: inout [LogPath: Found],
    children: inout [LogPath: Child]
  ) {
    guard kind != .other else { return }
    let reached = directory.baseReached + directory.childReached
    var accepting: [Int] = []
    var leading: [Reached] = []
    for state in reached {
      let pattern = rules[state.rule].pattern
      if kind != .directory, pattern.accepts(state.position, name: name) { accepting.append(state.rule) }
      if kind != .regular, let next = pattern.descend(state.position, into: name) {
        leading.append(Reached(rule: state.rule, position: next))
      }
    }
    guard !accepting.isEmpty || !leading.isEmpty else { return }
    let full = path.appending(name)
    guard full != ignored else { return }
    let isDetour = directory.isDetour || kind == .link
    if kind == .directory {
      children[full] = Child(reached: leading, isDetour: isDetour)
      return
    }
    // What a link leads to may change without a sign here.
    if kind != .regular { directory.isSteady = false }
    let status: PathStatus
    do throws(SystemError) {
      status = try fileSystem.status(of: full)
    } catch {
      directory.isSteady = false
      // What cannot be looked at stays as it was; what is gone is not there.
      if !error.meansAbsent, let before = directory.files[full] { files[full] = before }
      return
    }
    switch status.kind {
    case .directory:
      if !leading.isEmpty { children[full] = Child(reached: leading, isDetour: isDetour) }
    case .regular:
      let rules = wanted(accepting.sorted(), full)
      if !rules.isEmpty {
        let isLink = kind == .link || status.linkCount > 1
        if isLink { directory.isSteady = false }
        // The path as it is kept already, where it is.
        let path = directory.files[full]?.path ?? full
        files[path] = Found(path: path, status: status, isLink: isLink, isDetour: isDetour, rules: rules)
      }
    case .link, .other, .unknown:
      break
    }
  }

  private func wanted(_ accepting: [Int], _ path: LogPath) -> [Int] {
    var watchers: Set<Int> = []
    let wanted = accepting.filter { rule in
      let watcher = rules[rule].watcher
      guard watchers.insert(watcher).inserted else { return false }
      return !excluded[watcher].contains { $0.match(path.bytes) != nil }
    }
    return wanted.count == 1 ? oneRule[wanted[0]] : wanted
  }

  /// The directory is not there: neither is anything below it. A base stays, to be looked for.
  private mutating func forget(_ path: LogPath, walk: inout Walk) {
    guard var directory = directories[path] else { return }
    for found in directory.files.values { note(found, nil, walk: &walk) }
    walk.outcome.lostDirectory = true
    let children = directory.children
    directory.files = [:]
    directory.children = []
    directory.isListed = false
    directory.isSteady = false
    (directory.status.device, directory.status.inode) = (0, 0)
    if directory.baseReached.isEmpty { directories[path] = nil } else { directories[path] = directory }
    for child in children.sorted() { forgetChild(child, walk: &walk) }
  }

  /// `path` is no longer reached from the directory above; it may be a base of its own.
  private mutating func forgetChild(_ path: LogPath, walk: inout Walk) {
    directories[path]?.childReached = []
    if directories[path]?.baseReached.isEmpty ?? true { forget(path, walk: &walk) }
  }
}

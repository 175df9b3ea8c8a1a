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
    /// One rule for each watcher that wants it: the first that matches.
    var rules: [Int]
  }

  /// A pattern of a watcher.
  struct Rule: Sendable {
    var watcher: Int
    var pattern: PathPattern
  }

  struct Outcome {
    /// Whether a name appeared, went, or became another file.
    var changedNames = false
    /// Directories that could not be read, to be tried again.
    var failed: [LogPath: SystemError] = [:]
    /// The limits that were hit.
    var reachedEntriesMax = false
    var reachedDepthMax = false
  }

  private struct Reached: Hashable {
    var rule: Int
    var position: PathPattern.Position
  }

  private struct Directory {
    var device: UInt64 = 0
    var inode: UInt64 = 0
    /// How the patterns stand here: as a base, and as a child of another directory.
    var baseReached: [Reached] = []
    var childReached: [Reached] = []
    var isListed = false
    var depth = 0
    var files: [LogPath: Found] = [:]
    var children: Set<LogPath> = []
  }

  let rules: [Rule]
  private let excluded: [[PathPattern]]
  private var directories: [LogPath: Directory] = [:]
  private(set) var bases: [LogPath] = []

  init(watchers: [TailedWatcher]) {
    var rules: [Rule] = []
    for (index, watcher) in watchers.enumerated() {
      rules += watcher.files.map { Rule(watcher: index, pattern: PathPattern($0, root: watcher.root)) }
    }
    self.rules = rules
    excluded = watchers.map { watcher in watcher.exclude.map { PathPattern($0, root: watcher.root) } }
    for (index, rule) in rules.enumerated() {
      let base = LogPath(rule.pattern.base.isEmpty ? "." : rule.pattern.base)
      directories[base, default: Directory()].baseReached.append(Reached(rule: index, position: rule.pattern.start))
    }
    bases = directories.keys.sorted()
  }

  /// Bases that are not there, or not yet.
  var missingBases: [LogPath] { bases.filter { directories[$0]?.isListed != true } }

  /// All files, in no order.
  func forEachFile(_ body: (Found) -> Void) {
    for directory in directories.values { directory.files.values.forEach(body) }
  }

  func file(_ path: LogPath) -> Found? {
    path.parent.flatMap { directories[$0]?.files[path] }
  }

  func isDirectory(_ path: LogPath) -> Bool { directories[path] != nil }

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

  /// Lists `dirty` directories (nil: all) and what is new below them. `willList` is called before each listing, so
  /// that a watch stands before the look: what appears in between is seen by one or the other.
  mutating func scan(
    _ dirty: Set<LogPath>?,
    in fileSystem: some FileSystem,
    willList: (LogPath) -> Void
  ) -> Outcome {
    var walk = Walk(outcome: Outcome(), isFull: dirty == nil)
    let first = dirty.map { $0.filter { directories[$0] != nil }.sorted() } ?? bases
    for path in first {
      walk.trail = trail(to: path)
      scan(path, in: fileSystem, walk: &walk, willList: willList)
    }
    return walk.outcome
  }

  /// The known directories above `path`.
  private func trail(to path: LogPath) -> [(device: UInt64, inode: UInt64)] {
    var trail: [(device: UInt64, inode: UInt64)] = []
    var above = path.parent
    while let next = above, let directory = directories[next], directory.isListed {
      trail.append((directory.device, directory.inode))
      above = next.parent
    }
    return trail
  }

  private struct Walk {
    var outcome: Outcome
    var isFull: Bool
    var done: Set<LogPath> = []
    var entries = 0
    /// The directories from the base to here, to see a link that leads back.
    var trail: [(device: UInt64, inode: UInt64)] = []
  }

  private mutating func scan(
    _ path: LogPath,
    in fileSystem: some FileSystem,
    walk: inout Walk,
    willList: (LogPath) -> Void
  ) {
    guard walk.done.insert(path).inserted, var directory = directories[path] else { return }
    willList(path)
    let status: PathStatus
    var entries: [(name: [UInt8], kind: EntryKind)] = []
    do throws(SystemError) {
      status = try fileSystem.status(of: path)
      guard status.kind == .directory else { throw SystemError.notADirectory }
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
      if error.meansAbsent { forget(path, walk: &walk) } else { walk.outcome.failed[path] = error }
      return
    }
    let isAnother = status.file.device != directory.device || status.file.inode != directory.inode
    if walk.trail.contains(where: { $0 == (status.file.device, status.file.inode) }) {
      forget(path, walk: &walk)
      return
    }
    (directory.device, directory.inode) = (status.file.device, status.file.inode)
    directory.isListed = true

    var files: [LogPath: Found] = [:]
    var children: [LogPath: [Reached]] = [:]
    for entry in entries {
      sort(entry.name, entry.kind, of: path, directory, in: fileSystem, files: &files, children: &children)
    }
    if files.count != directory.files.count
      || files.contains(where: { path, found in
        guard let before = directory.files[path] else { return true }
        return before.status.file.inode != found.status.file.inode
          || before.status.file.device != found.status.file.device
      })
    {
      walk.outcome.changedNames = true
    }
    directory.files = files
    let gone = directory.children.subtracting(children.keys)
    directory.children = Set(children.keys)
    directories[path] = directory
    for child in gone.sorted() { forgetChild(child, walk: &walk) }

    guard directory.depth < TailerLimits.depthMax else {
      walk.outcome.reachedDepthMax = walk.outcome.reachedDepthMax || !children.isEmpty
      return
    }
    walk.trail.append((directory.device, directory.inode))
    for (child, reached) in children.sorted(by: { $0.key < $1.key }) {
      let isNew = directories[child].map { !$0.isListed || $0.childReached != reached } ?? true
      directories[child, default: Directory()].childReached = reached
      directories[child]?.depth = directory.depth + 1
      if isNew || isAnother || walk.isFull { scan(child, in: fileSystem, walk: &walk, willList: willList) }
    }
    walk.trail.removeLast()
  }

  /// Puts one entry where it belongs: a file that a rule wants, a directory that leads on, or nothing.
  private func sort(
    _ name: [UInt8],
    _ kind: EntryKind,
    of path: LogPath,
    _ directory: Directory,
    in fileSystem: some FileSystem,
    files: inout [LogPath: Found],
    children: inout [LogPath: [Reached]]
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
    if kind == .directory {
      children[full] = leading
      return
    }
    let status: PathStatus
    do throws(SystemError) {
      status = try fileSystem.status(of: full)
    } catch {
      // What cannot be looked at stays as it was; what is gone is not there.
      if !error.meansAbsent, let before = directory.files[full] { files[full] = before }
      return
    }
    switch status.kind {
    case .directory:
      if !leading.isEmpty { children[full] = leading }
    case .regular:
      let rules = wanted(accepting.sorted(), full)
      if !rules.isEmpty {
        let isLink = kind == .link || status.linkCount > 1
        files[full] = Found(path: full, status: status, isLink: isLink, rules: rules)
      }
    case .link, .other, .unknown:
      break
    }
  }

  private func wanted(_ accepting: [Int], _ path: LogPath) -> [Int] {
    var watchers: Set<Int> = []
    return accepting.filter { rule in
      let watcher = rules[rule].watcher
      guard watchers.insert(watcher).inserted else { return false }
      return !excluded[watcher].contains { $0.match(path.bytes) != nil }
    }
  }

  /// The directory is not there: neither is anything below it. A base stays, to be looked for.
  private mutating func forget(_ path: LogPath, walk: inout Walk) {
    guard var directory = directories[path] else { return }
    if !directory.files.isEmpty { walk.outcome.changedNames = true }
    let children = directory.children
    directory.files = [:]
    directory.children = []
    directory.isListed = false
    (directory.device, directory.inode) = (0, 0)
    if directory.baseReached.isEmpty { directories[path] = nil } else { directories[path] = directory }
    for child in children.sorted() { forgetChild(child, walk: &walk) }
  }

  /// `path` is no longer reached from the directory above; it may be a base of its own.
  private mutating func forgetChild(_ path: LogPath, walk: inout Walk) {
    directories[path]?.childReached = []
    if directories[path]?.baseReached.isEmpty ?? true { forget(path, walk: &walk) }
  }
}

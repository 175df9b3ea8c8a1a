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
    /// Links that are not followed, each once, with the watchers that do not.
    var refused: [(link: RefusedLink, watchers: Set<Int>)] = []
    /// The limits that were hit: folders at the top of a pattern with too much in them.
    var reachedEntriesMax: Set<LogPath> = []
    var reachedDepthMax = false
  }

  /// A link that is not followed, since neither its owner owns what it leads to, nor may be trusted with everything.
  struct RefusedLink {
    var path: LogPath
    var owner: UInt32
    var targetOwner: UInt32
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

  typealias Reached = WatchedPatterns.Reached

  /// How a directory is reached from another one.
  struct Way: Equatable {
    /// How the patterns stand there.
    var reached: [Reached] = []
    /// Whether it is the child of a link, or below one.
    var isDetour = false
  }

  struct Directory {
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
    /// Entries of the last listing, whether anybody wants them or not.
    var entryCount = 0
    /// The last pass that looked at it.
    var pass = 0
    /// Whether it has more entries than there is room for: only the next pass lists it again.
    var isRefused = false
  }

  let patterns: WatchedPatterns
  var directories: [LogPath: Directory] = [:]
  /// Each base and each directory above one, with the bases that it leads to.
  let leading: [LogPath: [LogPath]]
  var marks = Marks(isAll: true)
  /// When all are to be looked at again.
  var nextRescan = Int64.min
  /// Those that could not be listed.
  var failed: Set<LogPath> = []
  /// Counts listings, so that those of a large tree do not all fall due at once.
  var listings = 0
  /// What is being looked at, over as many turns as that takes.
  var work = Work()
  /// Entries that were listed, by the folder at the top of a pattern.
  var entryCounts: [LogPath: Int] = [:]
  /// Links that were told of.
  var refusedLinks: Set<LogPath> = []

  /// A directory that holds no logs, whatever the patterns say: the exporter's own.
  let ignored: LogPath?

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
  func reached(_ path: LogPath, _ directory: Directory) -> [Reached] {
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
}

internal import PatternSyntax
internal import Tailing

/// What a pattern of a run finds: lists and stats, and opens no file. Where nothing has changed it asks only for the times
/// of the folders that it listed and of what it found there.
struct RunFileSearch {
  /// What is there.
  struct Found {
    var path: LogPath
    var status: PathStatus
    /// Whether it was reached by a link of its own.
    var isLink: Bool
  }

  /// A look at all that is looked for of one run.
  struct Look {
    let files: any FileSystem
    /// Nanoseconds since 1970.
    let now: Int64
    /// How many entries of folders were looked at.
    var entries = 0
    /// Whether something could not be looked at that may be there.
    var hasFailed = false
    /// What was seen of the last folder: several patterns are of the same.
    private var folder: (path: LogPath, status: PathStatus)?

    init(files: any FileSystem, now: Int64) {
      self.files = files
      self.now = now
    }

    fileprivate mutating func status(ofFolder path: LogPath) -> PathStatus? {
      if let folder, folder.path == path { return folder.status }
      guard let status = try? files.status(of: path) else { return nil }
      folder = (path, status)
      return status
    }
  }

  /// Entries of folders that are looked at for one pattern of a run, and as many in folders that it finds.
  static let entriesMax = 1_000
  /// Folders within each other below one that is found.
  static let depthMax = 4
  /// How long ago a folder must have changed for its times to tell of the next change: the coarsest of file systems count
  /// by two seconds.
  private static let settleTime: Int64 = 3_000_000_000

  private let pattern: PathPattern
  /// The part of the path in which links are followed, whoever made them: the catalog writes it out.
  private let fixed: LogPath
  private let watcher: TailedWatcher
  private let takesFolders: Bool
  /// Whether a log's name leads out of the folder that the catalog means: one may be called `...csv`.
  private let leadsUp: Bool
  private var folders: [(path: LogPath, status: FileStatus)] = []
  /// Whether nothing can change in `folders` without their times.
  private var isSteady = false
  private var found: [Found] = []

  /// - Parameter watcher: whose runs they are: it says what relative patterns are relative to, and which links are followed.
  init(_ pattern: Pattern, of watcher: TailedWatcher, captures: [String: String], takesFolders: Bool) {
    self.pattern = PathPattern(pattern, root: watcher.root, filling: captures)
    fixed = LogPath(PathPattern(pattern, root: watcher.root).base)
    self.watcher = watcher
    self.takesFolders = takesFolders
    leadsUp = Self.stepsUp(self.pattern.base) > Self.stepsUp(fixed.text)
  }

  private static func stepsUp(_ path: String) -> Int { path.split(separator: "/").count { $0 == ".." } }

  mutating func look(_ look: inout Look) -> [Found] {
    if leadsUp { return [] }
    if !(isSteady && lookAgain(&look)) { walk(&look) }
    return found
  }

  /// - Returns: false: something has changed.
  private mutating func lookAgain(_ look: inout Look) -> Bool {
    for folder in folders {
      guard look.status(ofFolder: folder.path)?.file == folder.status else { return false }
    }
    for index in found.indices {
      guard let status = try? look.files.status(of: found[index].path), status.isSame(as: found[index].status) else {
        return false
      }
      found[index].status = status
    }
    return true
  }

  private func follows(_ link: PathStatus, to target: PathStatus, _ look: Look) -> Bool {
    watcher.follows(link, to: target, user: look.files.user)
  }

  // MARK: Walking

  private mutating func walk(_ look: inout Look) {
    var walk = Walk()
    var waiting = [(path: LogPath(pattern.base), position: pattern.start, depth: 0)]
    var entriesLeft = Self.entriesMax
    var next = 0
    // What is near goes first.
    while next < waiting.count {
      let (path, position, depth) = waiting[next]
      next += 1
      let directory: Int32
      do throws(SystemError) {
        directory = try open(path, look)
      } catch {
        walk.isSteady = false
        // What cannot be seen is not gone.
        if !error.meansAbsent, error != .notFollowed {
          look.hasFailed = true
          if depth == 0 {
            isSteady = false
            return
          }
        }
        continue
      }
      defer { look.files.close(directory) }
      guard let status = try? look.files.status(of: directory) else { continue }
      walk.folders.append((path, status.file))
      for (name, kind) in entries(of: directory, position, &entriesLeft, &look) {
        sort(name, kind, of: path, directory, position, depth, &waiting, &walk, &look)
      }
    }
    if look.hasFailed { walk.isSteady = false }
    found = walk.found
    folders = walk.folders
    isSteady =
      walk.isSteady && !folders.isEmpty
      && folders.allSatisfy { folder in
        let changed = max(folder.status.modified, folder.status.changed)
        return changed <= look.now && look.now &- changed >= Self.settleTime
      }
  }

  private struct Walk {
    var folders: [(path: LogPath, status: FileStatus)] = []
    var found: [Found] = []
    var isSteady = true
  }

  private func open(_ path: LogPath, _ look: Look) throws(SystemError) -> Int32 {
    try look.files.openDirectory(path, below: fixed) { follows($0, to: $1, look) }
  }

  /// Those that the pattern may want.
  private func entries(
    of directory: Int32,
    _ position: PathPattern.Position,
    _ left: inout Int,
    _ look: inout Look
  ) -> [(name: [UInt8], kind: EntryKind)] {
    if let path = pattern.path {
      look.entries += 1
      return [(Array(LogPath(path).name), .unknown)]
    }
    var wanted: [(name: [UInt8], kind: EntryKind)] = []
    var count = 0
    let most = left
    do throws(SystemError) {
      try look.files.list(directory) { name, kind, _ in
        guard count < most else { return false }
        count += 1
        if kind != .other, pattern.accepts(position, name: name) || pattern.descend(position, into: name) != nil {
          wanted.append((name, kind))
        }
        return true
      }
    } catch {
      look.hasFailed = true
    }
    left -= count
    look.entries += count
    return wanted
  }

  private func sort(
    _ name: [UInt8],
    _ kind: EntryKind,
    of parent: LogPath,
    _ directory: Int32,
    _ position: PathPattern.Position,
    _ depth: Int,
    _ waiting: inout [(path: LogPath, position: PathPattern.Position, depth: Int)],
    _ walk: inout Walk,
    _ look: inout Look
  ) {
    let path = parent.appending(name)
    let next = depth < TailerLimits.depthMax ? pattern.descend(position, into: name) : nil
    let isWanted = pattern.accepts(position, name: name) && (takesFolders || kind != .directory)
    if kind == .directory, !isWanted {
      if let next { waiting.append((path, next, depth + 1)) }
      return
    }
    let itself: PathStatus
    let target: PathStatus?
    do throws(SystemError) {
      (itself, target) = try look.files.status(of: name, in: directory)
    } catch {
      if !error.meansAbsent { look.hasFailed = true }
      return
    }
    if let target {
      // What a link leads to changes without a sign here.
      walk.isSteady = false
      guard follows(itself, to: target, look) else { return }
    }
    let status = target ?? itself
    if isWanted, status.kind == .regular || takesFolders && status.kind == .directory {
      walk.found.append(Found(path: path, status: status, isLink: target != nil))
    } else if status.kind == .directory, let next {
      waiting.append((path, next, depth + 1))
    }
  }

  // MARK: Folders

  /// When something in a folder that was found was written last, and how large its files are together; nil: it is gone, or
  /// cannot be looked at.
  func measure(_ folder: Found, _ look: inout Look) -> (time: Int64, size: Int)? {
    var newest: Int64?
    var size = 0
    var left = Self.entriesMax
    var waiting = [(path: folder.path, depth: 1)]
    while let (path, depth) = waiting.popLast() {
      guard let directory = try? open(path, look) else {
        if depth == 1 { return nil }
        continue
      }
      defer { look.files.close(directory) }
      var names: [[UInt8]] = []
      try? look.files.list(directory) { name, kind, _ in
        guard left > 0 else { return false }
        left -= 1
        if kind != .other { names.append(name) }
        return true
      }
      for name in names {
        guard let (itself, target) = try? look.files.status(of: name, in: directory) else { continue }
        if let target, !follows(itself, to: target, look) { continue }
        let status = target ?? itself
        switch status.kind {
        case .regular:
          newest = max(newest ?? .min, status.file.modified)
          let (sum, overflow) = size.addingReportingOverflow(status.file.size)
          size = overflow ? .max : sum
        case .directory where target == nil && depth < Self.depthMax:
          waiting.append((path.appending(name), depth + 1))
        case .directory, .link, .other, .unknown: continue
        }
      }
    }
    look.entries += Self.entriesMax - left
    return (newest ?? folder.status.file.modified, size)
  }
}

extension PathStatus {
  fileprivate func isSame(as other: PathStatus) -> Bool {
    kind == other.kind && file.device == other.file.device && file.inode == other.file.inode
  }
}

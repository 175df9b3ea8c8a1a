internal import Glibc
internal import PatternSyntax

/// One walk over all watchers' patterns: which files are there, and which directories were looked into.
///
/// It follows links to regular files and to directories; everything else that is no regular file is left alone.
struct Discovery {
  struct Found {
    var watcher: Int
    var path: String
    var captures: [String: String]
    var status: FileStatus
    /// Reached through a link: no event of its directory tells of it.
    var isLink: Bool
  }

  /// At most one for each file and watcher, the first name in sorted order.
  private(set) var files: [Found] = []
  /// Directories to watch, those that are not there yet by the nearest that is.
  private(set) var directories: Set<String> = []
  private var entriesLeft = TailerLimits.entriesMax

  init(_ watchers: [TailedWatcher]) {
    for (index, watcher) in watchers.enumerated() {
      var found: [String: Found] = [:]
      for pattern in watcher.files {
        walk(pattern, directory: pattern.base, position: pattern.start, depth: 0) { path, status, isLink in
          guard found[path] == nil, let taken = pattern.match(path),
            !watcher.exclude.contains(where: { $0.match(path) != nil })
          else { return }
          let captures = Dictionary(zip(pattern.pattern.captureNames, taken), uniquingKeysWith: { first, _ in first })
          found[path] = Found(watcher: index, path: path, captures: captures, status: status, isLink: isLink)
        }
      }
      var seen: Set<FileIdentity> = []
      files += found.values.sorted { $0.path < $1.path }.filter { seen.insert($0.status.identity).inserted }
    }
  }

  private mutating func walk(
    _ pattern: PathPattern,
    directory: String,
    position: PathPattern.Position,
    depth: Int,
    visit: (String, FileStatus, Bool) -> Void
  ) {
    guard depth <= TailerLimits.depthMax else { return }
    guard let stream = opendir(directory.isEmpty ? "." : directory) else {
      directories.insert(nearestDirectory(to: directory))
      return
    }
    defer { closedir(stream) }
    directories.insert(directory.isEmpty ? "." : directory)
    var inner: [(name: String, position: PathPattern.Position)] = []
    while entriesLeft > 0, let entry = readdir(stream) {
      entriesLeft -= 1
      let type = Int(entry.pointee.d_type)
      guard let name = fileName(entry), name != ".", name != ".." else { continue }
      let path = directory.isEmpty ? name : directory == "/" ? "/" + name : directory + "/" + name
      let mayBeDirectory = type == DT_DIR || type == DT_LNK || type == DT_UNKNOWN
      if mayBeDirectory, let position = pattern.descend(position, into: name.utf8) {
        if type == DT_DIR || isDirectory(path) {
          inner.append((path, position))
          continue
        }
      }
      guard type != DT_DIR, pattern.accepts(position, name: name.utf8) else { continue }
      if let status = FileStatus(ofRegularFileAt: path) { visit(path, status, type == DT_LNK) }
    }
    for (path, position) in inner {
      walk(pattern, directory: path, position: position, depth: depth + 1, visit: visit)
    }
  }

  /// The entry's name; nil where it is no UTF-8, which no catalog can name and no label can hold.
  private func fileName(_ entry: UnsafeMutablePointer<dirent>) -> String? {
    withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  private func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private func nearestDirectory(to path: String) -> String {
    var path = path
    while let slash = path.lastIndex(of: "/") {
      path = slash == path.startIndex ? "/" : String(path[..<slash])
      if isDirectory(path) || path == "/" { return path }
    }
    return "."
  }
}

/// What tells one file from another at one time.
struct FileIdentity: Hashable {
  var device: UInt64
  var inode: UInt64
}

extension FileStatus {
  var identity: FileIdentity { FileIdentity(device: device, inode: inode) }

  /// The status of the regular file that a path leads to; nil: there is none.
  init?(ofRegularFileAt path: String) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    self.init(status)
  }

  /// The status of an open regular file; nil: it is none, or is out of reach.
  init?(ofDescriptor descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    self.init(
      device: UInt64(status.st_dev),
      inode: UInt64(status.st_ino),
      size: Int(status.st_size),
      modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
      changed: Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
    )
  }
}

internal import Glibc

/// The machine's file system. Calls are made again after `EINTR`.
package struct RealFileSystem: FileSystem {
  package init() {}

  package func status(of path: LogPath) throws(SystemError) -> PathStatus { try status(of: path, in: AT_FDCWD, 0) }

  package func status(of descriptor: Int32) throws(SystemError) -> PathStatus {
    var raw = stat()
    try check(fstat(descriptor, &raw))
    return PathStatus(raw)
  }

  package var user: UInt32 { geteuid() }

  package func openDirectory(_ path: LogPath, below base: LogPath, mayFollow: (PathStatus, PathStatus) -> Bool)
    throws(SystemError) -> Int32
  {
    let names = path.bytes.dropFirst(base.bytes.count).split(separator: UInt8(ascii: "/")).map {
      LogPath(bytes: Array($0))
    }
    var directory = try openDirectory(base, in: AT_FDCWD, 0, isLast: names.isEmpty)
    for (place, name) in names.enumerated() {
      let above = directory
      defer { close(above) }
      directory = try openDirectory(name, in: above, isLast: place == names.count - 1, mayFollow)
    }
    return directory
  }

  private func openDirectory(
    _ name: LogPath,
    in directory: Int32,
    isLast: Bool,
    _ mayFollow: (PathStatus, PathStatus) -> Bool
  ) throws(SystemError) -> Int32 {
    do throws(SystemError) {
      return try openDirectory(name, in: directory, O_NOFOLLOW, isLast: isLast)
    } catch {
      // The kernel says this of a link, too.
      guard error.code == ENOTDIR, let (link, target) = try openLink(name, in: directory) else { throw error }
      let descriptor = try openDirectory(target, in: directory, 0, isLast: isLast)
      do throws(SystemError) {
        guard mayFollow(link, try status(of: descriptor)) else { throw .notFollowed }
        return descriptor
      } catch {
        close(descriptor)
        throw error
      }
    }
  }

  /// - Parameter isLast: whether it is to be listed; else it is only a step of the way, which needs fewer permissions.
  private func openDirectory(_ name: LogPath, in directory: Int32, _ flags: Int32, isLast: Bool)
    throws(SystemError) -> Int32
  {
    let flags = flags | O_DIRECTORY | O_CLOEXEC | (isLast ? O_RDONLY : Self.pathOnly)
    return try opened { name.withCString { Glibc.openat(directory, $0, flags) } }
  }

  /// What a link is and says, of one and the same link; nil: it is none.
  private func openLink(_ name: LogPath, in directory: Int32) throws(SystemError) -> (PathStatus, LogPath)? {
    let flags = Self.pathOnly | O_NOFOLLOW | O_CLOEXEC
    let descriptor = try opened { name.withCString { Glibc.openat(directory, $0, flags) } }
    defer { close(descriptor) }
    let status = try status(of: descriptor)
    guard status.kind == .link else { return nil }
    let target = try withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) {
      text throws(SystemError) in
      guard let start = text.baseAddress else { preconditionFailure("a path's room has a beginning") }
      let count = readlinkat(descriptor, "", start, text.count)
      if count < 0 { throw SystemError(code: errno) }
      return LogPath(bytes: text[..<count].map { UInt8(bitPattern: $0) })
    }
    return (status, target)
  }

  /// `O_PATH` of `open(2)`, which the C library shows only to programs that ask for it.
  private static let pathOnly: Int32 = 0o10000000

  package func list(_ directory: Int32, _ body: ([UInt8], EntryKind, UInt64) -> Bool) throws(SystemError) {
    // A description of its own: it has its own place in the directory, and goes with the stream.
    let descriptor = try opened { Glibc.openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard let stream = fdopendir(descriptor) else {
      let error = SystemError(code: errno)
      close(descriptor)
      throw error
    }
    defer { closedir(stream) }
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw SystemError(code: errno) }
        return
      }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name == [UInt8(ascii: ".")] || name == [UInt8(ascii: "."), UInt8(ascii: ".")] { continue }
      if !body(name, EntryKind(directoryType: entry.pointee.d_type), UInt64(entry.pointee.d_ino)) { return }
    }
  }

  package func status(of name: [UInt8], in directory: Int32) throws(SystemError) -> (
    itself: PathStatus, target: PathStatus?
  ) {
    let name = LogPath(bytes: name)
    let itself = try status(of: name, in: directory, AT_SYMLINK_NOFOLLOW)
    guard itself.kind == .link, let (link, target) = try openLink(name, in: directory) else { return (itself, nil) }
    return (link, try status(of: target, in: directory, 0))
  }

  private func status(of name: LogPath, in directory: Int32, _ flags: Int32) throws(SystemError) -> PathStatus {
    var raw = stat()
    try check(name.withCString { fstatat(directory, $0, &raw, flags) })
    return PathStatus(raw)
  }

  package func open(_ path: LogPath) throws(SystemError) -> Int32 {
    try opened { path.withCString { Glibc.open($0, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) } }
  }

  private func opened(_ call: () -> Int32) throws(SystemError) -> Int32 {
    while true {
      let descriptor = call()
      if descriptor >= 0 { return descriptor }
      if errno != EINTR { throw SystemError(code: errno) }
    }
  }

  package func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int)
    throws(SystemError) -> Int
  {
    while true {
      let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
      if count >= 0 { return count }
      if errno != EINTR { throw SystemError(code: errno) }
    }
  }

  package func nextData(_ descriptor: Int32, from offset: Int) -> Int? {
    let place = lseek(descriptor, offset, Self.seekData)
    return place >= 0 ? place : nil
  }

  /// `SEEK_DATA` of `lseek(2)`, which the C library shows only to programs that ask for it.
  private static let seekData: Int32 = 3

  package func close(_ descriptor: Int32) {
    // Whatever it returns, on Linux the descriptor is gone.
    _ = Glibc.close(descriptor)
  }

  private func check(_ result: Int32) throws(SystemError) {
    if result != 0 { throw SystemError(code: errno) }
  }
}

extension PathStatus {
  fileprivate init(_ raw: stat) {
    let file = FileStatus(
      device: UInt64(raw.st_dev),
      inode: UInt64(raw.st_ino),
      size: max(0, Int(raw.st_size)),
      modified: nanoseconds(raw.st_mtim),
      changed: nanoseconds(raw.st_ctim)
    )
    self.init(kind: EntryKind(raw), file: file, linkCount: Int(clamping: raw.st_nlink), owner: raw.st_uid)
  }
}

/// Since 1970; a time that does not fit (a file system may hold any) wraps, since it is only compared for equality.
private func nanoseconds(_ time: timespec) -> Int64 {
  Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
}

extension EntryKind {
  /// The type of a directory's entry is a file's without its permissions.
  fileprivate init(_ raw: stat) { self.init(directoryType: UInt8(truncatingIfNeeded: raw.st_mode >> 12)) }

  fileprivate init(directoryType: UInt8) {
    switch Int(directoryType) {
    case Int(DT_REG): self = .regular
    case Int(DT_DIR): self = .directory
    case Int(DT_LNK): self = .link
    case Int(DT_UNKNOWN): self = .unknown
    default: self = .other
    }
  }
}

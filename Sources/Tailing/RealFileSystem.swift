internal import Glibc

/// The machine's file system. Every call is one system call (and again after `EINTR`).
package struct RealFileSystem: FileSystem {
  package init() {}

  package func status(of path: LogPath) throws(SystemError) -> PathStatus {
    var raw = stat()
    try check(path.withCString { fstatat(AT_FDCWD, $0, &raw, 0) })
    return PathStatus(raw)
  }

  package func kind(of path: LogPath) throws(SystemError) -> EntryKind {
    var raw = stat()
    try check(path.withCString { fstatat(AT_FDCWD, $0, &raw, AT_SYMLINK_NOFOLLOW) })
    return EntryKind(raw)
  }

  package func status(of descriptor: Int32) throws(SystemError) -> PathStatus {
    var raw = stat()
    try check(fstat(descriptor, &raw))
    return PathStatus(raw)
  }

  package func list(_ directory: LogPath, _ body: ([UInt8], EntryKind, UInt64) -> Bool) throws(SystemError) {
    guard let stream = directory.withCString({ opendir($0) }) else { throw SystemError(code: errno) }
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

  package func open(_ path: LogPath) throws(SystemError) -> Int32 {
    while true {
      let descriptor = path.withCString { Glibc.open($0, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) }
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

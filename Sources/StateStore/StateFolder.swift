internal import Glibc
internal import Synchronization

/// The folder of a state: its file, and the lock that keeps a second program from it. The lock goes with the process,
/// however that ends.
package final class StateFolder: Sendable {
  package let file: StateFile
  private let path: String
  private let lock: Mutex<Int32>

  /// Makes the folder where it is missing, and takes its lock.
  package init(path: String) throws(Failure) {
    self.path = path
    lock = Mutex(try Self.takeLock(of: path))
    file = StateFile(path: path + "/training-exporter.state")
  }

  deinit {
    lock.withLock { _ = close($0) }
  }

  package enum Failure: Error, Sendable, Hashable {
    /// Another process has the lock; its id, where it left one.
    case inUse(owner: Int?)
    /// The folder cannot be made or written to: what, and why.
    case unwritable(String)
  }

  /// Who else can replace what lies in the folder, and the command that mends it; nil: nobody but root.
  package var exposure: (reason: String, mend: String)? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    if status.st_uid != geteuid(), status.st_uid != 0 {
      return ("it belongs to another user (\(status.st_uid))", "chown \(geteuid()) \(path)")
    }
    // In a sticky folder nobody can remove or rename the files of others.
    guard status.st_mode & (S_IWGRP | S_IWOTH) != 0, status.st_mode & S_ISVTX == 0 else { return nil }
    let others = status.st_mode & S_IWOTH != 0 ? "everybody" : "its group"
    return ("\(others) can write to it", "chmod go-w \(path)")
  }

  /// Whether the lock that was taken is that of the folder: both may have been removed since, and made by another process.
  package var isHeld: Bool {
    lock.withLock { descriptor in
      var named = stat()
      var own = stat()
      return stat(Self.lockPath(path), &named) == 0 && fstat(descriptor, &own) == 0 && named.st_dev == own.st_dev
        && named.st_ino == own.st_ino
    }
  }

  /// Whether what was saved for the folder `other` is that of another project than the one in `root`. Where `other` is
  /// gone, or is the same folder under another name, the project was moved; a state inside of it goes where it goes.
  package func isOf(another other: String, than root: String) -> Bool {
    var there = stat()
    var here = stat()
    guard other != root, !path.hasPrefix(root + "/"), stat(other, &there) == 0, there.st_mode & S_IFMT == S_IFDIR,
      stat(root, &here) == 0
    else { return false }
    return (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino)
  }

  /// Makes the folder again, and takes its lock again.
  package func restore() throws(Failure) {
    let new = try Self.takeLock(of: path)
    lock.withLock { descriptor in
      close(descriptor)
      descriptor = new
    }
  }

  private static func lockPath(_ path: String) -> String { path + "/lock" }

  private static func takeLock(of path: String) throws(Failure) -> Int32 {
    try make(path)
    let lockPath = lockPath(path)
    if let kind = SystemCall.kind(of: lockPath) { throw .unwritable("\(lockPath): it is \(kind) and no file") }
    let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else { throw .unwritable("\(lockPath): \(SystemCall.reason())") }
    var status = stat()
    var strangeness = fstat(descriptor, &status) == 0 ? SystemCall.strangeness(of: status, in: path) : nil
    // It is written to below, and may be a file of somebody else under a second name.
    if status.st_nlink > 1 { strangeness = strangeness ?? "it has several names (hard links), and is left alone" }
    if let strangeness {
      close(descriptor)
      throw .unwritable("\(lockPath): \(strangeness)")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      let owner = Self.owner(descriptor)
      close(descriptor)
      if code == EWOULDBLOCK { throw .inUse(owner: owner) }
      throw .unwritable("\(lockPath): \(SystemCall.reason(code))")
    }
    // For the message that a second one shows; the lock itself does not need it.
    _ = ftruncate(descriptor, 0)
    _ = SystemCall.writeAll(descriptor, Array("\(getpid())\n".utf8))
    guard access(path, W_OK) == 0 else {
      let reason = SystemCall.reason()
      close(descriptor)
      throw .unwritable("\(path): \(reason)")
    }
    return descriptor
  }

  private static func make(_ path: String) throws(Failure) {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      try make(String(path[..<slash]))
      if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    }
    throw .unwritable("\(path): \(SystemCall.reason())")
  }

  private static func owner(_ descriptor: Int32) -> Int? {
    var bytes = [UInt8](repeating: 0, count: 20)
    let count = bytes.withUnsafeMutableBytes { SystemCall.readAll(descriptor, into: $0) } ?? 0
    return Int(String(decoding: bytes.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
  }
}

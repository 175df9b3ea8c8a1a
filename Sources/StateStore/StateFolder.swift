internal import Glibc

/// The folder of a state: its file, and the lock that keeps a second program from it. The lock goes with the process,
/// however that ends.
package final class StateFolder: Sendable {
  package let file: StateFile
  private let lockDescriptor: Int32

  /// Makes the folder where it is missing, and takes its lock.
  package init(path: String) throws(Failure) {
    try Self.make(path)
    let lockPath = path + "/lock"
    let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .unwritable("\(lockPath): \(SystemCall.reason())") }
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
    lockDescriptor = descriptor
    file = StateFile(path: path + "/training-exporter.state")
  }

  deinit {
    close(lockDescriptor)
  }

  package enum Failure: Error, Sendable, Hashable {
    /// Another process has the lock; its id, where it left one.
    case inUse(owner: Int?)
    /// The folder cannot be made or written to: what, and why.
    case unwritable(String)
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

internal import Glibc

/// Reads a file that a person named, whatever the path turns out to be: never waits for a pipe, never reads a device,
/// never more than the limit. It says nothing of what the bytes mean.
package enum RegularFile {
  /// What tells one version of a file from the next without reading it.
  package struct Identity: Sendable, Hashable {
    var device: UInt64
    var inode: UInt64
    var size: Int
    var modified: [Int]
  }

  package struct Content: Sendable {
    package var bytes: [UInt8]
    package var identity: Identity
    /// Users beyond the owner and the group may read it.
    package var isReadableByAll: Bool
    /// The same for writing.
    package var isWritableByAll: Bool
  }

  package enum Problem: Error, Hashable {
    case missing
    /// What it is instead: "a directory".
    case wrongKind(String)
    case tooLarge(bytes: Int)
    /// A stream that did not end by then.
    case tooLong(bytesMax: Int)
    /// A stream whose writer said nothing for so long.
    case silent(seconds: Int)
    /// `errno`.
    case unreadable(Int32)
  }

  /// nil: there is none that could be asked.
  package static func identity(path: String) -> Identity? {
    var status = stat()
    return stat(path, &status) == 0 ? Identity(status) : nil
  }

  package static func read(path: String, bytesMax: Int) throws(Problem) -> Content {
    // Without O_NONBLOCK opening a FIFO waits for a writer.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw problem(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw problem(errno) }
    if let kind = kind(of: status) { throw .wrongKind(kind) }
    guard status.st_size <= bytesMax else { throw .tooLarge(bytes: Int(status.st_size)) }
    return Content(
      bytes: try readAll(descriptor, bytesMax: bytesMax),
      identity: Identity(status),
      isReadableByAll: status.st_mode & S_IROTH != 0,
      isWritableByAll: status.st_mode & S_IWOTH != 0
    )
  }

  /// What it is instead of a regular file; nil if it is one.
  static func kind(of status: stat) -> String? {
    switch status.st_mode & S_IFMT {
    case S_IFREG: nil
    case S_IFDIR: "a directory"
    case S_IFIFO: "a pipe"
    case S_IFCHR, S_IFBLK: "a device"
    default: "no regular file"
    }
  }

  /// A file may grow while it is read, and those in /proc have no size.
  ///
  /// - Parameter wait: called before each part, for what may not be there yet.
  static func readAll(
    _ descriptor: Int32,
    bytesMax: Int,
    wait: () throws(Problem) -> Void = {}
  ) throws(Problem) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= bytesMax {
      try wait()
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count >= 0 else { throw problem(errno) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
    }
    throw .tooLarge(bytes: bytes.count)
  }

  static func problem(_ code: Int32) -> Problem {
    code == ENOENT || code == ENOTDIR ? .missing : .unreadable(code)
  }
}

extension RegularFile.Identity {
  fileprivate init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int(status.st_size)
    modified = [
      status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
    ]
  }
}

extension RegularFile.Problem {
  /// The rest of a sentence that begins with what the file is: "there is no such file".
  package var message: String {
    switch self {
    case .missing: "there is no such file"
    case .wrongKind(let kind): "this is \(kind), not a file"
    case .tooLarge(let bytes): "the file has \(bytes) bytes, which is too large"
    case .tooLong(let bytesMax): "the stream has more than the \(bytesMax) bytes that are read"
    case .silent(let seconds): "nothing was written to the stream for \(seconds) s"
    case .unreadable(let code): "the file cannot be read: \(String(cString: strerror(code)))"
    }
  }
}

internal import Diagnostics
internal import Glibc
internal import YAMLSyntax

/// Reads a catalog's bytes, whatever the path turns out to be: never waits for a pipe, never reads a device, never more
/// than the limit.
enum CatalogFile {
  struct Unreadable: Error {
    var diagnostic: Diagnostic
  }

  static func read(path: String) throws(Unreadable) -> [UInt8] {
    // Without O_NONBLOCK opening a FIFO waits for a writer.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw failure(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw wrongKind("a directory")
    case S_IFIFO: throw wrongKind("a pipe")
    case S_IFCHR, S_IFBLK: throw wrongKind("a device")
    default: throw wrongKind("no regular file")
    }
    guard status.st_size <= YAMLLimits.fileBytesMax else {
      throw Unreadable(diagnostic: YAMLDocument.tooLarge(bytes: Int(status.st_size)))
    }
    return try readAll(descriptor)
  }

  /// A file may grow while it is read, and those in /proc have no size.
  private static func readAll(_ descriptor: Int32) throws(Unreadable) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= YAMLLimits.fileBytesMax {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure(errno) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
    }
    throw Unreadable(diagnostic: YAMLDocument.tooLarge(bytes: bytes.count))
  }

  private static func failure(_ code: Int32) -> Unreadable {
    if code == ENOENT || code == ENOTDIR {
      return unreadable(FileID.missing, "there is no such file")
    }
    return unreadable(FileID.unreadable, "the file cannot be read: \(String(cString: strerror(code)))")
  }

  private static func wrongKind(_ kind: String) -> Unreadable {
    unreadable(FileID.kind, "this is \(kind), not a file")
  }

  private static func unreadable(_ id: RuleID, _ message: String) -> Unreadable {
    Unreadable(diagnostic: Diagnostic(id: id.name, message: message, range: nil))
  }
}

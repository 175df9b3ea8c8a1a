internal import Glibc
internal import NIOCore

/// The file of a UNIX socket that we listen on. Takes away what a server that died has left, and nothing else: no other
/// kind of file, and no socket that somebody answers at.
struct UnixSocketFile: Sendable {
  /// Whoever shares the group may connect, as a reverse proxy does; the owner of the folder decides about the rest.
  static let mode: mode_t = 0o660
  /// `sockaddr_un` has room for so many and a zero.
  static let pathBytesMax = 107

  private let path: String
  private let device: dev_t
  private let inode: ino_t

  /// The file at the path, just bound; the process's umask may have left less of the mode than is meant.
  init?(bound path: String) {
    var status = stat()
    // A link that somebody has put in its place is neither followed nor ours.
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK, status.st_uid == geteuid(),
      fchmodat(AT_FDCWD, path, Self.mode, AT_SYMLINK_NOFOLLOW) == 0
    else { return nil }
    self.path = path
    device = status.st_dev
    inode = status.st_ino
  }

  /// Removes the file, unless it is another by now.
  func remove() {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode else { return }
    unlink(path)
  }

  /// A socket that listens at the path. At no moment may anybody connect who may not do so later: Linux gives a socket's
  /// file the mode that the socket has, less the umask.
  static func listen(at path: String, _ queueLength: CInt) throws(ServerError) -> CInt {
    try makeRoom(at: path)
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0, fchmod(descriptor, mode) == 0,
      let address = try? SocketAddress(unixDomainSocketPath: path),
      address.withSockAddr({ bind(descriptor, $0, socklen_t($1)) }) == 0, Glibc.listen(descriptor, queueLength) == 0
    else {
      let reason = String(cString: strerror(errno))
      if descriptor >= 0 { close(descriptor) }
      throw ServerError("cannot listen on unix:\(path): \(reason)")
    }
    return descriptor
  }

  /// Makes the path free to bind, where only a dead socket is in the way.
  private static func makeRoom(at path: String) throws(ServerError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw ServerError("cannot listen on unix:\(path): there is a file that is no socket")
    }
    switch answer(at: path) {
    case 0, EAGAIN: throw ServerError("cannot listen on unix:\(path): another process listens there")
    case ECONNREFUSED: unlink(path)
    case let code:
      throw ServerError(
        "cannot listen on unix:\(path): the socket there is not ours: \(String(cString: strerror(code)))"
      )
    }
  }

  /// 0 where somebody listens, else the error of connecting.
  private static func answer(at path: String) -> CInt {
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    guard let address = try? SocketAddress(unixDomainSocketPath: path) else { return ENAMETOOLONG }
    return address.withSockAddr { connect(descriptor, $0, socklen_t($1)) == 0 ? 0 : errno }
  }
}

internal import Glibc
internal import NIOCore

/// A socket that clients connect to. Opening one may block while a name is looked up; it never accepts.
struct ListeningSocket: Sendable {
  /// Connections that wait in the system's queue; Linux cuts it to `net.core.somaxconn`. Those that find it full come again
  /// a second later.
  private static let queueLength: CInt = 4_096

  let descriptor: CInt
  /// With the real port, such as `127.0.0.1:40123`, `[::]:8000` or `unix:/run/x.sock`.
  let description: String

  /// A socket that somebody else has opened.
  init(given descriptor: CInt) {
    self.descriptor = descriptor
    // Accepting must not wait for a client that has gone.
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    description = SocketAddress.ofSocket(descriptor)?.listenText ?? "?"
  }

  /// Listens at all places of an address, at one port.
  static func open(at address: ListenAddress) throws(ServerError) -> [ListeningSocket] {
    if let path = address.path { return [ListeningSocket(given: try UnixSocketFile.listen(at: path, queueLength))] }
    var sockets: [ListeningSocket] = []
    var missing: any Error = ListenAddress.UnknownName()
    do {
      var port = address.port
      for place in try address.places() {
        for var candidate in place {
          if port > 0 { candidate.port = port }
          do throws(IOError) {
            let socket = ListeningSocket(given: try listen(at: candidate))
            port = SocketAddress.ofSocket(socket.descriptor)?.port ?? 0
            sockets.append(socket)
            break
          } catch {
            // A machine without IPv6, whose names may have such addresses all the same.
            guard error.errnoCode == EAFNOSUPPORT || error.errnoCode == EADDRNOTAVAIL else { throw error }
            missing = error
          }
        }
      }
    } catch {
      for socket in sockets { socket.close() }
      throw ServerError(listeningOn: address, failed: error)
    }
    if sockets.isEmpty { throw ServerError(listeningOn: address, failed: missing) }
    return sockets
  }

  func close() { Glibc.close(descriptor) }

  private static func listen(at address: SocketAddress) throws(IOError) -> CInt {
    let isIPv6 = address.protocol == .inet6
    let descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
    func set(_ level: CInt, _ option: CInt, _ value: CInt) {
      var value = value
      setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
    }
    set(SOL_SOCKET, SO_REUSEADDR, 1)
    // IPv4, too, whatever the system's default is.
    if isIPv6 { set(CInt(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
    guard address.withSockAddr({ bind(descriptor, $0, socklen_t($1)) }) == 0,
      Glibc.listen(descriptor, queueLength) == 0
    else {
      let error = IOError(errnoCode: errno, reason: "listen")
      Glibc.close(descriptor)
      throw error
    }
    return descriptor
  }
}

extension SocketAddress {
  /// What a call of the system has written; nil: no address of a kind that there is here.
  init?(_ storage: sockaddr_storage) {
    let address = withUnsafeBytes(of: storage) { bytes -> SocketAddress? in
      switch CInt(storage.ss_family) {
      case AF_INET: SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self))
      case AF_INET6: SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self))
      case AF_UNIX: SocketAddress(bytes.loadUnaligned(as: sockaddr_un.self))
      default: nil
      }
    }
    guard let address else { return nil }
    self = address
  }

  /// The address that a socket is bound to.
  static func ofSocket(_ descriptor: CInt) -> SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = withUnsafeMutablePointer(to: &storage) { storage in
      storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    return status == 0 ? SocketAddress(storage) : nil
  }

  /// As it is told to operators.
  fileprivate var listenText: String {
    guard let ipAddress, let port else { return "unix:\(pathname ?? "")" }
    return ipAddress.utf8.contains(UInt8(ascii: ":")) ? "[\(ipAddress)]:\(port)" : "\(ipAddress):\(port)"
  }
}

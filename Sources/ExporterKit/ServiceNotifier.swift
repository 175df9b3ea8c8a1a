internal import Clocks
internal import Glibc

/// Tells systemd, or whoever speaks its protocol, how far the program is: sd_notify(3), without its library. Where nobody
/// wants to know it does nothing, and it never waits long for who listens.
struct ServiceNotifier: Sendable {
  enum State: Sendable {
    case ready, reloading, stopping
  }

  /// As `sockaddr_un` has it; empty: nobody wants to know.
  private let path: [UInt8]
  private let clock: TimeSource

  /// - Parameter socket: `$NOTIFY_SOCKET`: an absolute path, or `@` and an abstract name.
  init(socket: String?, clock: TimeSource) {
    self.clock = clock
    var path = Array((socket ?? "").utf8)
    let isKnown = path.first == UInt8(ascii: "/") || path.first == UInt8(ascii: "@")
    if !isKnown || path.count >= Self.pathBytesMax { path = [] }
    if path.first == UInt8(ascii: "@") { path[0] = 0 }
    self.path = path
  }

  func tell(_ state: State) {
    switch state {
    case .ready: send("READY=1")
    case .reloading: send("RELOADING=1\nMONOTONIC_USEC=\(clock.now.monotonic / 1000)")
    case .stopping: send("STOPPING=1")
    }
  }

  private static let pathBytesMax = MemoryLayout.size(ofValue: sockaddr_un().sun_path)
  private static let sendSecondsMax = 1

  private func send(_ text: String) {
    if path.isEmpty { return }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: Self.sendSecondsMax, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout.size(ofValue: limit)))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    // An abstract name has no end but its length.
    let length = MemoryLayout.offset(of: \sockaddr_un.sun_path).map { $0 + path.count } ?? 0
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = sendto(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL), address, socklen_t(length))
      }
    }
  }
}

internal import Glibc

/// The listening sockets that systemd (or whoever speaks its protocol) has opened for us: `LISTEN_PID` names the process
/// they are for, `LISTEN_FDS` their number, and they begin with descriptor 3. It never opens or closes one.
enum SystemdSockets {
  private static let firstDescriptor: CInt = 3
  /// systemd has a limit of its own far below; this one keeps a wrong number from becoming a long loop.
  private static let countMax = 256

  static func descriptors(
    process: pid_t = getpid(),
    variable: (String) -> String? = { getenv($0).map { String(cString: $0) } }
  ) throws(ServerError) -> [CInt] {
    let hint = "start it by a systemd socket unit, or leave out --web.systemd-socket"
    guard let pid = variable("LISTEN_PID"), let text = variable("LISTEN_FDS") else {
      throw ServerError("systemd has handed over no sockets (LISTEN_PID and LISTEN_FDS are not set): \(hint)")
    }
    guard pid_t(pid) == process else {
      throw ServerError("systemd's sockets are not for this process (LISTEN_PID is another): \(hint)")
    }
    guard let count = Int(text), (1...countMax).contains(count) else {
      throw ServerError("systemd has handed over no sockets (LISTEN_FDS is no number from 1 to \(countMax)): \(hint)")
    }
    let descriptors = (0..<CInt(count)).map { firstDescriptor + $0 }
    for descriptor in descriptors {
      guard isListening(descriptor) else {
        throw ServerError(
          "descriptor \(descriptor) from systemd is no listening stream socket: check Accept= and Listen*="
        )
      }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
    return descriptors
  }

  private static func isListening(_ descriptor: CInt) -> Bool {
    option(SO_TYPE, of: descriptor) == CInt(SOCK_STREAM.rawValue) && option(SO_ACCEPTCONN, of: descriptor) == 1
  }

  private static func option(_ name: CInt, of descriptor: CInt) -> CInt? {
    var value: CInt = 0
    var size = socklen_t(MemoryLayout<CInt>.size)
    return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
  }
}

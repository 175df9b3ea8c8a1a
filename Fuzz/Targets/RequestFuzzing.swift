import Foundation

extension FuzzTarget {
  /// What a client sends before it hangs up.
  static let request = FuzzTarget("request") { RequestFuzzing.shared.send($0) }
}

/// A server of this process, to which bytes are sent over the loopback: each time a connection of its own, at whose end an
/// ordinary request has to be answered now and then.
private final class RequestFuzzing: @unchecked Sendable {
  static let shared = RequestFuzzing()

  /// How often a connection is followed by an ordinary request.
  private static let checkInterval = 64

  private let port = FuzzedServer.start()
  private var count = 0

  func send(_ bytes: [UInt8]) {
    _ = answer(to: bytes)
    count += 1
    if count % Self.checkInterval == 1 {
      let answer = answer(to: Array("GET /-/healthy HTTP/1.0\r\n\r\n".utf8))
      precondition(answer.starts(with: Array("HTTP/1.1 200 OK\r\n".utf8)), "the server does not answer any more")
    }
  }

  /// What comes until the server closes, at most some of it.
  private func answer(to bytes: [UInt8]) -> [UInt8] {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    precondition(descriptor >= 0, "no socket")
    defer { close(descriptor) }
    // No TIME_WAIT for each of thousands of connections.
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    precondition(status == 0, "the server does not accept any more")
    _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    shutdown(descriptor, Int32(SHUT_WR))
    var answer: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4096)
    while answer.count < 1 << 16 {
      let length = recv(descriptor, &block, block.count, 0)
      if length <= 0 { break }
      answer += block[..<length]
    }
    return answer
  }
}

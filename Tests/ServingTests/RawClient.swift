import Foundation

/// A client that sends exactly the bytes it is told to, over a blocking socket with a time limit on every read.
final class RawClient {
  let descriptor: Int32
  private var received: [UInt8] = []

  /// Connects to `127.0.0.1:PORT`, `[::1]:PORT` or `unix:PATH`; over IPv4 as a client at the address `source`.
  init(
    _ address: String,
    from source: String = "127.0.0.1",
    receiveBufferBytes: Int32? = nil,
    timeout: Int = 60
  ) throws {
    let family = address.hasPrefix("unix:") ? AF_UNIX : address.hasPrefix("[") ? AF_INET6 : AF_INET
    descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    var limit = timeval(tv_sec: timeout, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    if var size = receiveBufferBytes {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    let port = UInt16(address.split(separator: ":").last.flatMap { UInt16($0) } ?? 0).bigEndian
    let status: Int32
    switch family {
    case AF_UNIX:
      status = try Self.withUnixAddress(String(address.dropFirst(5))) { connect(descriptor, $0, $1) }
    case AF_INET6:
      var peer = sockaddr_in6()
      peer.sin6_family = sa_family_t(AF_INET6)
      inet_pton(AF_INET6, "::1", &peer.sin6_addr)
      peer.sin6_port = port
      status = Self.withAddress(of: &peer) { connect(descriptor, $0, $1) }
    default:
      var (own, peer) = (sockaddr_in(), sockaddr_in())
      own.sin_family = sa_family_t(AF_INET)
      own.sin_addr.s_addr = inet_addr(source)
      guard Self.withAddress(of: &own, { bind(descriptor, $0, $1) }) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
      peer.sin_family = sa_family_t(AF_INET)
      peer.sin_addr.s_addr = inet_addr("127.0.0.1")
      peer.sin_port = port
      status = Self.withAddress(of: &peer) { connect(descriptor, $0, $1) }
    }
    guard status == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
  }

  private static func withAddress<Address, Result>(
    of address: inout Address,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Address>.size)) }
    }
  }

  static func withUnixAddress<Result>(
    _ path: String,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) throws -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { throw POSIXError(.ENAMETOOLONG) }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withAddress(of: &address, body)
  }

  deinit { close(descriptor) }

  /// Sends all, or as much as the server takes before it closes.
  func send(_ bytes: [UInt8]) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes[offset...].withUnsafeBytes { write($0.baseAddress, $0.count) }
      guard count > 0 else { return }
      offset += count
    }
  }

  func send(_ text: String) { send(Array(text.utf8)) }

  func get(_ path: String, method: String = "GET", headers: String = "") throws -> Reply {
    send("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n")
    return try reply(omitsBody: method == "HEAD")
  }

  private func write(_ base: UnsafeRawPointer?, _ count: Int) -> Int {
    Glibc.send(descriptor, base, count, Int32(MSG_NOSIGNAL))
  }

  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Closes with a reset, as a client that was killed does.
  func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  /// Whether something can be read at once, the end of the stream included.
  var hasReply: Bool { hasReply(within: 0) }

  func hasReply(within milliseconds: Int32) -> Bool {
    var interest = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&interest, 1, milliseconds) > 0
  }

  enum ReadFailure: Error {
    case timedOut
    case closed(after: Int)
  }

  /// `false` at the end of the stream or after a reset.
  private func readMore() throws -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    if count > 0 { received += chunk[..<count] }
    if count < 0, errno == EAGAIN { throw ReadFailure.timedOut }
    return count > 0
  }

  /// Reads until the server closes, and gives everything that came.
  func readToEnd() throws -> String {
    while try readMore() {}
    return String(decoding: received, as: UTF8.self)
  }

  /// Reads one response, by its `Content-Length`.
  func reply(omitsBody: Bool = false) throws -> Reply {
    while true {
      if let (reply, length) = Reply.parse(received, omitsBody: omitsBody) {
        received.removeFirst(length)
        return reply
      }
      guard try readMore() else { throw ReadFailure.closed(after: received.count) }
    }
  }
}

struct Reply {
  let status: Int
  var headers: [String: String]
  let body: String

  static func parse(_ bytes: [UInt8], omitsBody: Bool) -> (Reply, length: Int)? {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.range(of: ": ") else { return nil }
      headers[line[..<colon.lowerBound].lowercased()] = String(line[colon.upperBound...])
    }
    let length = omitsBody ? 0 : headers["content-length"].flatMap { Int($0) } ?? 0
    guard bytes.count >= end.upperBound + length else { return nil }
    let body = String(decoding: bytes[end.upperBound..<(end.upperBound + length)], as: UTF8.self)
    let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return (Reply(status: status, headers: headers, body: body), end.upperBound + length)
  }
}

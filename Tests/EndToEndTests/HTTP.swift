import Foundation
import Glibc

/// Plain requests to a server on this machine, a connection each.
enum HTTP {
  struct Response {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: String

    var json: Any { get throws { try JSONSerialization.jsonObject(with: Data(body.utf8)) } }
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  static func get(_ path: String, port: UInt16) throws -> Response {
    try request("GET", path, port: port)
  }

  /// HTTP/1.0, so that no body comes in chunks.
  static func request(_ method: String, _ path: String, port: UInt16) throws -> Response {
    let descriptor = try connection(to: port)
    defer { close(descriptor) }
    let head = Array("\(method) \(path) HTTP/1.0\r\nHost: 127.0.0.1\r\nAccept: text/plain\r\n\r\n".utf8)
    guard send(descriptor, head, head.count, Int32(MSG_NOSIGNAL)) == head.count else {
      throw Failure(description: "cannot send: \(errno)")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count < 0 { throw Failure(description: "cannot receive: \(errno)") }
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    return try parse(String(decoding: bytes, as: UTF8.self))
  }

  /// A connection with a limit of ten seconds on every wait.
  static func connection(to port: UInt16) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = loopback(port: port)
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else {
      close(descriptor)
      throw Failure(description: "cannot connect to port \(port): \(errno)")
    }
    return descriptor
  }

  /// A port that was free a moment ago, for a program that cannot choose one itself.
  static func freePort() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = loopback(port: 0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let found = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    guard found else { throw Failure(description: "no free port: \(errno)") }
    return UInt16(bigEndian: address.sin_port)
  }

  private static func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }

  private static func parse(_ text: String) throws -> Response {
    guard let end = text.range(of: "\r\n\r\n") else { throw Failure(description: "no head: \(text.prefix(200))") }
    let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
    guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
      throw Failure(description: "no status: \(lines[0])")
    }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    return Response(status: status, headers: headers, body: String(text[end.upperBound...]))
  }
}

internal import Glibc
internal import NIOCore

/// Where the server listens, parsed from text such as `:8000`, `127.0.0.1:8000`, `[::1]:8000`, `localhost:0` or
/// `unix:/run/exporter.sock`. It listens nowhere itself; `HTTPServer.start()` does.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  /// Why a text is no listen address: one line that names the text and says how to write it.
  package struct Mistake: Error, Hashable, CustomStringConvertible {
    package let description: String
  }

  /// The system knows no address of a name.
  struct UnknownName: Error {}

  /// The name or IP address, an IPv6 address without its brackets; `nil` for every address. So are `0.0.0.0` and `[::]`,
  /// as in Go, which other exporters are written in.
  package let host: String?
  /// 0…65535; 0 asks the system for a free port.
  package let port: Int
  /// The path of a UNIX socket, in place of host and port.
  package let path: String?

  package init(host: String?, port: UInt16) {
    self.path = nil
    self.host = host
    self.port = Int(port)
  }

  package init(parsing text: String) throws(Mistake) {
    let shown = "listen address \"\(Self.printable(text))\""
    if text.hasPrefix("unix:") {
      self.path = try Self.socketPath(text.dropFirst("unix:".count), shown: shown)
      self.host = nil
      self.port = 0
      return
    }
    self.path = nil
    guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else {
      let isPort = !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      let hint = isPort ? ":\(text)" : "127.0.0.1:8000 or :8000"
      throw Mistake(description: "\(shown) has no port: write HOST:PORT, such as \(hint)")
    }
    let host = text[..<colon]
    self.port = try Self.port(text[text.index(after: colon)...], shown: shown)
    if host.isEmpty {
      self.host = nil
    } else if host.hasPrefix("[") && host.hasSuffix("]") {
      let inner = String(host.dropFirst().dropLast())
      guard Self.isIPv6(inner) else {
        throw Mistake(description: "\(shown) has no IPv6 address between its brackets: write [::1]:8000")
      }
      self.host = inner
    } else if host.utf8.contains(UInt8(ascii: ":")) {
      throw Mistake(description: "\(shown) is ambiguous: write an IPv6 address in brackets, such as [::1]:8000")
    } else {
      guard host.utf8.allSatisfy(Self.isHostByte) else {
        throw Mistake(description: "\(shown) has a host that is neither a name nor an IP address")
      }
      self.host = String(host)
    }
  }

  package var description: String {
    if let path { return "unix:\(path)" }
    guard let host else { return ":\(port)" }
    return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  private static func socketPath(_ path: Substring, shown: String) throws(Mistake) -> String {
    // Control bytes would only make trouble for whoever has to type or read the path.
    guard path.hasPrefix("/"), !path.hasSuffix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
      throw Mistake(description: "\(shown) has no path from the root: write unix:/run/training-exporter.sock")
    }
    guard path.utf8.count <= UnixSocketFile.pathBytesMax else {
      throw Mistake(
        description: "\(shown) is too long: a socket's path has at most \(UnixSocketFile.pathBytesMax) bytes"
      )
    }
    return String(path)
  }

  private static func port(_ text: Substring, shown: String) throws(Mistake) -> Int {
    // Int(_:) would also take "+80".
    let isNumber = !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    if isNumber, let port = UInt16(text) { return Int(port) }
    let isInteger = isNumber || (text.hasPrefix("-") && Int(text) != nil)
    let problem = isInteger ? "is out of range" : "is not a number"
    throw Mistake(description: "\(shown): port \"\(printable(text))\" \(problem): write one from 0 to 65535")
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func isIPv6(_ text: String) -> Bool {
    // A zone ("fe80::1%eth0") is the system's to judge, when the name is looked up.
    let address = text.prefix { $0 != "%" }
    let bytes = UnsafeMutablePointer<in6_addr>.allocate(capacity: 1)
    defer { bytes.deallocate() }
    return inet_pton(AF_INET6, String(address), bytes) == 1
  }

  /// The text as it may stand in a message: printable ASCII, cut after 80 characters.
  private static func printable(_ text: some StringProtocol) -> String {
    let shown = text.unicodeScalars.prefix(80).map { (" "..."~").contains($0) && $0 != "\"" ? Character($0) : "?" }
    return String(shown)
  }
}

extension ListenAddress {
  /// Socket addresses, of which each list stands for one socket: the first of it that the machine has.
  ///
  /// - Parameter resolve: All addresses of a name. May block.
  func places(resolve: (String) throws -> [SocketAddress] = Self.resolve) throws -> [[SocketAddress]] {
    if let path { return [[try SocketAddress(unixDomainSocketPath: path)]] }
    guard let host, host != "0.0.0.0", host != "::" else {
      // One IPv6 socket takes IPv4 too, where the machine has IPv6 at all.
      return [try ["::", "0.0.0.0"].map { try SocketAddress(ipAddress: $0, port: port) }]
    }
    return try resolve(host).map { address in
      var address = address
      address.port = port
      return [address]
    }
  }

  private static func resolve(_ host: String) throws -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE
    var first: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &first) == 0 else {
      throw UnknownName()
    }
    defer { freeaddrinfo(first) }
    var addresses: [SocketAddress] = []
    var next = first
    while let entry = next?.pointee {
      next = entry.ai_next
      guard let raw = UnsafeMutableRawPointer(entry.ai_addr) else { continue }
      let address: SocketAddress? =
        switch entry.ai_family {
        case AF_INET: SocketAddress(raw.assumingMemoryBound(to: sockaddr_in.self).pointee)
        case AF_INET6: SocketAddress(raw.assumingMemoryBound(to: sockaddr_in6.self).pointee)
        default: nil
        }
      if let address, !addresses.contains(address) { addresses.append(address) }
    }
    return addresses
  }
}

internal import NIOCore

/// Whom the server takes for one client: an IPv4 address, the /64 of an IPv6 address (a network gives its users no less),
/// or whoever comes by a UNIX socket. Clients behind one proxy or one address are one.
enum ClientAddress: Hashable, Sendable, CustomStringConvertible {
  case ipv4(UInt32)
  case ipv6(network: UInt64)
  /// A UNIX socket: whom its file lets in, such as a reverse proxy with the clients of all the world.
  case local
  /// It had gone before it could be asked.
  case unknown

  init(of channel: any Channel) {
    if case .unixDomainSocket = channel.localAddress { self = .local } else { self.init(channel.remoteAddress) }
  }

  init(_ address: SocketAddress?) {
    switch address {
    case .v4(let address): self = .ipv4(UInt32(bigEndian: address.address.sin_addr.s_addr))
    case .v6(let address):
      let (high, low) = withUnsafeBytes(of: address.address.sin6_addr) { bytes in
        (
          UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
          UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
      }
      // Clients by IPv4 of a socket for both, `::ffff:192.0.2.1`.
      self = high == 0 && low >> 32 == 0xffff ? .ipv4(UInt32(truncatingIfNeeded: low)) : .ipv6(network: high)
    case .unixDomainSocket: self = .local
    case nil: self = .unknown
    }
  }

  var description: String {
    switch self {
    case .ipv4(let address): [24, 16, 8, 0].map { String(address >> $0 & 0xff) }.joined(separator: ".")
    case .ipv6(let network):
      [48, 32, 16, 0].map { String(network >> $0 & 0xffff, radix: 16) }.joined(separator: ":") + "::/64"
    case .local: "unix"
    case .unknown: "?"
    }
  }
}

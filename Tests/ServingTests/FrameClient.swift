import Foundation
import NIOCore
import NIOHPACK
import NIOPosix
import NIOSSL

/// An HTTP/2 client over TLS that sends exactly the frames it is told to, and follows no rule of its own. What the server
/// sends is collected by stream; every wait has a time limit.
final class FrameClient {
  struct Reply {
    var status = 0
    var headers: [String: String] = [:]
    var body: [UInt8] = []
    /// The code of RST_STREAM.
    var reset: UInt32?
    /// Whether the server has ended it.
    var hasEnded = false
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  /// What has come on the connection.
  struct Inbox {
    var replies: [UInt32: Reply] = [:]
    /// Of GOAWAY, the newest.
    var lastStream: UInt32?
    var goodbye: UInt32?
    var pings = 0
    var isClosed = false
    fileprivate var bytes: [UInt8] = []
    fileprivate var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
  }

  struct TimedOut: Error {}

  private let collector = Collector()
  private let channel: any Channel

  /// Greets the server. `window`: how much it may send on a stream until it is told that it may send more.
  init(
    _ address: String,
    from source: String = "127.0.0.1",
    window: UInt32 = 0x7fff_ffff,
    greets: Bool = true
  ) async throws {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .none
    configuration.applicationProtocols = ["h2"]
    let context = try NIOSSLContext(configuration: configuration)
    let port = address.split(separator: ":").last.flatMap { Int($0) } ?? 0
    channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { [collector] channel in
        channel.eventLoop.makeCompletedFuture {
          let tls = try NIOSSLClientHandler(context: context, serverHostname: nil)
          try channel.pipeline.syncOperations.addHandlers([tls, collector])
        }
      }
      .bind(to: SocketAddress(ipAddress: source, port: 0))
      .connect(host: "127.0.0.1", port: port).get()
    guard greets else { return }
    send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
    send(Self.frame(4, payload: [0, 4] + Self.bytes(window)))
    send(Self.frame(8, payload: Self.bytes(0x7fff_0000)))
  }

  deinit { channel.close(promise: nil) }

  // MARK: Sending

  /// Frames, one after the other; those that come too late for a closed connection are lost.
  func send(_ bytes: [UInt8]) {
    channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
  }

  /// Ends the connection without a word of TLS, as a client does that is killed.
  func cut() {
    channel.eventLoop.execute { [channel] in
      try? channel.pipeline.syncOperations.context(handlerType: NIOSSLClientHandler.self).close(promise: nil)
    }
  }

  static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, payload: [UInt8]) -> [UInt8] {
    Array(bytes(UInt32(payload.count)).dropFirst()) + [type, flags] + bytes(stream) + payload
  }

  static func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian, Array.init) }

  /// HEADERS with END_HEADERS, and END_STREAM unless there is more.
  static func request(
    _ stream: UInt32,
    _ path: String = "/metrics",
    _ more: [(String, String)] = [],
    method: String = "GET",
    ends: Bool = true
  ) -> [UInt8] {
    let fields = [(":method", method), (":scheme", "https"), (":path", path), (":authority", "localhost")] + more
    return frame(1, flags: ends ? 5 : 4, stream: stream, payload: block(fields))
  }

  static func data(_ stream: UInt32, _ bytes: [UInt8], ends: Bool = true) -> [UInt8] {
    frame(0, flags: ends ? 1 : 0, stream: stream, payload: bytes)
  }

  static func reset(_ stream: UInt32) -> [UInt8] { frame(3, stream: stream, payload: bytes(8)) }

  static func windowUpdate(_ stream: UInt32, _ increment: UInt32) -> [UInt8] {
    frame(8, stream: stream, payload: bytes(increment))
  }

  static func ping() -> [UInt8] { frame(6, payload: [UInt8](repeating: 7, count: 8)) }

  /// Literals without indexing, as HPACK has them.
  static func block(_ fields: [(String, String)]) -> [UInt8] {
    fields.flatMap { [0] + literal($0) + literal($1) }
  }

  private static func literal(_ text: String) -> [UInt8] {
    var length = text.utf8.count
    guard length >= 127 else { return [UInt8(length)] + text.utf8 }
    var prefix: [UInt8] = [127]
    length -= 127
    while length >= 128 {
      prefix.append(UInt8(length % 128) | 128)
      length /= 128
    }
    return prefix + [UInt8(length)] + text.utf8
  }

  // MARK: Receiving

  /// Waits until what has come is as wanted.
  @discardableResult
  func wait(until isThere: (Inbox) -> Bool) throws -> Inbox { try collector.wait(until: isThere) }

  /// The whole answer on a stream, or as much as there is of one that was reset or closed.
  func reply(_ stream: UInt32) throws -> Reply {
    try wait { $0.replies[stream]?.hasEnded ?? false || $0.replies[stream]?.reset != nil || $0.isClosed }
      .replies[stream] ?? Reply()
  }

  func get(_ stream: UInt32, _ path: String = "/metrics", _ more: [(String, String)] = []) throws -> Reply {
    send(Self.request(stream, path, more))
    return try reply(stream)
  }

  private final class Collector: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer

    private let condition = NSCondition()
    private var inbox = Inbox()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let bytes = unwrapInboundIn(data).readableBytesView
      change { inbox in
        inbox.bytes += bytes
        while inbox.takeFrame() {}
      }
    }

    func channelInactive(context: ChannelHandlerContext) { change { $0.isClosed = true } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func change(_ body: (inout Inbox) -> Void) {
      condition.lock()
      body(&inbox)
      condition.broadcast()
      condition.unlock()
    }

    func wait(until isThere: (Inbox) -> Bool) throws -> Inbox {
      let end = Date.now + 60
      condition.lock()
      defer { condition.unlock() }
      while !isThere(inbox) {
        guard condition.wait(until: end) else { throw TimedOut() }
      }
      return inbox
    }
  }
}

extension FrameClient.Inbox {
  fileprivate mutating func takeFrame() -> Bool {
    guard bytes.count >= 9 else { return false }
    let length = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
    guard bytes.count >= 9 + length else { return false }
    let (type, flags, stream) = (bytes[3], bytes[4], number(at: 5))
    let payload = Array(bytes[9..<(9 + length)])
    switch type {
    case 0: replies[stream, default: FrameClient.Reply()].body += payload
    case 1: take(payload, stream)
    case 3: replies[stream, default: FrameClient.Reply()].reset = number(at: 9)
    case 6: pings += 1
    case 7: (lastStream, goodbye) = (number(at: 9), number(at: 13))
    default: break
    }
    if type <= 1, flags & 1 != 0 { replies[stream]?.hasEnded = true }
    bytes.removeFirst(9 + length)
    return true
  }

  private mutating func take(_ payload: [UInt8], _ stream: UInt32) {
    var block = ByteBuffer(bytes: payload)
    for (name, value, _) in (try? decoder.decodeHeaders(from: &block)) ?? [:] {
      if name == ":status" {
        replies[stream, default: FrameClient.Reply()].status = Int(value) ?? 0
      } else {
        replies[stream, default: FrameClient.Reply()].headers[name] = value
      }
    }
  }

  private func number(at offset: Int) -> UInt32 {
    bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) }
  }
}

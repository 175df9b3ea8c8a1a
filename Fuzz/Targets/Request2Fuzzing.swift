import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Serving

extension FuzzTarget {
  /// The frames that a client of HTTP/2 sends behind its greeting.
  static let request2 = FuzzTarget("request-2") { Request2Fuzzing.shared.send($0) }
}

/// A server with TLS, and a client that greets it, sends what it is told to, and asks with a PING whether the server is
/// still there: it answers, or ends the connection.
private final class Request2Fuzzing: @unchecked Sendable {
  static let shared = Request2Fuzzing()

  /// How often a connection is followed by an ordinary request, by frames alone.
  private static let checkInterval = 64
  private static let patience = DispatchTimeInterval.seconds(20)
  /// How much a frame may hold where nothing else was agreed upon.
  private static let frameBytesMax = 16_384

  private let port: UInt16
  private let context: NIOSSLContext
  private var count = 0

  private init() {
    guard let security = try? Self.security(), let context = try? Self.clientContext() else {
      preconditionFailure("openssl makes a certificate")
    }
    port = FuzzedServer.start(security: security)
    self.context = context
  }

  private static func security() throws -> ConnectionSecurity? {
    let folder = FileManager.default.temporaryDirectory.appending(path: "fuzz-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let openssl = Process()
    openssl.executableURL = URL(filePath: "/usr/bin/env")
    openssl.arguments = [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=localhost", "-keyout", folder.appending(path: "key").path, "-out",
      folder.appending(path: "cert").path,
    ]
    openssl.standardError = FileHandle.nullDevice
    try openssl.run()
    openssl.waitUntilExit()
    let file = folder.appending(path: "web.yml")
    try Data("tls_server_config: { cert_file: cert, key_file: key }\n".utf8).write(to: file)
    return ConnectionSecurity.load(path: file.path).security
  }

  private static func clientContext() throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = .none
    configuration.applicationProtocols = ["h2"]
    return try NIOSSLContext(configuration: configuration)
  }

  func send(_ frames: [UInt8]) {
    _ = answer(to: Self.completed(frames))
    count += 1
    if count % Self.checkInterval == 1 {
      let fields: [UInt8] = [
        0x82, 0x87, 0x84, 0x41, 0x09,  // GET, https, /, and who is asked
      ]
      let block = fields + Array("localhost".utf8)
      let answer = answer(to: Self.frame(1, flags: 5, stream: 1, block))
      precondition(answer.contains { $0.type == 1 && $0.stream == 1 }, "the server does not answer any more")
    }
  }

  private static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt8 = 0, _ payload: [UInt8]) -> [UInt8] {
    [0, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF), type, flags, 0, 0, 0, stream] + payload
  }

  /// What of the last frame is not there is zeros, so that what is sent behind it is a frame.
  private static func completed(_ frames: [UInt8]) -> [UInt8] {
    var frames = frames
    var start = 0
    while start < frames.count {
      frames.fill(to: start + 9)
      let length = frames[start..<(start + 3)].reduce(0) { $0 << 8 | Int($1) }
      // The server ends the connection at the length of a longer one.
      if length > frameBytesMax { break }
      start += 9 + length
      frames.fill(to: start)
    }
    return frames
  }

  /// The frames that come until the server has answered the PING or ended the connection.
  private func answer(to frames: [UInt8]) -> [Inbox.Frame] {
    let (socket, inbox) = (Socket(), Inbox())
    let channel = try? ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { [context] channel in
        channel.eventLoop.makeCompletedFuture {
          let tls = try NIOSSLClientHandler(context: context, serverHostname: nil)
          try channel.pipeline.syncOperations.addHandlers([socket, tls, inbox])
        }
      }
      .connect(host: "127.0.0.1", port: Int(port)).wait()
    guard let channel else { preconditionFailure("the server does not accept any more") }
    let greeting = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + Self.frame(4, [])
    let ping = Self.frame(6, Inbox.question)
    channel.writeAndFlush(ByteBuffer(bytes: greeting + frames + ping), promise: nil)
    precondition(inbox.ended.wait(timeout: .now() + Self.patience) == .success, "the server is silent after \(frames)")
    channel.eventLoop.execute { socket.close() }
    try? channel.closeFuture.wait()
    return inbox.frames
  }

  /// Closes a connection without a word of TLS, to which a server that waits for the rest of a request has no answer.
  private final class Socket: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }
    func close() { context?.close(promise: nil) }
  }

  /// What has come; to be looked at when the connection is closed.
  private final class Inbox: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    struct Frame {
      var type: UInt8
      var stream: UInt8
    }

    static let question = Array("are you?".utf8)

    let ended = DispatchSemaphore(value: 0)
    private(set) var frames: [Frame] = []
    private var bytes: [UInt8] = []

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      bytes += unwrapInboundIn(data).readableBytesView
      while bytes.count >= 9 {
        let length = bytes[..<3].reduce(0) { $0 << 8 | Int($1) }
        guard bytes.count >= 9 + length else { return }
        frames.append(Frame(type: bytes[3], stream: bytes[8]))
        let isAnswer = bytes[3] == 6 && bytes[9..<(9 + length)].elementsEqual(Self.question)
        bytes.removeFirst(9 + length)
        if isAnswer { ended.signal() }
      }
    }

    func channelInactive(context: ChannelHandlerContext) { ended.signal() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}

extension [UInt8] {
  fileprivate mutating func fill(to length: Int) {
    self += [UInt8](repeating: 0, count: Swift.max(0, length - count))
  }
}

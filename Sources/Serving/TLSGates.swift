internal import Clocks
internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// Stands before TLS: tells a client that speaks plain HTTP what is wrong, as Go's server does.
final class PlainRequestGate: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private static let answer =
    "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
    + "Connection: close\r\n\r\n400 Bad Request: this port speaks HTTPS\n"

  private enum State {
    case first, passes, refused
  }

  private let responses: ResponseCounts
  private let log: HandshakeLog
  private var state = State.first

  /// Whether the client has sent anything.
  var hasHeard: Bool { state != .first }
  var isRefused: Bool { state == .refused }

  init(_ responses: ResponseCounts, _ log: HandshakeLog) {
    self.responses = responses
    self.log = log
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if state == .first {
      let bytes = unwrapInboundIn(data).readableBytesView
      guard let first = bytes.first else { return }
      let isLetter = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first & 0xdf)
      state = isLetter ? .refused : .passes
      if isLetter {
        responses.count(.badRequest)
        log.refused(context.remoteAddress, .plainHTTP)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: Self.answer)), promise: nil)
        context.close(promise: nil)
      }
    }
    if state == .passes { context.fireChannelRead(data) }
  }
}

/// Stands behind TLS: lets requests through once the client's certificate has an allowed name and is still good, and says
/// why a client was turned away. TLS itself looks at a certificate only when it is shown, and a client that resumes a
/// session shows none. A connection ends with the certificate, after the response that it is at.
final class ClientGate: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  /// No connection needs to be older, and no timer to be set for longer.
  private static let connectionMax: Duration = .seconds(24 * 3_600)

  private let allowed: Set<String>
  private let tls: NIOSSLServerHandler
  private let plain: PlainRequestGate
  private let door: ConnectionDoor
  private let log: HandshakeLog
  private let clock: TimeSource
  private var isRefused = false
  private var timer: PhaseTimer?

  init(
    allowed: Set<String>,
    tls: NIOSSLServerHandler,
    plain: PlainRequestGate,
    door: ConnectionDoor,
    log: HandshakeLog,
    clock: TimeSource
  ) {
    self.allowed = allowed
    self.tls = tls
    self.plain = plain
    self.door = door
    self.log = log
    self.clock = clock
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.stop()
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.stop()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted = event, let certificate = tls.peerCertificate {
      if let failure = fault(of: certificate) {
        isRefused = true
        log.refused(context.remoteAddress, failure)
        return context.close(promise: nil)
      }
      timer = PhaseTimer(context.eventLoop) { context.fireUserInboundEventTriggered(ConnectionLedger.Stop()) }
      timer?.expect(within: min(.seconds(certificate.notValidAfter + 1 - seconds), Self.connectionMax))
    }
    context.fireUserInboundEventTriggered(event)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if !isRefused { context.fireChannelRead(data) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // What stands before has refused a plain request, and said so; and a handshake that ends because another client needs
    // its place, or because the server stops, is no failure of this one.
    if case NIOSSLError.handshakeFailed(let error) = error, !plain.isRefused, !door.isShut {
      let failure = HandshakeFailure(error, certificate: tls.peerCertificate, at: seconds)
      log.refused(context.remoteAddress, failure, isTold: plain.hasHeard)
    }
    context.fireErrorCaught(error)
  }

  private var seconds: Int { Int(clock.now.wall / 1_000_000_000) }

  private func fault(of certificate: NIOSSLCertificate) -> HandshakeFailure? {
    if let fault = certificate.fault(of: HandshakeFailure.theirs, at: seconds) {
      return HandshakeFailure(reason: .certificate, words: fault)
    }
    return allowed.isEmpty || !allowed.isDisjoint(with: certificate.alternativeNames) ? nil : .name
  }
}

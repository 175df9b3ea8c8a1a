internal import Logging
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
  private var state = State.first

  init(_ responses: ResponseCounts) {
    self.responses = responses
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if state == .first {
      let bytes = unwrapInboundIn(data).readableBytesView
      guard let first = bytes.first else { return }
      let isLetter = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first & 0xdf)
      state = isLetter ? .refused : .passes
      if isLetter {
        responses.count(.badRequest)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: Self.answer)), promise: nil)
        context.close(promise: nil)
      }
    }
    if state == .passes { context.fireChannelRead(data) }
  }
}

/// Stands behind TLS: lets requests through once the client's certificate has an allowed name, and says in the log why
/// a client was turned away.
final class ClientNameGate: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let allowed: Set<String>
  private let tls: NIOSSLServerHandler
  private let log: HandshakeLog
  private var isRefused = false

  init(allowed: Set<String>, tls: NIOSSLServerHandler, log: HandshakeLog) {
    self.allowed = allowed
    self.tls = tls
    self.log = log
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted = event, !allowed.isEmpty, let certificate = tls.peerCertificate,
      allowed.isDisjoint(with: certificate.alternativeNames)
    {
      isRefused = true
      log.refused(context.remoteAddress, "the client's certificate has none of the allowed names")
      return context.close(promise: nil)
    }
    context.fireUserInboundEventTriggered(event)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if !isRefused { context.fireChannelRead(data) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if case NIOSSLError.handshakeFailed(let reason) = error { log.refused(context.remoteAddress, "\(reason)") }
    context.fireErrorCaught(error)
  }
}

internal import NIOCore

/// Stands before the HTTP decoder: tells the connection that bytes have come (the decoder speaks only of whole
/// heads), and keeps from the decoder what the connection no longer wants.
final class InboundGate: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let connection: ConnectionHandler

  init(connection: ConnectionHandler) {
    self.connection = connection
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    while let part = connection.next(&bytes) { context.fireChannelRead(wrapInboundOut(part)) }
  }
}

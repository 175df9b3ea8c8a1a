internal import NIOCore

/// Stands before the HTTP decoder: tells the connection that bytes have come (the decoder speaks only of whole
/// heads), and keeps from the decoder what the connection no longer wants. It never looks into the bytes.
final class InboundGate: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let connection: ConnectionHandler

  init(connection: ConnectionHandler) {
    self.connection = connection
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if connection.takes(unwrapInboundIn(data)) { context.fireChannelRead(data) }
  }
}

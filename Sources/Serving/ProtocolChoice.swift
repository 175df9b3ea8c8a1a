internal import NIOCore
internal import NIOTLS

/// Stands behind TLS until the handshake is done, and gives its place to what client and server have agreed upon: HTTP/2,
/// or else HTTP/1. A handshake that takes too long ends here. It never sees a byte of a request.
final class ProtocolChoice: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  /// As ALPN calls it.
  static let http2Name = "h2"
  static let http1Name = "http/1.1"

  private let setup: ConnectionSetup
  private let door: ConnectionDoor
  private var timer: PhaseTimer?
  private var place: Places.Place?

  init(setup: ConnectionSetup, door: ConnectionDoor) {
    self.setup = setup
    self.door = door
  }

  func handlerAdded(context: ChannelHandlerContext) {
    timer = PhaseTimer(context.eventLoop) { [setup, door] in
      setup.handshakes.refused(context.remoteAddress, .timeout, isTold: false)
      door.shut()
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    end()
  }

  private func end() {
    timer?.stop()
    place = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    timer?.expect(within: setup.service.limits.headerTimeout)
    place = setup.service.handshakes.take(for: door.client, on: context.eventLoop) { [weak door] in
      door?.shut()
    }
    if place == nil { return door.shut() }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case TLSUserEvent.handshakeCompleted(let name):
      let pipeline = context.pipeline.syncOperations
      do {
        if name == Self.http2Name {
          try setup.addHTTP2(to: pipeline, door, context.eventLoop)
        } else {
          try setup.addHTTP1(to: pipeline, door)
        }
        pipeline.removeHandler(context: context, promise: nil)
      } catch {
        context.close(promise: nil)
      }
    case is ConnectionLedger.Stop: door.shut()
    case ChannelEvent.inputClosed: context.close(promise: nil)
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}

internal import NIOCore
internal import NIOPosix

/// A connection's way in. It stands first behind the socket, holds the connection's place among all,
/// and ends it at once, without the goodbyes that TLS and HTTP/2 would wait for, when another client needs the place. It
/// never looks at what passes.
final class ConnectionDoor: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  let client: ClientAddress
  private var context: ChannelHandlerContext?
  private var place: Places.Place?
  /// Whether it was this side that ended the connection here.
  private(set) var isShut = false

  /// nil: the place is another's by now.
  init?(_ client: ClientAddress, _ place: Places.Place, on loop: any EventLoop) {
    self.client = client
    self.place = place
    guard place.entrust(loop.bound({ [weak self] in self?.shut() })) else { return nil }
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    end()
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func note(_ use: FairShares.Use) { place?.note(use) }

  /// - Parameter resets: whether what the system has still to send is not worth keeping, as nobody reads it.
  func shut(resets: Bool = false) {
    place = nil
    isShut = true
    guard let context else { return }
    if resets, let socket = context.channel as? any SocketOptionProvider {
      _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }
    context.close(promise: nil)
  }

  private func end() {
    context = nil
    place = nil
  }
}

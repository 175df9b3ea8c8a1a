internal import Glibc
internal import NIOCore
internal import NIOPosix

/// A connection from its accept to its end. It stands first behind the socket, holds the connection's place among all,
/// and ends it at once, without the goodbyes that TLS and HTTP/2 would wait for, when another client needs the place. It
/// never looks at what passes.
final class ConnectionDoor: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  let client: ClientAddress
  let channel: any Channel
  private(set) var isShut = false
  private var context: ChannelHandlerContext?
  private var place: Places.Place?

  init(_ channel: any Channel) {
    self.channel = channel
    client = ClientAddress(of: channel)
  }

  /// - Returns: whether there is a place.
  func open(_ connections: Places) -> Bool {
    place = connections.take(for: client, on: channel.eventLoop) { [weak self] in self?.shut() }
    return place != nil
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

  func note(_ use: FairShares<Int>.Use) { place?.note(use) }

  /// - Parameter resets: whether what the system has still to send is not worth keeping, as nobody reads it.
  func shut(resets: Bool = false) {
    guard !isShut else { return }
    isShut = true
    if resets, let socket = channel as? any SocketOptionProvider {
      _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }
    if let context { context.close(promise: nil) } else { channel.close(promise: nil) }
    place = nil
  }

  private func end() {
    isShut = true
    context = nil
    place = nil
  }
}

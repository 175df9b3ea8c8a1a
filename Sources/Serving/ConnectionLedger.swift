internal import NIOCore
internal import Synchronization

/// The open connections of all listeners. It calls them; it never decides about one.
final class ConnectionLedger: Sendable {
  /// Sent to every connection when the server stops: finish the response in flight, then close.
  struct Stop {}

  private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

  var all: [any Channel] { open.withLock { Array($0.values) } }

  func add(_ channel: any Channel) {
    let id = ObjectIdentifier(channel)
    open.withLock { $0[id] = channel }
    channel.closeFuture.whenComplete { _ in
      self.open.withLock { _ = $0.removeValue(forKey: id) }
    }
  }

  func tellAll(_ event: some Sendable) {
    for channel in all { channel.pipeline.fireUserInboundEventTriggered(event) }
  }
}

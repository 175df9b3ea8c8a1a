internal import Logging
internal import NIOCore
internal import Synchronization

/// Says which clients TLS turned away, and why; never more often than somebody could read it.
final class HandshakeLog: Sendable {
  private static let interval: TimeAmount = .seconds(10)

  private let logger: Logger
  private let last = Mutex<NIODeadline?>(nil)

  init(logger: Logger) {
    self.logger = logger
  }

  func refused(_ client: SocketAddress?, _ reason: String) {
    let now = NIODeadline.now()
    let isDue = last.withLock { last in
      if let last, now - last < Self.interval { return false }
      last = now
      return true
    }
    guard isDue else { return }
    logger.warning(
      "client refused by TLS",
      metadata: ["client": "\(client?.ipAddress ?? "?")", "reason": "\(reason)"]
    )
  }
}

internal import Clocks
internal import Logging
internal import NIOCore
internal import Synchronization

/// Says which clients TLS turned away, and why; never more often than somebody could read it.
final class HandshakeLog: Sendable {
  private static let interval: Duration = .seconds(10)

  private let logger: Logger
  private let clock: TimeSource
  /// In nanoseconds of the monotonic clock.
  private let last = Mutex<Int64?>(nil)

  init(logger: Logger, clock: TimeSource) {
    self.logger = logger
    self.clock = clock
  }

  func refused(_ client: SocketAddress?, _ reason: String) {
    let now = clock.now.monotonic
    let isDue = last.withLock { last in
      if let last, now - last < Self.interval.wholeNanoseconds { return false }
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

internal import Clocks
internal import Logging
internal import NIOCore
internal import Synchronization

/// Counts the clients that TLS turned away, and says why in the log; never more often than somebody could read it, and so
/// that many of one kind do not take the place of another.
final class HandshakeLog: Sendable {
  /// How long nothing more is said of the same client for the same reason.
  private static let interval: Duration = .seconds(60)
  /// How many clients are told of in that time for one reason.
  private static let linesMax = 4

  private struct Line {
    let client: String
    /// In nanoseconds of the monotonic clock.
    let at: Int64
  }

  private let counts: RefusalCounts<HandshakeFailure.Reason>
  private let logger: Logger
  private let clock: TimeSource
  private let lines = Mutex<[HandshakeFailure.Reason: [Line]]>([:])

  init(counts: RefusalCounts<HandshakeFailure.Reason>, logger: Logger, clock: TimeSource) {
    self.counts = counts
    self.logger = logger
    self.clock = clock
  }

  /// - Parameter isTold: whether the log may say it, too. What only looks whether the port is open is counted.
  func refused(_ client: SocketAddress?, _ failure: HandshakeFailure, isTold: Bool = true) {
    counts.count(failure.reason)
    let client = client?.ipAddress ?? "?"
    guard isTold, isDue(client, failure.reason) else { return }
    logger.warning("client refused by TLS", metadata: ["client": "\(client)", "reason": "\(failure.words)"])
  }

  private func isDue(_ client: String, _ reason: HandshakeFailure.Reason) -> Bool {
    let now = clock.now.monotonic
    return lines.withLock { lines in
      var said = (lines[reason] ?? []).filter { now - $0.at < Self.interval.wholeNanoseconds }
      let isDue = said.count < Self.linesMax && !said.contains { $0.client == client }
      if isDue { said.append(Line(client: client, at: now)) }
      lines[reason] = said
      return isDue
    }
  }
}

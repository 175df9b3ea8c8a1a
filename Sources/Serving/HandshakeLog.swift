internal import Clocks
internal import Logging
internal import NIOCore
internal import Synchronization

/// Counts the clients that TLS turned away, and says why in the log; never more often than somebody could read it, and so
/// that many of one kind do not take the place of another.
final class HandshakeLog: Sendable {
  /// How long nothing more is said of the same client in the same words.
  private static let interval: Duration = .seconds(60)
  /// How many lines there may be in that time for one reason.
  private static let linesMax = 4

  private struct Line {
    let client: String
    let words: String
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
    guard isTold, isDue(client, failure) else { return }
    logger.warning("client refused by TLS", metadata: ["client": "\(client)", "reason": "\(failure.words)"])
  }

  private func isDue(_ client: String, _ failure: HandshakeFailure) -> Bool {
    let now = clock.now.monotonic
    return lines.withLock { lines in
      var said = (lines[failure.reason] ?? []).filter { now - $0.at < Self.interval.wholeNanoseconds }
      let isNew = !said.contains { $0.client == client && $0.words == failure.words }
      let isDue = isNew && said.count < Self.linesMax
      if isDue { said.append(Line(client: client, words: failure.words, at: now)) }
      lines[failure.reason] = said
      return isDue
    }
  }
}

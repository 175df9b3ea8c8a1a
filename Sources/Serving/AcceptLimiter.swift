internal import Glibc
internal import Logging
internal import NIOCore

/// Stands before a listener's accept: enters connections in the ledger, and makes room when the system has no descriptor
/// or memory for another. Everybody is let in; who then has to go is decided behind it.
final class AcceptLimiter: ChannelInboundHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel

  /// How long nothing is accepted after the system could not, and nobody could go. Trying costs one system call.
  private static let pauseDelay: TimeAmount = .milliseconds(100)

  private let ledger: ConnectionLedger
  private let connections: Places
  private let hits: ClientLimitHits
  private let logger: Logger
  private var isPaused = false
  private var hasWarned = false

  init(ledger: ConnectionLedger, connections: Places, hits: ClientLimitHits, logger: Logger) {
    self.ledger = ledger
    self.connections = connections
    self.hits = hits
    self.logger = logger
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    ledger.add(unwrapInboundIn(data))
    context.fireChannelRead(data)
  }

  /// The client that could not be accepted is still there, so the listener is readable all the time: swift-nio would try
  /// again and again, whether anybody wants to read or not.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) else {
      return context.fireErrorCaught(error)
    }
    hits.count(.fileDescriptors)
    if !hasWarned {
      hasWarned = true
      let reason = strerror(error.errnoCode).map { String(cString: $0) } ?? "error \(error.errnoCode)"
      logger.warning("no connection can be accepted; silent ones are closed", metadata: ["reason": "\(reason)"])
    }
    if isPaused || connections.makeRoom() { return }
    isPaused = true
    try? context.channel.syncOptions?.setOption(.autoRead, value: false)
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.pauseDelay) {
      self.isPaused = false
      if context.channel.isActive { try? context.channel.syncOptions?.setOption(.autoRead, value: true) }
    }
  }
}

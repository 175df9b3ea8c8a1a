internal import Clocks
internal import Glibc
internal import Logging
internal import NIOCore

/// Stands before a listener's accept and holds it back while too many connections are open, or while the system has no
/// descriptor or memory for another: clients then wait in the system's queue instead of being turned away.
final class AcceptLimiter: ChannelDuplexHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel
  typealias OutboundIn = Never

  /// How often a held back listener looks for room: short against a scrape's timeout, rare against its cost.
  private static let retryDelay: TimeAmount = .milliseconds(20)
  /// How long nothing is accepted after the system could not. Trying costs one system call.
  private static let pauseDelay: TimeAmount = .milliseconds(100)
  /// How often idle connections are asked to leave, and the operator told.
  private static let makeRoomInterval: Duration = .seconds(1)
  private static let warningInterval: Duration = .seconds(60)

  private let ledger: ConnectionLedger
  private let connectionsMax: Int
  private let logger: Logger
  private let clock: TimeSource
  /// In nanoseconds of the monotonic clock.
  private var roomMade: Int64?
  private var warned: Int64?
  private var retryIsScheduled = false
  private var isPaused = false

  init(ledger: ConnectionLedger, connectionsMax: Int, logger: Logger, clock: TimeSource) {
    self.ledger = ledger
    self.connectionsMax = connectionsMax
    self.logger = logger
    self.clock = clock
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    ledger.add(unwrapInboundIn(data))
    context.fireChannelRead(data)
  }

  func read(context: ChannelHandlerContext) {
    guard ledger.count >= connectionsMax else { return context.read() }
    makeRoom("connection limit reached, new clients wait", ["connections": "\(connectionsMax)"])
    guard !retryIsScheduled else { return }
    retryIsScheduled = true
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.retryDelay) {
      self.retryIsScheduled = false
      if context.channel.isActive { self.read(context: context) }
    }
  }

  /// The client that could not be accepted is still there, so the listener is readable all the time: swift-nio would try
  /// again and again, whether anybody wants to read or not.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) else {
      return context.fireErrorCaught(error)
    }
    guard !isPaused else { return }
    isPaused = true
    let reason = strerror(error.errnoCode).map { String(cString: $0) } ?? "error \(error.errnoCode)"
    makeRoom("no connection can be accepted, new clients wait", ["reason": "\(reason)"])
    try? context.channel.syncOptions?.setOption(.autoRead, value: false)
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.pauseDelay) {
      self.isPaused = false
      if context.channel.isActive { try? context.channel.syncOptions?.setOption(.autoRead, value: true) }
    }
  }

  private func makeRoom(_ warning: Logger.Message, _ metadata: Logger.Metadata) {
    let now = clock.now.monotonic
    if roomMade.map({ now - $0 >= Self.makeRoomInterval.wholeNanoseconds }) ?? true {
      roomMade = now
      ledger.tellAll(ConnectionLedger.MakeRoom())
    }
    if warned.map({ now - $0 >= Self.warningInterval.wholeNanoseconds }) ?? true {
      warned = now
      logger.warning(warning, metadata: metadata)
    }
  }
}

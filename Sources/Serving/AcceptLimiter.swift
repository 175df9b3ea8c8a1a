internal import Logging
internal import NIOCore

/// Stands before a listener's accept and holds it back while too many connections are open: clients then wait in the
/// system's queue instead of being turned away. Out of descriptors, swift-nio's own back-off holds it back too.
final class AcceptLimiter: ChannelDuplexHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel
  typealias OutboundIn = Never

  /// How often a held back listener looks for room: short against a scrape's timeout, rare against its cost.
  private static let retryDelay: TimeAmount = .milliseconds(20)
  /// How often idle connections are asked to leave, and the operator told.
  private static let makeRoomInterval: TimeAmount = .seconds(1)
  private static let warningInterval: TimeAmount = .seconds(60)

  private let ledger: ConnectionLedger
  private let connectionsMax: Int
  private let logger: Logger
  private var roomMade: NIODeadline?
  private var warned: NIODeadline?
  private var retryIsScheduled = false

  init(ledger: ConnectionLedger, connectionsMax: Int, logger: Logger) {
    self.ledger = ledger
    self.connectionsMax = connectionsMax
    self.logger = logger
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    ledger.add(unwrapInboundIn(data))
    context.fireChannelRead(data)
  }

  func read(context: ChannelHandlerContext) {
    guard ledger.count >= connectionsMax else { return context.read() }
    makeRoom()
    guard !retryIsScheduled else { return }
    retryIsScheduled = true
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.retryDelay) {
      self.retryIsScheduled = false
      if context.channel.isActive { self.read(context: context) }
    }
  }

  private func makeRoom() {
    let now = NIODeadline.now()
    if roomMade.map({ now - $0 >= Self.makeRoomInterval }) ?? true {
      roomMade = now
      ledger.tellAll(ConnectionLedger.MakeRoom())
    }
    if warned.map({ now - $0 >= Self.warningInterval }) ?? true {
      warned = now
      logger.warning("connection limit reached, new clients wait", metadata: ["connections": "\(connectionsMax)"])
    }
  }
}

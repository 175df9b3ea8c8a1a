internal import Glibc
internal import Logging
internal import NIOCore

/// Stands before a listener's accept. It takes whoever comes out of the system's queue at once, gives them places, and
/// lets them in by turns of the clients: so nobody waits behind the many connections of another. Who has to go when there
/// are too many, `Places` decides; most of a flood goes before anything was set up for it.
final class ConnectionReception: ChannelInboundHandler {
  typealias InboundIn = any Channel
  typealias InboundOut = any Channel

  /// So many are let in before requests get their turn, and how soon the next are.
  private static let batch = 16
  private static let interval: TimeAmount = .milliseconds(1)
  /// How long nothing is accepted after the system could not, and nobody could go. Trying costs one system call.
  private static let pauseDelay: TimeAmount = .milliseconds(100)

  private let ledger: ConnectionLedger
  private let setup: ConnectionSetup
  private let logger: Logger
  private var waiting = Turns<(ConnectionDoor, NIOAny)>()
  private var isScheduled = false
  private var isPaused = false
  private var hasWarned = false

  init(ledger: ConnectionLedger, setup: ConnectionSetup, logger: Logger) {
    self.ledger = ledger
    self.setup = setup
    self.logger = logger
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let channel = unwrapInboundIn(data)
    ledger.add(channel)
    let door = ConnectionDoor(channel)
    if door.open(setup.service.connections) { waiting.append((door, data), of: door.client) } else { door.shut() }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if !isScheduled { letIn(context) }
    context.fireChannelReadComplete()
  }

  func channelInactive(context: ChannelHandlerContext) {
    while let (door, _) = waiting.next() { door.shut() }
    context.fireChannelInactive()
  }

  private func letIn(_ context: ChannelHandlerContext) {
    var count = 0
    while count < Self.batch, let (door, data) = waiting.next() {
      if door.isShut { continue }
      count += 1
      do {
        try setup.addHandlers(to: door)
        context.fireChannelRead(data)
      } catch {
        door.shut()
      }
    }
    guard !waiting.isEmpty else { return }
    isScheduled = true
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.interval) {
      self.isScheduled = false
      if context.channel.isActive { self.letIn(context) }
    }
  }

  /// The client that could not be accepted is still there, so the listener is readable all the time: swift-nio would try
  /// again and again, whether anybody wants to read or not.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) else {
      return context.fireErrorCaught(error)
    }
    setup.service.hits.count(.fileDescriptors)
    if !hasWarned {
      hasWarned = true
      let reason = strerror(error.errnoCode).map { String(cString: $0) } ?? "error \(error.errnoCode)"
      logger.warning("no connection can be accepted; silent ones are closed", metadata: ["reason": "\(reason)"])
    }
    if isPaused || setup.service.connections.makeRoom() { return }
    isPaused = true
    try? context.channel.syncOptions?.setOption(.autoRead, value: false)
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.pauseDelay) {
      self.isPaused = false
      if context.channel.isActive { try? context.channel.syncOptions?.setOption(.autoRead, value: true) }
    }
  }
}

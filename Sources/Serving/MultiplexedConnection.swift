internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2

/// What belongs to an HTTP/2 connection as a whole: how long it may be without a request, how many it may ask, and how it
/// ends. Frames are swift-nio's matter, requests that of `StreamHandler`. It never sees a request.
final class MultiplexedConnection: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame
  typealias OutboundOut = HTTP2Frame

  private let limits: ServerLimits
  private let hits: RefusalCounts<ClientLimit>
  private let door: ConnectionDoor
  private var context: ChannelHandlerContext?
  private var timer: PhaseTimer?
  private var openCount = 0
  /// Of the open streams those whose answers wait for the client to read.
  private var unread: Set<HTTP2StreamID> = []
  private var requestCount = 0
  private var lastStream = HTTP2StreamID.rootStream
  private var tinyUpdateCount = 0
  private var takenBackCount = 0
  /// Whether the client has sent frames that end the connection: counted once, whatever comes of it.
  private var hasBrokenRules = false
  /// The client has been told to go; the last stream that is open ends the connection.
  private var isLeaving = false
  private var isClosing = false
  /// Whether requests may still come, to be refused, from a client that has not read yet that it should go.
  private var awaitsStragglers = true

  init(_ service: Service, _ door: ConnectionDoor) {
    limits = service.limits
    hits = service.hits
    self.door = door
  }

  var client: ClientAddress { door.client }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    timer = PhaseTimer(context.eventLoop) { self.deadlineIsMissed() }
    timer?.expect(within: limits.headerTimeout)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    end()
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func end() {
    context = nil
    timer?.stop()
  }

  // MARK: Streams

  func opened(_ stream: HTTP2StreamID) {
    openCount += 1
    requestCount += 1
    noteUse()
    lastStream = max(lastStream, stream)
    timer?.rest()
    if requestCount >= limits.connectionRequestsMax { leave() }
  }

  func closed(_ stream: HTTP2StreamID) {
    openCount -= 1
    unread.remove(stream)
    noteUse()
    guard openCount == 0, context != nil else { return }
    if isLeaving { awaitStragglers() } else { awaitNext() }
  }

  /// A client that takes a request back has had work done for nothing, and paid nothing for it.
  func tookBack() {
    takenBackCount += 1
    if takenBackCount > limits.requestsTakenBackMax { stopFlood() }
  }

  /// A client that lets us send a few bytes at a time has a frame and a record of TLS made for each.
  func windowGrew(by increment: Int) {
    guard increment < limits.windowUpdateBytesMin else { return }
    tinyUpdateCount += 1
    if tinyUpdateCount > limits.tinyWindowUpdatesMax { stopFlood() }
  }

  private func stopFlood() {
    countBrokenRules()
    close(.enhanceYourCalm)
  }

  private func countBrokenRules() {
    if !hasBrokenRules { hits.count(.http2Frames) }
    hasBrokenRules = true
  }

  /// What the client does with one of its streams.
  func note(_ use: FairShares.Use, by stream: HTTP2StreamID) {
    if use == .unread { unread.insert(stream) } else { unread.remove(stream) }
    noteUse()
  }

  /// The connection does what the busiest of its streams does.
  private func noteUse() { door.note(openCount == 0 ? .idle : unread.count == openCount ? .unread : .busy) }

  /// A client that does not read: one stream of it can be given up alone only if the others are read.
  func cutOff(_ stream: any Channel) {
    guard let channel = context?.channel else { return }
    if channel.isWritable { stream.close(promise: nil) } else { door.shut(resets: true) }
  }

  // MARK: The connection

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .windowUpdate(let increment) = unwrapInboundIn(data).payload { windowGrew(by: increment) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    // Frames that came too late for their stream: nothing was done for them, as the client has been told. A frame for a
    // stream that has ended or never began is none of these: swift-nio has said goodbye because of it.
    case is NIOHTTP2Errors.StreamError, is NIOHTTP2Errors.StreamClosed: break
    // What was to be sent on a connection that had ended.
    case is NIOHTTP2Errors.IOOnClosedConnection, is NIOHTTP2Errors.ActivationError: context.close(promise: nil)
    case is any NIOHTTP2Error, is any NIOHPACKError:
      countBrokenRules()
      context.close(promise: nil)
    // The client is gone, or the network between.
    default: context.close(promise: nil)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ConnectionLedger.Stop, ChannelEvent.inputClosed:
      awaitsStragglers = false
      if !isLeaving { leave() } else if openCount == 0 { close() }
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if openCount == 0, requestCount > 0, !isClosing, context.channel.isWritable {
      if isLeaving { awaitStragglers() } else { awaitNext() }
    }
    context.fireChannelWritabilityChanged()
  }

  /// The last answers may still be on their way.
  private func awaitNext() {
    expect(within: limits.idleTimeout)
  }

  private func expect(within duration: Duration) {
    guard let context else { return }
    timer?.expect(within: context.channel.isWritable ? duration : limits.stallTimeout)
  }

  /// Asks the client to ask no more here. What it asks before it has read that is refused one by one, by swift-nio: it may
  /// come again on another connection.
  private func leave() {
    guard !isLeaving else { return }
    isLeaving = true
    sayGoodbye(after: .maxID)
    if openCount == 0 { awaitStragglers() }
  }

  private func awaitStragglers() {
    if awaitsStragglers { expect(within: limits.lingerTimeout) } else { close() }
  }

  /// Says which requests were answered, and closes once that and all before it has left.
  private func close(_ code: HTTP2ErrorCode = .noError) {
    guard let context, !isClosing else { return }
    isLeaving = true
    isClosing = true
    timer?.expect(within: limits.stallTimeout)
    sayGoodbye(after: lastStream, code)?.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
  }

  @discardableResult
  private func sayGoodbye(after last: HTTP2StreamID, _ code: HTTP2ErrorCode = .noError) -> EventLoopFuture<Void>? {
    let payload = HTTP2Frame.FramePayload.goAway(lastStreamID: last, errorCode: code, opaqueData: nil)
    return context?.writeAndFlush(wrapOutboundOut(HTTP2Frame(streamID: .rootStream, payload: payload)))
  }

  private func deadlineIsMissed() {
    guard let context else { return }
    let isRead = context.channel.isWritable
    if requestCount == 0 {
      if !isLeaving { hits.count(.requestTime) }
    } else if !isRead, !isClosing {
      hits.count(.readTime)
    }
    if isClosing || !isRead {
      door.shut(resets: true)
    } else if isLeaving {
      close()
    } else {
      leave()
    }
  }
}

internal import NIOCore
internal import NIOHTTP1

/// One HTTP/1 connection's life: requests come in, are answered one after the other in their order, and every phase has
/// a deadline. It never answers itself: `Answering` does.
final class ConnectionHandler: ChannelDuplexHandler, AnswerCarrier {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private enum Phase {
    /// No request, not a byte of one.
    case awaiting
    case readingHead
    case answering
    /// The last response is out; what still comes in is dropped until the client is done or `lingerTimeout` ends.
    case draining
    case closed
  }

  private let service: Service
  private let door: ConnectionDoor
  private(set) var context: ChannelHandlerContext?
  private var timer: PhaseTimer?
  private lazy var answering = Answering(service, carrier: self)
  private var phase = Phase.awaiting
  private var requests = CircularBuffer<RequestRouter.Request>()
  private var requestCount = 0
  private var isPumping = false
  /// After a request that ends the connection, nothing more is taken in.
  private var takesInput = true
  private var inputIsClosed = false
  private var isStopping = false
  private var readIsHeldBack = false
  /// What is being read.
  private var cutter: RequestCutter

  init(_ service: Service, _ door: ConnectionDoor) {
    self.service = service
    self.door = door
    cutter = RequestCutter(lineBytesMax: service.limits.headerFieldBytesMax)
  }

  var client: ClientAddress { door.client }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    timer = PhaseTimer(context.eventLoop) { self.deadlineIsMissed() }
    // Over TLS the connection is older than its handler.
    if context.channel.isActive { expect(within: service.limits.headerTimeout) }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    end()
  }

  // MARK: What comes in

  /// The next of these bytes that the decoder may have: of one request at a time, since after some of them nothing more is
  /// taken in. `nil`: no more.
  func next(_ bytes: inout ByteBuffer) -> ByteBuffer? {
    guard takesInput, bytes.readableBytes > 0 else { return nil }
    let part = cutter.next(&bytes)
    if phase == .awaiting, cutter.line.readableBytes > 0 { readHead() }
    // The decoder would wait for more.
    if cutter.lacksVersion {
      take(.refused(.badRequest))
      return nil
    }
    return part
  }

  private func readHead() {
    phase = .readingHead
    // For the first request the time runs since the connection was made.
    if requestCount > 0 { expect(within: service.limits.headerTimeout) }
  }

  func channelActive(context: ChannelHandlerContext) {
    expect(within: service.limits.headerTimeout)
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard takesInput, case .head(let head) = unwrapInboundIn(data) else { return }
    var request = service.request(head, bodyFollows: RequestRouter.announcesBody(head))
    requestCount += 1
    if requestCount >= service.limits.connectionRequestsMax { request.closes = true }
    take(request)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
    if takesInput { take(.refused(RequestRouter.status(for: error, cutter))) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed:
      inputIsClosed = true
      if phase != .answering { context.close(promise: nil) }
    case is ConnectionLedger.Stop:
      isStopping = true
      takesInput = false
      requests.removeAll()
      if phase != .answering { context.close(promise: nil) }
    default:
      context.fireUserInboundEventTriggered(event)
    }
  }

  /// A client that sends faster than it is answered is not read from meanwhile.
  func read(context: ChannelHandlerContext) {
    if phase == .answering { readIsHeldBack = true } else { context.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if answering.isBlocked, context.channel.isWritable { pump() }
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func end() {
    phase = .closed
    takesInput = false
    context = nil
    timer?.stop()
    requests.removeAll()
    answering.stop()
  }

  // MARK: What goes out

  private func take(_ request: RequestRouter.Request) {
    if request.closes { takesInput = false }
    requests.append(request)
    if phase != .answering { pump() }
  }

  /// Answers what has been asked, as far as the client takes it. A loop and not a recursion, however many requests are
  /// waiting.
  private func pump() {
    guard !isPumping, phase != .closed else { return }
    isPumping = true
    defer { isPumping = false }
    phase = .answering
    while let context {
      switch answering.step() {
      case .waits: return
      case .done(endsCarrier: true): return drain(context)
      case .done(endsCarrier: false): continue
      case .idle:
        guard let request = requests.popFirst() else { return awaitNext(context) }
        note(.busy)
        answering.begin(request)
      }
    }
  }

  func resume() { pump() }

  func write(_ part: HTTPServerResponsePart, _ promise: EventLoopPromise<Void>?) {
    guard let context else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    context.write(wrapOutboundOut(part), promise: promise)
  }

  func ends(with request: RequestRouter.Request) -> Bool {
    request.closes || isStopping || (inputIsClosed && requests.isEmpty)
  }

  func takeNoMore() {
    takesInput = false
    requests.removeAll()
  }

  func note(_ use: FairShares.Use) { door.note(use) }

  func cutOff() {
    answering.stop()
    door.shut(resets: true)
  }

  private func awaitNext(_ context: ChannelHandlerContext) {
    context.flush()
    guard phase != .closed else { return }
    if isStopping || inputIsClosed { return context.close(promise: nil) }
    phase = .awaiting
    note(.idle)
    // A part of the next request may have come with the one before.
    if cutter.isWithin { readHead() } else { expect(within: service.limits.idleTimeout) }
    readOn(context)
  }

  private func drain(_ context: ChannelHandlerContext) {
    if isStopping || inputIsClosed { return context.close(promise: nil) }
    takesInput = false
    phase = .draining
    note(.idle)
    expect(within: service.limits.lingerTimeout)
    context.close(mode: .output, promise: nil)
    readOn(context)
  }

  private func readOn(_ context: ChannelHandlerContext) {
    guard readIsHeldBack else { return }
    readIsHeldBack = false
    context.read()
  }

  // MARK: Deadlines

  func expect(within duration: Duration) { timer?.expect(within: duration) }

  private func deadlineIsMissed() {
    guard let context else { return }
    switch phase {
    case .answering where answering.giveUp(): break
    case .answering:
      service.hits.count(.readTime)
      cutOff()
    case .readingHead:
      service.hits.count(.requestTime)
      take(.refused(.requestTimeout))
    case .awaiting:
      if requestCount == 0 { service.hits.count(.requestTime) }
      context.close(promise: nil)
    case .draining, .closed: context.close(promise: nil)
    }
  }
}

extension RequestRouter.Request {
  /// The answer to bytes that are no request; it ends the connection.
  static func refused(_ status: HTTPResponseStatus) -> Self {
    Self(source: .response(.error(status)), closes: true)
  }
}

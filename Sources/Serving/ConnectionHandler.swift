internal import Exposition
internal import NIOCore
internal import NIOHTTP1

/// One connection's life: requests come in, are answered one after the other in their order, and every phase has a
/// deadline. It never renders, never buffers a body, and hands the socket one piece of a response at a time.
final class ConnectionHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private enum Phase {
    /// No request, not a byte of one.
    case awaiting
    case readingHead
    case rendering
    case writing
    /// Small responses wait for the client to read the ones before.
    case blocked
    /// The last response is out; what still comes in is dropped until the client is done or `lingerTimeout` ends.
    case draining
    case closed
  }

  private let router: RequestRouter
  private let rendering: SharedWork<ExpositionVariant, ExpositionBody>
  private let reloading: SharedWork<ReloadOrder, ReloadAnswer>
  private let inFlight: RequestsInFlight
  private let responses: ResponseCounts
  private let security: ConnectionSecurity
  private let limits: ServerLimits
  private var context: ChannelHandlerContext?
  private var phase = Phase.awaiting
  private var requests = CircularBuffer<RequestRouter.Request>()
  private var requestCount = 0
  /// The response being written: what is left of its body, and what follows it.
  private var current: (unsent: UnsentBody, request: RequestRouter.Request)?
  /// What the work is for that `rendering` waits for; what comes of work that nobody waits for any more is dropped.
  private var awaited: Awaited?
  /// The current scrape's, from its beginning to its answer's end.
  private var place: RequestsInFlight.Place?
  private var isPumping = false
  /// After a request that ends the connection, nothing more is taken in.
  private var takesInput = true
  private var inputIsClosed = false
  private var isStopping = false
  private var readIsHeldBack = false
  /// What came first of the request being read, to tell one kind of broken request from another.
  private var opening: ByteBuffer?
  private var date = HTTPDate()
  private var deadline: NIODeadline = .distantFuture
  private var timer: (scheduled: Scheduled<Void>, fires: NIODeadline)?

  init(
    router: RequestRouter,
    rendering: SharedWork<ExpositionVariant, ExpositionBody>,
    reloading: SharedWork<ReloadOrder, ReloadAnswer>,
    inFlight: RequestsInFlight,
    responses: ResponseCounts,
    security: ConnectionSecurity,
    limits: ServerLimits
  ) {
    self.router = router
    self.rendering = rendering
    self.reloading = reloading
    self.inFlight = inFlight
    self.responses = responses
    self.security = security
    self.limits = limits
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
  }

  // MARK: What comes in

  /// Whether the decoder may have these bytes.
  func takes(_ bytes: ByteBuffer) -> Bool {
    guard takesInput else { return false }
    if phase == .awaiting {
      phase = .readingHead
      opening = bytes
      // For the first request the time runs since the connection was made.
      if requestCount > 0 { expect(within: limits.headerTimeout) }
    }
    return true
  }

  func channelActive(context: ChannelHandlerContext) {
    expect(within: limits.headerTimeout)
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard takesInput, case .head(let head) = unwrapInboundIn(data) else { return }
    var request = router.request(head)
    requestCount += 1
    if requestCount >= limits.connectionRequestsMax { request.closes = true }
    switch security.admission(head) {
    case .open: break
    case .refused(let response): request.source = .response(response)
    case .asks(let question): request.question = question
    }
    take(request)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
    if takesInput { take(.refused(RequestRouter.status(for: error, opening: opening))) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case ChannelEvent.inputClosed:
      inputIsClosed = true
      if !isAnswering { context.close(promise: nil) }
    case is ConnectionLedger.Stop:
      isStopping = true
      takesInput = false
      requests.removeAll()
      if !isAnswering { context.close(promise: nil) }
    case is ConnectionLedger.MakeRoom:
      if phase == .awaiting, requestCount > 0 { context.close(promise: nil) }
    default:
      context.fireUserInboundEventTriggered(event)
    }
  }

  /// A client that sends faster than it is answered is not read from meanwhile.
  func read(context: ChannelHandlerContext) {
    if isAnswering { readIsHeldBack = true } else { context.read() }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if phase == .blocked, context.channel.isWritable { pump() }
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    phase = .closed
    takesInput = false
    timer?.scheduled.cancel()
    timer = nil
    requests.removeAll()
    current = nil
    awaited = nil
    place = nil
    context.fireChannelInactive()
  }

  // MARK: What goes out

  private var isAnswering: Bool {
    phase == .rendering || phase == .writing || phase == .blocked
  }

  private func take(_ request: RequestRouter.Request) {
    if request.closes { takesInput = false }
    requests.append(request)
    if !isAnswering { pump() }
  }

  /// Writes as much as the client takes. A loop and not a recursion, however many requests are waiting.
  private func pump() {
    guard let context, !isPumping, phase != .closed else { return }
    isPumping = true
    defer { isPumping = false }
    phase = .writing
    while true {
      guard clientTakesMore(context) else { return }
      if writePiece(context) { continue }
      if let request = current?.request {
        current = nil
        place = nil
        guard writeEnd(of: request, context) else { return }
        continue
      }
      guard let request = requests.popFirst() else { return awaitNext(context) }
      opening = nil
      if let question = request.question { return check(question, request, context) }
      switch request.source {
      case .response(let response): begin(response, for: request, context)
      case .exposition(let variant):
        place = inFlight.take()
        guard place != nil else {
          begin(.tooManyScrapes, for: request, context)
          continue
        }
        let limit = request.timeLimit.map { min($0, limits.renderTimeout) } ?? limits.renderTimeout
        let awaited = Awaited(request: request, otherwise: .renderingTookTooLong)
        return wait(for: rendering, variant, within: limit, awaited, context) { .exposition($0) }
      case .reload:
        let awaited = Awaited(request: request, otherwise: .reloadTookTooLong)
        return wait(for: reloading, .reload, within: limits.reloadTimeout, awaited, context) { $0.response }
      }
    }
  }

  /// Pushes what is written towards the client, and says whether there may be more; if not, the channel's
  /// writability sets `pump()` going again.
  private func clientTakesMore(_ context: ChannelHandlerContext) -> Bool {
    if context.channel.isWritable { return true }
    context.flush()
    guard phase != .closed else { return false }
    if context.channel.isWritable { return true }
    phase = .blocked
    expect(within: limits.stallTimeout)
    return false
  }

  private func begin(_ response: Response, for request: RequestRouter.Request, _ context: ChannelHandlerContext) {
    responses.count(response.status)
    var head = response.head(date: date.now(), closes: endsConnection(request))
    for header in security.headers { head.headers.replaceOrAdd(name: header.name, value: header.value) }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    current = (UnsentBody(request.omitsBody ? [] : response.chunks), request)
  }

  /// Writes the next piece of the current response's body, if there is one left.
  private func writePiece(_ context: ChannelHandlerContext) -> Bool {
    guard let piece = current?.unsent.next(bytesMax: limits.responseChunkBytes) else { return false }
    context.write(wrapOutboundOut(.body(.byteBuffer(piece))), promise: nil)
    return true
  }

  /// Ends the response; `false` when the connection goes on only once all of it has left.
  private func writeEnd(of request: RequestRouter.Request, _ context: ChannelHandlerContext) -> Bool {
    let closes = endsConnection(request)
    if !closes, case .response = request.source {
      context.write(wrapOutboundOut(.end(nil)), promise: nil)
      return true
    }
    expect(within: limits.stallTimeout)
    let sent = context.writeAndFlush(wrapOutboundOut(.end(nil)))
    // Also when it is out already: the answer's callback must find the pump at rest.
    isPumping = false
    sent.assumeIsolated().whenComplete { result in
      if case .failure = result { return context.close(promise: nil) }
      if closes { self.drain(context) } else { self.pump() }
    }
    return false
  }

  private func endsConnection(_ request: RequestRouter.Request) -> Bool {
    request.closes || isStopping || (inputIsClosed && requests.isEmpty)
  }

  /// Lets work be done elsewhere, and answers with what comes of it.
  private func wait<Key: Hashable & Sendable, Output: Sendable>(
    for work: SharedWork<Key, Output>,
    _ key: Key,
    within limit: Duration,
    _ awaited: Awaited,
    _ context: ChannelHandlerContext,
    response: @escaping (Output) -> Response
  ) {
    context.flush()
    guard phase != .closed else { return }
    phase = .rendering
    self.awaited = awaited
    expect(within: limit)
    let promise = context.eventLoop.makePromise(of: Output.self)
    // Holds the place too: work that nobody waits for any more is still in flight.
    promise.futureResult.assumeIsolated().whenComplete { [place] result in
      _ = place
      guard self.awaited === awaited else { return }
      switch result {
      case .success(let output): self.answer(awaited, response(output), context)
      case .failure: context.close(promise: nil)
      }
    }
    work.fulfil(promise, key)
  }

  private func answer(_ awaited: Awaited, _ response: Response, _ context: ChannelHandlerContext) {
    self.awaited = nil
    begin(response, for: awaited.request, context)
    pump()
  }

  /// Lets the password be checked, and goes on with the same request.
  private func check(
    _ question: PasswordCheck.Question,
    _ request: RequestRouter.Request,
    _ context: ChannelHandlerContext
  ) {
    context.flush()
    guard phase != .closed else { return }
    phase = .rendering
    expect(within: limits.passwordTimeout)
    let promise = context.eventLoop.makePromise(of: PasswordCheck.Verdict.self)
    promise.futureResult.assumeIsolated().whenComplete { result in
      guard self.phase == .rendering else { return }
      guard case .success(let verdict) = result else { return context.close(promise: nil) }
      var request = request
      request.question = nil
      if let refusal = verdict.refusal { request.source = .response(refusal) }
      if verdict == .busy {
        self.takesInput = false
        self.requests.removeAll()
        request.closes = true
      }
      self.requests.prepend(request)
      self.pump()
    }
    // Also when the answer is there already: its callback must find the pump at rest.
    isPumping = false
    security.passwords.ask(question, client: context.remoteAddress?.ipAddress ?? "", promise)
  }

  private func awaitNext(_ context: ChannelHandlerContext) {
    context.flush()
    guard phase != .closed else { return }
    if isStopping || inputIsClosed { return context.close(promise: nil) }
    phase = .awaiting
    expect(within: limits.idleTimeout)
    readOn(context)
  }

  private func drain(_ context: ChannelHandlerContext) {
    guard phase != .closed else { return }
    if isStopping || inputIsClosed { return context.close(promise: nil) }
    takesInput = false
    phase = .draining
    expect(within: limits.lingerTimeout)
    context.close(mode: .output, promise: nil)
    readOn(context)
  }

  private func readOn(_ context: ChannelHandlerContext) {
    guard readIsHeldBack else { return }
    readIsHeldBack = false
    context.read()
  }

  // MARK: Deadlines

  /// Sets the deadline of the phase. A timer that fires before it looks again then, so a busy connection seldom
  /// touches the event loop's timers.
  private func expect(within duration: Duration) {
    deadline = .now() + TimeAmount(duration)
    if let timer, timer.fires <= deadline { return }
    timer?.scheduled.cancel()
    schedule()
  }

  private func schedule() {
    guard let context else { return }
    let fires = deadline
    let scheduled = context.eventLoop.assumeIsolated().scheduleTask(deadline: fires) { self.timerFired() }
    timer = (scheduled, fires)
  }

  private func timerFired() {
    timer = nil
    guard let context, phase != .closed else { return }
    if NIODeadline.now() < deadline { return schedule() }
    if let awaited { return answer(awaited, awaited.otherwise, context) }
    if phase == .readingHead { take(.refused(.requestTimeout)) } else { context.close(promise: nil) }
  }
}

/// A request that waits for work, and what it is answered when that takes too long.
private final class Awaited {
  let request: RequestRouter.Request
  let otherwise: Response

  init(request: RequestRouter.Request, otherwise: Response) {
    self.request = request
    self.otherwise = otherwise
  }
}

extension RequestRouter.Request {
  /// The answer to what is no request; it ends the connection.
  fileprivate static func refused(_ status: HTTPResponseStatus) -> Self {
    Self(source: .response(.error(status)), closes: true)
  }
}

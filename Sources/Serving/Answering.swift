internal import NIOCore
internal import NIOHTTP1

/// What takes answers to a client: an HTTP/1 connection, or one stream of an HTTP/2 connection.
protocol AnswerCarrier: AnyObject {
  /// `nil` once it is closed.
  var context: ChannelHandlerContext? { get }
  var client: ClientAddress { get }

  func write(_ part: HTTPServerResponsePart, _ promise: EventLoopPromise<Void>?)
  /// Sets the deadline; a missed one ends in `Answering.giveUp()` or in a closed carrier.
  func expect(within duration: Duration)
  /// Calls `Answering.step()` again: what it waited for is there.
  func resume()
  /// Whether the carrier takes no request after this one.
  func ends(with request: RequestRouter.Request) -> Bool
  /// From now on nobody asks anything here.
  func takeNoMore()
  /// What the client does with the places that it has, by being answered here.
  func note(_ use: FairShares.Use)
  /// Ends the carrier at once: another client needs what it holds.
  func cutOff()
}

/// One request's way to its answer, the same for HTTP/1 and HTTP/2: the password, the place among the scrapes, the work
/// on another thread, then a body that is written as the client reads it. It never renders, never buffers a body, and
/// hands over one piece of an answer at a time. Every wait has a deadline, which the carrier keeps.
final class Answering {
  enum Step {
    /// There is no request.
    case idle
    /// `AnswerCarrier.resume()` says when it goes on.
    case waits
    /// `endsCarrier`: all has left, and nothing comes after it.
    case done(endsCarrier: Bool)
  }

  private enum State {
    case idle
    case begins
    /// For the password, or for work.
    case waits
    case writes
    /// All is written, and on its way.
    case leaves
    case done(endsCarrier: Bool)
  }

  private let service: Service
  private unowned let carrier: any AnswerCarrier
  private var state = State.idle
  private var request: RequestRouter.Request?
  private var unsent = UnsentBody([])
  /// What comes of a wait that was given up is dropped.
  private var current: Wait?
  /// The scrape's, from its beginning to its answer's end.
  private var place: Places.Place?
  private var date = HTTPDate()
  /// Whether the client has to read before there is more; the carrier resumes then.
  private(set) var isBlocked = false

  init(_ service: Service, carrier: any AnswerCarrier) {
    self.service = service
    self.carrier = carrier
  }

  /// Takes a request; the one before has to be done.
  func begin(_ request: RequestRouter.Request) {
    self.request = request
    state = .begins
  }

  /// Goes on as far as it can without waiting.
  func step() -> Step {
    while let context = carrier.context {
      switch state {
      case .idle: return .idle
      case .waits, .leaves: return .waits
      case .done(let endsCarrier):
        state = .idle
        return .done(endsCarrier: endsCarrier)
      case .begins:
        guard clientTakesMore(context) else { return .waits }
        if let request { start(request, context) }
      case .writes:
        guard clientTakesMore(context) else { return .waits }
        if let piece = unsent.next(bytesMax: service.limits.responseChunkBytes) {
          carrier.write(.body(.byteBuffer(piece)), nil)
        } else {
          writeEnd(context)
        }
      }
    }
    return .waits
  }

  /// Ends a wait that took too long with an answer that says so; `false` where there is none to give.
  func giveUp() -> Bool {
    guard let wait = current else { return false }
    current = nil
    wait.giveUp()
    carrier.resume()
    return true
  }

  /// The carrier is closed: nothing under way matters any more.
  func stop() {
    state = .idle
    request = nil
    unsent = UnsentBody([])
    current = nil
    place = nil
  }

  // MARK: What comes before the answer

  private func start(_ request: RequestRouter.Request, _ context: ChannelHandlerContext) {
    if let question = request.question { return check(question, context) }
    switch request.source {
    case .response(let response): write(response)
    case .exposition(let variant):
      render(service.expositions, variant, for: request, .renderingTookTooLong, context) { .exposition($0) }
    case .document(let document):
      render(service.documents, document, for: request, .documentTookTooLong, context) {
        .document($0, known: request.known)
      }
    case .reload:
      let limit = service.limits.reloadTimeout
      let showsReason = service.security.asksForPasswords
      wait(for: service.reloading, .reload, within: limit, .reloadTookTooLong, context) { answer in
        answer.response(showsReason: showsReason)
      }
    }
  }

  /// Takes a place, and answers with what is rendered.
  private func render<Key: Hashable & Sendable>(
    _ work: SharedWork<Key, ExpositionBody>,
    _ key: Key,
    for request: RequestRouter.Request,
    _ tookTooLong: Response,
    _ context: ChannelHandlerContext,
    response: @escaping (ExpositionBody) -> Response
  ) {
    place = service.scrapes.take(for: carrier.client, on: context.eventLoop) { [weak carrier] in carrier?.cutOff() }
    guard let place else { return write(.tooManyScrapes) }
    place.note(.busy)
    let limit = request.timeLimit.map { min($0, service.limits.renderTimeout) } ?? service.limits.renderTimeout
    wait(for: work, key, within: limit, tookTooLong, context) { [service] body in
      service.hold(body, in: response(body))
    }
  }

  /// Lets work be done elsewhere, and answers with what comes of it.
  private func wait<Key: Hashable & Sendable, Output: Sendable>(
    for work: SharedWork<Key, Output>,
    _ key: Key,
    within limit: Duration,
    _ otherwise: Response,
    _ context: ChannelHandlerContext,
    response: @escaping (Output) -> Response
  ) {
    let promise = promise(of: Output.self, within: limit, context) {
      self.write(otherwise)
    } goOn: {
      self.write(response($0))
    }
    if let promise { work.fulfil(promise, key, for: carrier.client) }
  }

  /// Lets the password be checked, and goes on with the same request.
  private func check(_ question: PasswordCheck.Question, _ context: ChannelHandlerContext) {
    let limit = service.limits.passwordTimeout
    let checked = promise(of: PasswordCheck.Verdict.self, within: limit, context) {
      self.service.security.accessRefusals.count(.tooManyPasswords)
      self.goOn(after: .busy)
    } goOn: {
      self.goOn(after: $0)
    }
    guard let checked else { return }
    // Not the context's address: a stream's channel has none there.
    service.security.passwords.ask(question, client: ClientAddress(of: context.channel), checked)
  }

  private func goOn(after verdict: PasswordCheck.Verdict) {
    request?.question = nil
    if let refusal = verdict.refusal { request?.source = .response(refusal) }
    if verdict == .busy {
      request?.closes = true
      carrier.takeNoMore()
    }
    state = .begins
  }

  /// What is settled elsewhere, and then goes on here, or is given up; `nil` when the carrier has closed meanwhile.
  private func promise<Output: Sendable>(
    of: Output.Type,
    within limit: Duration,
    _ context: ChannelHandlerContext,
    giveUp: @escaping () -> Void,
    goOn: @escaping (Output) -> Void
  ) -> EventLoopPromise<Output>? {
    context.flush()
    guard carrier.context != nil, request != nil else { return nil }
    state = .waits
    let wait = Wait(giveUp: giveUp)
    current = wait
    carrier.expect(within: limit)
    let promise = context.eventLoop.makePromise(of: Output.self)
    let client = carrier.client
    // Holds the place too: work that nobody waits for any more is still in flight.
    promise.futureResult.assumeIsolated().whenComplete { [place] result in
      _ = place
      self.service.turns.value.run(for: client) {
        guard self.current === wait else { return }
        self.current = nil
        switch result {
        case .success(let output):
          goOn(output)
          self.carrier.resume()
        case .failure: context.close(promise: nil)
        }
      }
    }
    return promise
  }

  // MARK: The answer

  /// Pushes what is written towards the client, and says whether there may be more; if not, the channel's
  /// writability sets things going again.
  private func clientTakesMore(_ context: ChannelHandlerContext) -> Bool {
    isBlocked = false
    if context.channel.isWritable { return true }
    context.flush()
    guard carrier.context != nil else { return false }
    if context.channel.isWritable { return true }
    isBlocked = true
    leaveToClient()
    return false
  }

  /// What there is has been handed over: the client has to read it.
  private func leaveToClient() {
    carrier.expect(within: service.limits.stallTimeout)
    carrier.note(.unread)
    place?.note(.unread)
  }

  private func write(_ response: Response) {
    guard let request else { return }
    service.responses.count(response.status)
    var head = response.head(date: date.text(of: service.clock.now), closes: carrier.ends(with: request))
    for header in service.security.headers { head.headers.replaceOrAdd(name: header.name, value: header.value) }
    carrier.write(.head(head), nil)
    unsent = request.omitsBody ? UnsentBody([]) : UnsentBody(response.chunks, hold: response.hold)
    state = .writes
  }

  /// After a body that others wait for too, or before the carrier ends, all has to have left. Until then the answer keeps
  /// what it holds.
  private func writeEnd(_ context: ChannelHandlerContext) {
    guard let request else { return }
    let endsCarrier = carrier.ends(with: request)
    if !endsCarrier, case .response = request.source {
      unsent = UnsentBody([])
      carrier.write(.end(nil), nil)
      state = .done(endsCarrier: false)
      return
    }
    state = .leaves
    leaveToClient()
    let promise = context.eventLoop.makePromise(of: Void.self)
    promise.futureResult.assumeIsolated().whenComplete { result in
      guard case .leaves = self.state else { return }
      self.place = nil
      self.unsent = UnsentBody([])
      if case .failure = result { return context.close(promise: nil) }
      self.state = .done(endsCarrier: endsCarrier)
      self.carrier.resume()
    }
    carrier.write(.end(nil), promise)
    context.flush()
  }

  /// What is waited for; `giveUp` has the request answered when that takes too long.
  private final class Wait {
    let giveUp: () -> Void

    init(giveUp: @escaping () -> Void) { self.giveUp = giveUp }
  }
}

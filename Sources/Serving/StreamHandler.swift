internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP1
internal import NIOHTTP2

/// One stream of an HTTP/2 connection: a request and its answer, in frames. It never answers itself: `Answering` does;
/// and it knows of no other stream.
final class StreamHandler: ChannelInboundHandler, AnswerCarrier {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private let service: Service
  private let connection: MultiplexedConnection
  private(set) var context: ChannelHandlerContext?
  private var id: HTTP2StreamID?
  private var timer: PhaseTimer?
  private lazy var answering = Answering(service, carrier: self)
  private var place: Places.Place?
  /// What is asked, as long as it is not known whether a body follows.
  private var head: HTTPRequestHead?
  private var isAsked = false
  private var inputHasEnded = false
  private var isPumping = false

  init(_ service: Service, connection: MultiplexedConnection) {
    self.service = service
    self.connection = connection
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    timer = PhaseTimer(context.eventLoop) { self.deadlineIsMissed() }
    id = try? context.channel.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID)
    if let id {
      connection.opened(id)
      context.channel.closeFuture.assumeIsolated().whenComplete { [connection] _ in connection.closed(id) }
    }
    place = service.streams.take(for: client, on: context.eventLoop) { [weak self] in self?.cutOff() }
    expect(within: service.limits.headerTimeout)
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
    answering.stop()
    place = nil
  }

  var client: ClientAddress { connection.client }

  // MARK: What comes in

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .headers(let block):
      if block.endStream { inputHasEnded = true }
      // Those that come later are trailers.
      if head == nil, !isAsked { read(block.headers) }
      if block.endStream { ask(bodyFollows: false) }
    case .data(let part):
      if part.endStream { inputHasEnded = true }
      if part.data.readableBytes > 0 { ask(bodyFollows: true) } else if part.endStream { ask(bodyFollows: false) }
    case .windowUpdate(let increment): connection.windowGrew(by: increment)
    default: break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is NIOHTTP2Errors.StreamClosed { connection.tookBack() }
    context.close(promise: nil)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if answering.isBlocked, context.channel.isWritable { resume() }
    context.fireChannelWritabilityChanged()
  }

  private func read(_ fields: HPACKHeaders) {
    if place == nil { return refuse() }
    guard fields.count <= service.limits.headerFieldsMax,
      fields.allSatisfy({ $0.value.utf8.count <= service.limits.headerFieldBytesMax })
    else { return answer(.refused(.requestHeaderFieldsTooLarge)) }
    let head = HTTPRequestHead(fields)
    self.head = head
    // Not before its end is it known whether a body follows, unless its length is given.
    if RequestRouter.announcesBody(head) { ask(bodyFollows: true) }
  }

  private func ask(bodyFollows: Bool) {
    guard let head else { return }
    answer(service.request(head, bodyFollows: bodyFollows))
  }

  private func answer(_ request: RequestRouter.Request) {
    guard !isAsked else { return }
    isAsked = true
    head = nil
    place?.note(.busy)
    answering.begin(request)
    resume()
  }

  /// There are too many streams: the client may ask again, since nothing was done.
  private func refuse() {
    isAsked = true
    context?.writeAndFlush(wrapOutboundOut(.rstStream(.refusedStream)), promise: nil)
  }

  // MARK: What goes out

  func resume() {
    guard !isPumping else { return }
    isPumping = true
    defer { isPumping = false }
    while context != nil {
      switch answering.step() {
      case .waits, .idle: return
      case .done: return leave()
      }
    }
  }

  /// The client need not send the rest of what it began to send.
  private func leave() {
    guard let context, !inputHasEnded else { return }
    context.writeAndFlush(wrapOutboundOut(.rstStream(.noError)), promise: nil)
  }

  func write(_ part: HTTPServerResponsePart, _ promise: EventLoopPromise<Void>?) {
    guard let context else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    let payload: HTTP2Frame.FramePayload =
      switch part {
      case .head(let head): .headers(.init(headers: HPACKHeaders(head)))
      case .body(let bytes): .data(.init(data: bytes))
      case .end: .data(.init(data: .byteBuffer(ByteBuffer()), endStream: true))
      }
    context.write(wrapOutboundOut(payload), promise: promise)
  }

  func ends(with request: RequestRouter.Request) -> Bool { true }

  func takeNoMore() {}

  func note(_ use: FairShares.Use) {
    place?.note(use)
    if let id { connection.note(use, by: id) }
  }

  func cutOff() {
    answering.stop()
    if let context { connection.cutOff(context.channel) }
  }

  // MARK: Deadlines

  func expect(within duration: Duration) { timer?.expect(within: duration) }

  private func deadlineIsMissed() {
    guard context != nil else { return }
    if !isAsked {
      service.hits.count(.requestTime)
      answer(.refused(.requestTimeout))
    } else if !answering.giveUp() {
      service.hits.count(.readTime)
      cutOff()
    }
  }
}

extension HTTPRequestHead {
  /// swift-nio has checked that the fields are those of a request.
  fileprivate init(_ fields: HPACKHeaders) {
    var headers = HTTPHeaders()
    headers.reserveCapacity(fields.count)
    let authority = fields.first(name: ":authority")
    if let authority { headers.add(name: "host", value: authority) }
    for (name, value, _) in fields where !name.hasPrefix(":") {
      // One host under both names is one.
      if name == "host", value == authority { continue }
      headers.add(name: name, value: value)
    }
    self.init(
      version: HTTPVersion(major: 2, minor: 0),
      method: HTTPMethod(rawValue: fields.first(name: ":method") ?? ""),
      uri: fields.first(name: ":path") ?? "",
      headers: headers
    )
  }
}

extension HPACKHeaders {
  /// Without the fields that speak of a connection: HTTP/2 forbids them.
  fileprivate init(_ head: HTTPResponseHead) {
    self.init()
    reserveCapacity(head.headers.count + 1)
    add(name: ":status", value: String(head.status.code))
    for (name, value) in head.headers where name != "Connection" { add(name: name.lowercased(), value: value) }
  }
}

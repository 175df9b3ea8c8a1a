internal import Clocks
internal import Exposition
internal import NIOCore
internal import NIOHTTP1

/// What requests are answered with, whichever connection they come by; one for the whole server.
struct Service: Sendable {
  let router: RequestRouter
  let expositions: SharedWork<ExpositionVariant, ExpositionBody>
  let documents: SharedWork<DocumentRequest, ExpositionBody>
  let reloading: SharedWork<ReloadOrder, ReloadAnswer>
  let renderings: HeldRenderings
  let connections: Places
  let handshakes: Places
  let scrapes: Places
  let streams: Places
  let hits: RefusalCounts<ClientLimit>
  let security: ConnectionSecurity
  let responses: ResponseCounts
  let limits: ServerLimits
  let clock: TimeSource
  let turns: NIOLoopBoundBox<LoopTurns>

  /// A rendering is held until its client has read it. For that, others that do not read theirs may have to go.
  ///
  /// - Parameter response: with the rendering as its body, or with none.
  func hold(_ body: ExpositionBody, in response: Response) -> Response {
    if response.byteCount == 0 { return response }
    let bytesMax = max(limits.unreadBytesMax, limits.unreadRenderingsMin * body.byteCount)
    var response = response
    response.hold = body.rendering?.hold()
    while renderings.byteCount > bytesMax, scrapes.endUnread() { hits.count(.unreadBytes) }
    return response
  }

  /// What a request gets, from its head alone, whoever may be refused included. Never waits.
  func request(_ head: HTTPRequestHead, bodyFollows: Bool) -> RequestRouter.Request {
    var request = router.request(head, bodyFollows: bodyFollows)
    switch security.admission(head) {
    case .open: break
    case .refused(let response): request.source = .response(response)
    case .asks(let question): request.question = question
    }
    return request
  }
}

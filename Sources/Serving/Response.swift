internal import NIOCore
internal import NIOHTTP1

/// A response that needs no rendering: a status, a type and a few bytes. Errors say what they are in plain text and
/// repeat nothing of the request.
struct Response: Sendable {
  let status: HTTPResponseStatus
  var contentType = "text/plain; charset=utf-8"
  /// The body's pieces, in their order.
  let chunks: [ByteBuffer]
  let byteCount: Int
  var further: [(String, String)] = []
  var hold: HeldRenderings.Hold?

  static func text(_ status: HTTPResponseStatus, _ line: String) -> Response {
    page(status, contentType: "text/plain; charset=utf-8", line + "\n")
  }

  static func page(_ status: HTTPResponseStatus, contentType: String, _ text: String) -> Response {
    Response(status: status, contentType: contentType, chunks: [ByteBuffer(string: text)], byteCount: text.utf8.count)
  }

  static func text(_ text: ServedText) -> Response {
    Response(
      status: .ok,
      contentType: text.contentType,
      chunks: [text.buffer],
      byteCount: text.buffer.readableBytes
    )
  }

  static func error(_ status: HTTPResponseStatus) -> Response {
    text(status, "\(status.code) \(status.reasonPhrase)")
  }

  static let methodNotAllowed: Response = {
    var response = error(.methodNotAllowed)
    response.further = [("Allow", "GET, HEAD, OPTIONS")]
    return response
  }()

  static func options(_ methods: String) -> Response {
    var response = page(.ok, contentType: "text/plain; charset=utf-8", "")
    response.further = [("Allow", methods)]
    return response
  }

  static let reloadWantsPost: Response = {
    var response = error(.methodNotAllowed)
    response.further = [("Allow", "POST, PUT, OPTIONS")]
    return response
  }()

  static let lifecycleDisabled = text(
    .forbidden,
    "403 Forbidden: reload by HTTP is not enabled; start with --web.enable-lifecycle, or send SIGHUP"
  )

  static func exposition(_ body: ExpositionBody) -> Response {
    var response = rendered(body)
    response.further = [("Vary", "Accept, Accept-Encoding")] + response.further
    return response
  }

  /// - Parameter known: what the client has of the document, as its `If-None-Match` says.
  static func document(_ body: ExpositionBody, known: [String]) -> Response {
    let isKnown = body.tag?.isAmong(known) ?? false
    var response =
      isKnown
      ? Response(status: .notModified, contentType: body.contentType, chunks: [], byteCount: 0) : rendered(body)
    response.further += documentHeaders + body.headers.map { ($0.name, $0.value) }
    if let tag = body.tag { response.further.append(("ETag", tag.text)) }
    return response
  }

  /// A client may keep a document, and asks each time whether it has changed.
  static let documentHeaders = [("Vary", "Accept-Encoding"), ("Cache-Control", "no-cache")]

  private static func rendered(_ body: ExpositionBody) -> Response {
    var response = Response(
      status: body.status,
      contentType: body.contentType,
      chunks: body.chunks,
      byteCount: body.byteCount
    )
    if let encoding = body.contentEncoding { response.further.append(("Content-Encoding", encoding.rawValue)) }
    return response
  }

  static let tooManyScrapes: Response = {
    var response = text(
      .serviceUnavailable,
      "503 Service Unavailable: too many scrapes at once, see --web.max-requests"
    )
    response.further = [("Retry-After", "1")]
    return response
  }()

  static let renderingTookTooLong = text(
    .serviceUnavailable,
    "503 Service Unavailable: the metrics were not ready within the time that the scrape has"
  )

  static let documentTookTooLong = text(
    .serviceUnavailable,
    "503 Service Unavailable: the document was not ready within the time that there is for it"
  )

  static let reloadTookTooLong = text(
    .serviceUnavailable,
    "503 Service Unavailable: the reload is still under way; the log says how it ends"
  )

  static let reloadRefused = text(
    .internalServerError,
    "500 Internal Server Error: the new catalog is refused and the old one stays in use; the exporter's log says why"
  )

  func head(date: String, closes: Bool) -> HTTPResponseHead {
    var headers = HTTPHeaders()
    headers.reserveCapacity(6 + further.count)
    // One without a body says nothing of the one that the client has.
    if status != .notModified {
      headers.add(name: "Content-Type", value: contentType)
      headers.add(name: "Content-Length", value: "\(byteCount)")
    }
    headers.add(name: "X-Content-Type-Options", value: "nosniff")
    headers.add(name: "Date", value: date)
    for (name, value) in further { headers.add(name: name, value: value) }
    if closes { headers.add(name: "Connection", value: "close") }
    return HTTPResponseHead(version: .http1_1, status: status, headers: headers)
  }
}

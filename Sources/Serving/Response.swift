internal import NIOCore
internal import NIOHTTP1

/// A response that needs no rendering: a status, a type and a few bytes. Errors say what they are in plain text and
/// repeat nothing of the request.
struct Response: Sendable {
  let status: HTTPResponseStatus
  var contentType = "text/plain; charset=utf-8"
  let body: ByteBuffer
  var further: [(String, String)] = []

  static func text(_ status: HTTPResponseStatus, _ line: String) -> Response {
    Response(status: status, body: ByteBuffer(string: line + "\n"))
  }

  static func error(_ status: HTTPResponseStatus) -> Response {
    text(status, "\(status.code) \(status.reasonPhrase)")
  }

  static let methodNotAllowed: Response = {
    var response = error(.methodNotAllowed)
    response.further = [("Allow", "GET, HEAD")]
    return response
  }()

  static let reloadWantsPost: Response = {
    var response = error(.methodNotAllowed)
    response.further = [("Allow", "POST, PUT")]
    return response
  }()

  static let lifecycleDisabled = text(
    .forbidden,
    "403 Forbidden: reload by HTTP is not enabled; start with --web.enable-lifecycle, or send SIGHUP"
  )

  static func exposition(_ body: ExpositionBody) -> Response {
    Response(status: .ok, contentType: body.contentType, body: body.bytes)
  }

  func head(date: String, closes: Bool) -> HTTPResponseHead {
    var headers = HTTPHeaders()
    headers.reserveCapacity(6 + further.count)
    headers.add(name: "Content-Type", value: contentType)
    headers.add(name: "Content-Length", value: "\(body.readableBytes)")
    headers.add(name: "X-Content-Type-Options", value: "nosniff")
    headers.add(name: "Date", value: date)
    for (name, value) in further { headers.add(name: name, value: value) }
    if closes { headers.add(name: "Connection", value: "close") }
    return HTTPResponseHead(version: .http1_1, status: status, headers: headers)
  }
}

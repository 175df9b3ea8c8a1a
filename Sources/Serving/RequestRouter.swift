internal import Exposition
internal import NIOCore
internal import NIOHTTP1

/// What a request gets: from the head alone, since bodies are refused. It never renders and never waits.
struct RequestRouter: Sendable {
  enum Answer: Sendable {
    case exposition(ExpositionVariant)
    case document(DocumentRequest)
    case reload
    case response(Response)
  }

  /// A request, reduced to what its answer needs.
  struct Request: Sendable {
    var source: Answer
    /// What has to be right before it is answered.
    var question: PasswordCheck.Question?
    /// `HEAD`: the same header, no body.
    var omitsBody = false
    /// The connection ends with this response.
    var closes = false
    /// How long the client lets us render; `nil` when it does not say.
    var timeLimit: Duration?
    /// The values of its `If-None-Match`: what it has of the document.
    var known: [String] = []
  }

  static let healthyPath = "/-/healthy"
  static let readyPath = "/-/ready"
  static let reloadPath = "/-/reload"
  static let catalogPath = "/-/catalog"
  static let ownPaths = [healthyPath, readyPath, reloadPath, catalogPath]

  private let telemetryPath: String
  private let enablesLifecycle: Bool
  private let contentEncodings: [ContentEncoding]
  /// The paths of documents.
  private let documents: Set<String>
  private let files: [String: ServedFile]
  private let landing: Response
  private let isReady: @Sendable () -> Bool
  private let catalog: @Sendable () -> ServedText?

  init(
    options: ServerOptions,
    isReady: @escaping @Sendable () -> Bool,
    catalog: @escaping @Sendable () -> ServedText? = { nil }
  ) {
    self.telemetryPath = options.telemetryPath
    self.enablesLifecycle = options.enablesLifecycle
    self.contentEncodings = options.contentEncodings
    self.documents = Set(options.documents)
    files = Dictionary(options.files.map { ($0.path, $0) }) { first, _ in first }
    self.isReady = isReady
    self.catalog = catalog
    let html = options.landing.html(telemetryPath: options.telemetryPath)
    var landing = Response.page(.ok, contentType: "text/html; charset=utf-8", html)
    landing.further = [("Content-Security-Policy", LandingPage.contentSecurityPolicy)]
    self.landing = landing
  }

  func request(_ head: HTTPRequestHead, bodyFollows: Bool) -> Request {
    if let refusal = Self.refusal(of: head) { return Request(source: .response(refusal), closes: true) }
    // The decoder reads nothing after a request that could change the protocol: the connection ends there.
    let endsDecoding = head.method == .CONNECT || head.headers.contains(name: "upgrade")
    let closes = bodyFollows || endsDecoding || head.version == .http1_0 || !head.isKeepAlive
    let isReload = Self.path(of: head.uri) == Self.reloadPath
    if isReload, head.method == .POST || head.method == .PUT, !bodyFollows {
      return Request(source: enablesLifecycle ? .reload : .response(.lifecycleDisabled), closes: closes)
    }
    if head.method == .OPTIONS { return Request(source: .response(options(of: head.uri)), closes: closes) }
    guard head.method == .GET || head.method == .HEAD, !isReload else {
      return Request(source: .response(isReload ? .reloadWantsPost : .methodNotAllowed), closes: closes)
    }
    if bodyFollows { return Request(source: .response(.error(.payloadTooLarge)), closes: true) }
    return Request(
      source: source(head),
      omitsBody: head.method == .HEAD,
      closes: closes,
      timeLimit: ScrapeTimeout.timeLimit(head.headers[ScrapeTimeout.headerName]),
      known: head.headers["if-none-match"]
    )
  }

  private func source(_ head: HTTPRequestHead) -> Answer {
    let path = Self.path(of: head.uri)
    if path == telemetryPath {
      var variant = ContentNegotiation.variant(
        accept: head.headers["accept"],
        acceptEncoding: head.headers["accept-encoding"],
        encodings: contentEncodings
      )
      do throws(MetricQuery.Mistake) {
        variant.selection = try MetricQuery.selection(in: head.uri)
      } catch {
        return .response(.text(.badRequest, "400 Bad Request: \(error.description)"))
      }
      return .exposition(variant)
    }
    if documents.contains(String(path)) { return document(String(path), head) }
    if let file = files[String(path)] {
      let encoding = ContentNegotiation.encoding(head.headers["accept-encoding"], among: [.gzip])
      return .response(file.response(encoding, known: head.headers["if-none-match"]))
    }
    return switch path {
    case Self.healthyPath: .response(.text(.ok, "healthy"))
    case Self.readyPath: .response(isReady() ? .text(.ok, "ready") : .text(.serviceUnavailable, "not ready"))
    case Self.catalogPath: .response(catalog().map(Response.text) ?? .error(.notFound))
    case "/": .response(landing)
    default: .response(.error(.notFound))
    }
  }

  private func document(_ path: String, _ head: HTTPRequestHead) -> Answer {
    do throws(DocumentRequest.Mistake) {
      return .document(
        DocumentRequest(
          path: path,
          parameters: try DocumentRequest.parameters(in: head.uri),
          encoding: ContentNegotiation.encoding(head.headers["accept-encoding"], among: contentEncodings)
        )
      )
    } catch {
      return .response(ServedDocument.badRequest(error.description).response)
    }
  }

  /// What may be done at a path; load balancers ask so whether somebody is there.
  private func options(of target: String) -> Response {
    switch Self.path(of: target) {
    case Self.reloadPath: .options("POST, PUT, OPTIONS")
    case Self.catalogPath where catalog() == nil: .error(.notFound)
    case let path where documents.contains(String(path)) || files[String(path)] != nil: .options("GET, HEAD, OPTIONS")
    case telemetryPath, Self.healthyPath, Self.readyPath, Self.catalogPath, "/", "*": .options("GET, HEAD, OPTIONS")
    default: .error(.notFound)
    }
  }

  /// What HTTP itself forbids, or would let a proxy in front of us see another request than we do.
  private static func refusal(of head: HTTPRequestHead) -> Response? {
    let hosts = head.headers["host"]
    if hosts.count > 1 || (hosts.isEmpty && head.version != .http1_0) { return .error(.badRequest) }
    if let host = hosts.first, !host.utf8.allSatisfy(isHostByte) { return .error(.badRequest) }
    if head.headers.contains(name: "transfer-encoding") { return .error(.badRequest) }
    if head.headers.contains(name: "expect") { return .error(.expectationFailed) }
    return nil
  }

  /// Whether a body follows in HTTP/1, which has no other sign of it.
  static func announcesBody(_ head: HTTPRequestHead) -> Bool {
    head.headers["content-length"].contains { $0 != "0" }
  }

  /// The request target without scheme, host, query and fragment; nothing is decoded, so nothing can be hidden.
  private static func path(of target: String) -> Substring {
    let path = target.prefix { $0 != "?" && $0 != "#" }
    guard let scheme = ["http://", "https://"].first(where: { path.prefix($0.count).lowercased() == $0 }) else {
      return path
    }
    let ofHost = path.dropFirst(scheme.count).drop { $0 != "/" }
    return ofHost.isEmpty ? "/" : ofHost
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-._~%!$&'()*+,;=:[]".utf8.contains(byte)
    }
  }
}

extension RequestRouter {
  /// The answer to bytes that are no request.
  static func status(for error: HTTPParserError, _ request: RequestCutter) -> HTTPResponseStatus {
    let line = request.line.readableBytesView
    switch error {
    case .headerOverflow:
      return request.hasLine ? .requestHeaderFieldsTooLarge : .uriTooLong
    case .invalidMethod:
      let word = line.prefix { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
      let isMethod = (1...20).contains(word.count) && line.dropFirst(word.count).first == UInt8(ascii: " ")
      return isMethod ? .notImplemented : .badRequest
    case .invalidVersion:
      // The preface of HTTP/2 is made to be refused, and with a version that we have it is the line's end that is wrong.
      let text = String(decoding: line, as: UTF8.self)
      let isOurs = text.contains(" HTTP/0") || text.contains(" HTTP/1.")
      let isRequest = text.contains(" HTTP/") && !isOurs && !text.hasPrefix("PRI ")
      return isRequest ? .httpVersionNotSupported : .badRequest
    default:
      return .badRequest
    }
  }
}

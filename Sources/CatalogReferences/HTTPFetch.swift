internal import Diagnostics
internal import MetricCatalog
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// One `GET` over HTTP/1.1: no redirects, no compression, nothing that is kept. The whole answer has a time limit and a
/// size limit.
enum HTTPFetch {
  struct Answer: Sendable {
    var status: Int
    var location: String?
    var body: [UInt8]
  }

  enum Problem: Error {
    case tookTooLong
    case tooMuch
    case endedEarly
  }

  static let timeMax: TimeAmount = .seconds(10)

  /// Blocks; not for an event loop.
  static func get(_ url: ExporterURL, authorization: String?, tls: NIOSSLContext?, bytesMax: Int) throws -> Answer {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    defer { try? group.syncShutdownGracefully() }
    let promise = group.next().makePromise(of: Answer.self)
    let timeout = group.next().scheduleTask(in: timeMax) { promise.fail(Problem.tookTooLong) }
    ClientBootstrap(group: group)
      .connectTimeout(timeMax)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let tls {
            // An address has no name to ask for, and is looked for in the certificate as such.
            let name = (try? SocketAddress(ipAddress: url.host, port: url.port)) == nil ? url.host : nil
            try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
          }
          try pipeline.addHTTPClientHandlers()
          try pipeline.addHandler(AnswerCollector(url, authorization, bytesMax, promise))
        }
      }
      .connect(host: url.host, port: url.port)
      .whenFailure { promise.fail($0) }
    defer { timeout.cancel() }
    return try promise.futureResult.wait()
  }
}

/// Sends the request once the connection stands, and collects the answer.
private final class AnswerCollector: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let url: ExporterURL
  private let authorization: String?
  private let bytesMax: Int
  private let promise: EventLoopPromise<HTTPFetch.Answer>
  private var answer: HTTPFetch.Answer?

  init(
    _ url: ExporterURL,
    _ authorization: String?,
    _ bytesMax: Int,
    _ promise: EventLoopPromise<HTTPFetch.Answer>
  ) {
    self.url = url
    self.authorization = authorization
    self.bytesMax = bytesMax
    self.promise = promise
  }

  func channelActive(context: ChannelHandlerContext) {
    var headers = HTTPHeaders([
      ("Host", url.authority), ("User-Agent", "training-exporter"), ("Accept", "application/yaml, text/plain, */*"),
      ("Connection", "close"),
    ])
    if let authorization { headers.add(name: "Authorization", value: authorization) }
    let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: url.target, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      let location = head.headers.first(name: "location")
      answer = HTTPFetch.Answer(status: Int(head.status.code), location: location, body: [])
    case .body(let buffer):
      answer?.body += buffer.readableBytesView
      guard answer?.body.count ?? 0 > bytesMax else { return }
      promise.fail(HTTPFetch.Problem.tooMuch)
      context.close(promise: nil)
    case .end:
      if let answer { promise.succeed(answer) }
      context.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    promise.fail(error)
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    promise.fail(HTTPFetch.Problem.endedEarly)
    context.fireChannelInactive()
  }
}

extension ExporterURL {
  /// Asks the server for the catalog.
  package func read(_ access: CatalogReference.Access) throws(ReferenceProblem) -> [UInt8] {
    let authorization = try self.authorization(access)
    let tls = try context(access)
    let answer: HTTPFetch.Answer
    do {
      answer = try HTTPFetch.get(self, authorization: authorization, tls: tls, bytesMax: served.bytesMax)
    } catch HTTPFetch.Problem.tooMuch {
      let message = "\(text) answers with more than \(served.bytesMax >> 20) MiB"
      throw ReferenceProblem(ReferenceID.refused, message, help: "is it an exporter?")
    } catch {
      throw ReferenceProblem(
        ReferenceID.unreachable,
        "\(text) does not answer: \(Self.reason(error))",
        help: help(error)
      )
    }
    guard answer.status == 200 else { throw refusal(answer) }
    return answer.body
  }

  private func refusal(_ answer: HTTPFetch.Answer) -> ReferenceProblem {
    let help =
      switch answer.status {
      case 401, 403: "give \(served.options).user and \(served.options).password-file; both have to be right"
      case 300..<400:
        "redirects are not followed: give the URL that it leads to, \(answer.location ?? "which it does not say")"
      case 404 where base.isEmpty:
        "the exporter is older than \(served.name), or behind a path: `http://HOST/PATH` asks for /PATH\(served.name)"
      case 404:
        "the exporter is older than \(served.name), or not behind \(base): "
          + "`\(isSecure ? "https" : "http")://\(authority)` asks for \(served.name)"
      default: tryCurl
      }
    return ReferenceProblem(ReferenceID.refused, "\(text) answers with status \(answer.status)", help: help)
  }

  private static func reason(_ error: any Error) -> String {
    switch error {
    case HTTPFetch.Problem.tookTooLong, ChannelError.connectTimeout: "nothing within 10 s"
    case HTTPFetch.Problem.endedEarly, NIOSSLError.uncleanShutdown: "it closed the connection"
    case let error as NIOConnectionError:
      error.connectionErrors.first.map { reason($0.error) } ?? "there is no such host"
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case NIOSSLError.handshakeFailed(.sslError(let errors)) where errors.contains(.eofDuringHandshake):
      "it closed the connection"
    case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: tlsReason("\(error)")
    default: "\(error)"
    }
  }

  /// A sentence in place of a list of codes and source files.
  private static func tlsReason(_ text: String) -> String {
    if speaksNoTLS(text) { return "it speaks no TLS" }
    if text.contains("CERTIFICATE_VERIFY_FAILED") { return "its certificate is not trusted" }
    if text.contains("failedToValidateHostname") { return "its certificate is for another name" }
    guard let range = text.firstRange(of: "OPENSSL_internal:") else { return "TLS fails" }
    return "TLS fails: \(text[range.upperBound...].prefix { $0 != " " && $0 != "]" })"
  }

  /// Whether the answer to the first message of TLS was a text.
  private static func speaksNoTLS(_ text: String) -> Bool {
    ["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST"].contains { text.contains(":\($0)") }
  }

  private var tryCurl: String { "try `curl \(ShellText.quoted(text))`" }

  private func help(_ error: any Error) -> String {
    if "\(error)".contains("CERTIFICATE_VERIFY_FAILED") {
      return "give the certificate of the authority that signed the server's: \(served.options).ca-file"
    }
    if Self.speaksNoTLS("\(error)") {
      return "write http:// instead of https://"
    }
    return tryCurl
  }

  private func authorization(_ access: CatalogReference.Access) throws(ReferenceProblem) -> String? {
    guard let user = access.user else { return nil }
    var password: ArraySlice<UInt8> = []
    if let file = access.passwordFile {
      password = try Self.read(file, "the password").prefix { $0 != 0x0A && $0 != 0x0D }
    }
    return "Basic " + Base64.text(Array("\(user):".utf8) + password)
  }

  private func context(_ access: CatalogReference.Access) throws(ReferenceProblem) -> NIOSSLContext? {
    guard isSecure else { return nil }
    do {
      var configuration = TLSConfiguration.makeClientConfiguration()
      if let file = access.authorityFile {
        let bytes = try Self.read(file, "the certificate authorities")
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(bytes))
      }
      return try NIOSSLContext(configuration: configuration)
    } catch let problem as ReferenceProblem {
      throw problem
    } catch {
      let file = access.authorityFile ?? "the system's certificates"
      throw ReferenceProblem(ReferenceID.unreachable, "cannot use \(file): \(error)", help: "give a file in PEM")
    }
  }

  private static func read(_ file: String, _ what: String) throws(ReferenceProblem) -> [UInt8] {
    do throws(RegularFile.Problem) {
      return try RegularFile.read(path: file, bytesMax: 1 << 20).bytes
    } catch {
      throw ReferenceProblem(ReferenceID.unreachable, "cannot read \(what) in `\(file)`: \(error.message)")
    }
  }
}

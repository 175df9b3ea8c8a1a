import Dispatch
import Exposition
import Foundation
import NIOCore
import Testing

@testable import Serving

/// HTTP/2 frame by frame: what a stream is answered, and what ends a stream or a connection.
@Suite struct HTTP2Tests {
  @Test func answersAsHTTP1Does() async throws {
    try await withSecureServer { address, _ in
      let client = try await FrameClient(address)
      let good = try client.get(1)
      #expect(good.status == 200 && good.text == "# TYPE up gauge\nup 1\n")
      #expect(good.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      #expect(good.headers["content-length"] == "21" && good.headers["vary"] == "Accept, Accept-Encoding")
      #expect(good.headers["x-content-type-options"] == "nosniff" && good.headers["date"] != nil)
      #expect(good.headers["connection"] == nil && good.reset == nil)
      #expect(try client.get(3, "/-/healthy").text == "healthy\n")
      #expect(try client.get(5, "/none").status == 404)
      client.send(FrameClient.request(7, method: "HEAD"))
      let head = try client.reply(7)
      #expect(head.status == 200 && head.body.isEmpty && head.headers["content-length"] == "21")
      client.send(FrameClient.request(9, method: "DELETE"))
      #expect(try client.reply(9).headers["allow"] == "GET, HEAD, OPTIONS")
      client.send(FrameClient.request(11, "/-/reload", method: "POST"))
      #expect(try client.reply(11).status == 403)
      #expect(try client.get(13, "/metrics", [("host", "other")]).status == 400)
      #expect(try client.get(15, "/metrics", [("host", "localhost")]).status == 200)
      #expect(try client.get(17, "/metrics", [("expect", "100-continue")]).status == 417)
      #expect(try client.wait { _ in true }.goodbye == nil)
    }
  }

  /// Whatever is asked for, header and body are those of HTTP/1.
  @Test(arguments: [
    ("*/*", "identity"), ("*/*", "gzip"), ("application/openmetrics-text;version=1.0.0", "gzip"), ("", ""),
    ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited", "gzip, zstd"),
  ])
  func theBytesAreThoseOfHTTP1(accept: String, encoding: String) async throws {
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { variant in
      let chunks = ["", "\(variant)", String(repeating: "x", count: 300_000)].map { ByteBuffer(string: $0) }
      return ExpositionBody(contentType: variant.contentType, contentEncoding: variant.encoding, chunks: chunks)
    }
    try await withServer(exposition: exposition) { plainAddress, _ in
      try await withSecureServer(exposition: exposition) { address, _ in
        let lines = "Accept: \(accept)\r\nAccept-Encoding: \(encoding)\r\n"
        var old = try RawClient(plainAddress).get("/metrics", headers: lines)
        let more = [("accept", accept), ("accept-encoding", encoding)]
        var new = try await FrameClient(address).get(1, "/metrics", more)
        #expect(old.status == 200 && new.status == 200)
        (old.headers["date"], new.headers["date"]) = (nil, nil)
        #expect(old.headers == new.headers)
        #expect(old.body == new.text)
      }
    }
  }

  @Test func aBodyIsRefusedAndItsRestNotWanted() async throws {
    try await withSecureServer { address, _ in
      let client = try await FrameClient(address)
      // With a length, and without one.
      client.send(FrameClient.request(1, "/metrics", [("content-length", "9")], ends: false))
      client.send(FrameClient.request(3, ends: false) + FrameClient.data(3, [1, 2, 3], ends: false))
      for stream: UInt32 in [1, 3] {
        let inbox = try client.wait { $0.replies[stream]?.reset != nil }
        #expect(inbox.replies[stream]?.status == 413 && inbox.replies[stream]?.hasEnded == true)
        #expect(inbox.replies[stream]?.reset == 0)
      }
      client.send(FrameClient.request(5, method: "POST", ends: false) + FrameClient.data(5, [1]))
      #expect(try client.reply(5).status == 405)
      // An empty body is none.
      client.send(FrameClient.request(7, ends: false) + FrameClient.data(7, []))
      #expect(try client.reply(7).status == 200)
    }
  }

  @Test func streamsAreAnsweredAsTheyAreReadyAndShareARendering() async throws {
    let mayEnd = DispatchSemaphore(value: 0)
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in
      mayEnd.wait()
      return sampleExposition
    }
    var limits = ServerLimits()
    limits.scrapesMax = 20
    try await withSecureServer(limits: limits, exposition: exposition) { address, _ in
      let client = try await FrameClient(address)
      for stream in 0..<20 as Range<UInt32> { client.send(FrameClient.request(2 * stream + 1)) }
      #expect(try client.get(41, "/-/healthy").text == "healthy\n")
      let over = try client.get(43)
      #expect(over.status == 503 && over.text.contains("--web.max-requests"))
      let late = try client.get(45, "/-/ready", [("x-prometheus-scrape-timeout-seconds", "0.02")])
      #expect(late.status == 200)
      // One that had begun, and one for all who came later.
      for _ in 0..<2 { mayEnd.signal() }
      for stream in 0..<20 as Range<UInt32> {
        #expect(try client.reply(2 * stream + 1).text == "# TYPE up gauge\nup 1\n")
      }
    }
  }

  @Test func aScrapeInAHurryIsToldSo() async throws {
    let mayEnd = DispatchSemaphore(value: 0)
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in
      mayEnd.wait()
      return sampleExposition
    }
    try await withSecureServer(exposition: exposition) { address, _ in
      let client = try await FrameClient(address)
      let late = try client.get(1, "/metrics", [("x-prometheus-scrape-timeout-seconds", "0.02")])
      #expect(late.status == 503 && late.text.contains("not ready within the time"))
      for _ in 0..<2 { mayEnd.signal() }
      #expect(try client.get(3).status == 200)
    }
  }

  @Test func aLargeBodyGoesAsFarAsItsWindow() async throws {
    let chunks = (0..<40).map { [UInt8](repeating: UInt8(65 + $0 % 26), count: 1 + $0 * 5_000) }
    let body = ExpositionBody(contentType: "text/plain", chunks: chunks.map { .init(bytes: $0) })
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in body }
    try await withSecureServer(exposition: exposition) { address, _ in
      let client = try await FrameClient(address, window: 100_000)
      client.send(FrameClient.request(1))
      try client.wait { $0.replies[1]?.body.count == 100_000 }
      // Another stream has a window of its own.
      #expect(try client.get(3, "/-/healthy").status == 200)
      client.send(FrameClient.windowUpdate(1, 10_000_000))
      let reply = try client.reply(1)
      #expect(reply.body == chunks.flatMap { $0 } && reply.headers["content-length"] == "\(reply.body.count)")
    }
  }

  @Test func aServerThatStopsAnswersWhatItHasBegun() async throws {
    let hasBegun = DispatchSemaphore(value: 0)
    let mayEnd = DispatchSemaphore(value: 0)
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in
      hasBegun.signal()
      mayEnd.wait()
      return sampleExposition
    }
    var limits = ServerLimits()
    limits.stopGrace = .seconds(30)
    try await withSecureServer(limits: limits, exposition: exposition) { address, server in
      let idle = try await FrameClient(address)
      #expect(try idle.get(1, "/-/healthy").status == 200)
      let client = try await FrameClient(address)
      client.send(FrameClient.request(1))
      hasBegun.wait()
      let stopping = Task(executorPreference: BlockingExecutor.shared) { await server.stop() }
      let goodbye = try client.wait { $0.goodbye != nil }
      #expect(goodbye.goodbye == 0 && !goodbye.isClosed)
      #expect(try idle.wait { $0.isClosed }.goodbye == 0)
      mayEnd.signal()
      #expect(try client.reply(1).status == 200)
      #expect(try client.wait { $0.isClosed }.lastStream == 1)
      await stopping.value
    }
  }

  @Test func aConnectionIsAskedToLeaveAfterManyRequests() async throws {
    var limits = ServerLimits()
    limits.connectionRequestsMax = 3
    try await withSecureServer(limits: limits) { address, _ in
      let client = try await FrameClient(address)
      for stream: UInt32 in [1, 3, 5] { #expect(try client.get(stream).status == 200) }
      #expect(try client.wait { $0.goodbye != nil }.goodbye == 0)
      // What was under way may come again elsewhere.
      let refusedStream: UInt32 = 7
      #expect(try client.get(7).reset == refusedStream)
      let end = try client.wait { $0.isClosed }
      #expect(end.goodbye == 0 && end.lastStream == 5)
    }
  }
}

/// A server with TLS, by a certificate that openssl has made.
func withSecureServer(
  limits: ServerLimits = ServerLimits(),
  web: String = "",
  limitHits: RefusalCounts<ClientLimit> = RefusalCounts<ClientLimit>(),
  exposition: @escaping @Sendable (ExpositionVariant) -> ExpositionBody = { _ in sampleExposition },
  loaded: (ConnectionSecurity) -> Void = { _ in },
  running body: (_ address: String, _ server: HTTPServer) async throws -> Void
) async throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "secure-server-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let openssl = Process()
  openssl.executableURL = URL(filePath: "/usr/bin/env")
  openssl.arguments = [
    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    "-subj", "/CN=localhost", "-keyout", folder.appending(path: "key").path, "-out",
    folder.appending(path: "cert").path,
  ]
  openssl.standardError = FileHandle.nullDevice
  try openssl.run()
  openssl.waitUntilExit()
  let file = folder.appending(path: "web.yml")
  try Data("tls_server_config: { cert_file: cert, key_file: key }\n\(web)".utf8).write(to: file)
  let (security, loading) = ConnectionSecurity.load(path: file.path)
  guard let security else { throw ServerError("\(loading.diagnostics)") }
  loaded(security)
  try await withServer(
    limits: limits,
    security: security,
    limitHits: limitHits,
    exposition: exposition,
    running: body
  )
}

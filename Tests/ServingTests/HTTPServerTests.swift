import Exposition
import Foundation
import Synchronization
import Testing

@testable import Serving

@Suite struct HTTPServerTests {
  @Test func servesTheExposition() async throws {
    try await withServer { address, _ in
      let client = try RawClient(address)
      let reply = try client.get("/metrics?name=up")
      #expect(reply.status == 200)
      #expect(reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      #expect(reply.headers["x-content-type-options"] == "nosniff")
      #expect(reply.headers["connection"] == nil)
      #expect(reply.body == "# TYPE up gauge\nup 1\n")

      let head = try client.get("/metrics", method: "HEAD")
      #expect(head.status == 200)
      #expect(head.headers["content-length"] == "\(reply.body.utf8.count)")
      // The connection was kept, and the HEAD left no body in it.
      #expect(try client.get("/metrics").body == reply.body)
    }
  }

  @Test func countsAnswersByStatus() async throws {
    let responses = ResponseCounts()
    let counted = { Dictionary(uniqueKeysWithValues: responses.all.map { ($0.code, $0.count) }) }
    #expect(responses.all.count == 17 && responses.all.allSatisfy { $0.count == 0 })
    let isReady: @Sendable () -> Bool = { false }
    try await withServer(responses: responses, isReady: isReady) { address, _ in
      let client = try RawClient(address)
      for path in ["/metrics", "/", "/-/ready", "/none", "/-/healthy"] { _ = try client.get(path) }
      _ = try client.get("/metrics", method: "HEAD")
      _ = try client.get("/metrics", method: "PATCH")
      let other = try RawClient(address)
      other.send("nonsense\r\n\r\n")
      #expect(try other.reply().status == 400)
    }
    let those = counted().filter { $0.value > 0 }
    #expect(those == ["200": 4, "503": 1, "404": 1, "405": 1, "400": 1])
    responses.count(.imATeapot)
    #expect(counted()["other"] == 1)
  }

  @Test func answersEachPathAndMethod() async throws {
    let ready = Atomic(false)
    let isReady: @Sendable () -> Bool = { ready.load(ordering: .relaxed) }
    try await withServer(telemetryPath: "/train", isReady: isReady) { address, _ in
      let client = try RawClient(address)
      #expect(try client.get("/train").status == 200)
      #expect(try client.get("/metrics").status == 404)
      #expect(try client.get("/train/").status == 404)
      #expect(try client.get("/-/healthy").status == 200)
      #expect(try client.get("/-/catalog").status == 404)
      #expect(try client.get("/-/ready").status == 503)
      ready.store(true, ordering: .relaxed)
      #expect(try client.get("/-/ready").status == 200)
      for (target, status) in [
        ("http://proxy.example/train", 200), ("HTTPS://proxy.example/train?a=b", 200), ("http://proxy.example", 200),
        ("http://proxy.example?/train", 200), ("http://proxy.example/", 200), ("http://proxy.example?a=e/train", 200),
      ] {
        let reply = try client.get(target)
        let isMetrics = reply.body.hasPrefix("# TYPE")
        #expect(reply.status == status && isMetrics == target.contains("example/train"), "\(target)")
      }

      let missing = try client.get("/%3Cscript%3Esecret<b>")
      #expect(missing.status == 404)
      #expect(missing.headers["content-type"] == "text/plain; charset=utf-8")
      #expect(missing.body == "404 Not Found\n")

      let post = try client.get("/train", method: "POST")
      #expect(post.status == 405)
      #expect(post.headers["allow"] == "GET, HEAD, OPTIONS")
    }
  }

  /// As load balancers ask whether somebody is there.
  @Test func saysWhatMayBeAsked() async throws {
    let isReady: @Sendable () -> Bool = { false }
    try await withServer(isReady: isReady) { address, _ in
      let client = try RawClient(address)
      for path in ["/metrics", "/", "/-/healthy", "/-/ready", "/metrics?name[]=up", "*"] {
        let reply = try client.get(path, method: "OPTIONS")
        #expect(reply.status == 200 && reply.body.isEmpty && reply.headers["allow"] == "GET, HEAD, OPTIONS", "\(path)")
      }
      #expect(try client.get("/-/reload", method: "OPTIONS").headers["allow"] == "POST, PUT, OPTIONS")
      // Here there is none.
      #expect(try client.get("/-/catalog", method: "OPTIONS").status == 404)
      #expect(try client.get("/none", method: "OPTIONS").status == 404)
      let other = try RawClient(address)
      other.send("OPTIONS / HTTP/1.0\r\n\r\n")
      #expect(try other.reply().status == 200)
    }
  }

  @Test func landingPageEscapesItsTexts() async throws {
    let landing = LandingPage(
      name: "a<b>&\"",
      version: "1'2",
      description: "<script>alert(1)</script>",
      links: [.init(title: "Health", path: "/-/healthy")]
    )
    try await withServer(landing: landing) { address, _ in
      let client = try RawClient(address)
      let page = try client.get("/")
      #expect(page.status == 200)
      #expect(page.headers["content-type"] == "text/html; charset=utf-8")
      #expect(page.body.contains("<h1>a&lt;b&gt;&amp;&quot;</h1>"))
      #expect(page.body.contains("1&#39;2") && page.body.contains("&lt;script&gt;"))
      #expect(!page.body.contains("<script"))
      // Relative, for a proxy that shows the page at another path.
      #expect(page.body.contains("<a href=\"./metrics\">") && page.body.contains("<a href=\"./-/healthy\">"))
      #expect(try client.get("/index.html").status == 404)
    }
  }

  @Test func answersHTTP10AndCloses() async throws {
    try await withServer { address, _ in
      for keepAlive in ["", "Connection: keep-alive\r\n"] {
        let client = try RawClient(address)
        client.send("GET /metrics HTTP/1.0\r\n\(keepAlive)\r\n")
        let reply = try client.reply()
        #expect(reply.status == 200)
        #expect(reply.headers["connection"] == "close")
        #expect(try client.readToEnd() == "")
      }
    }
  }

  @Test func answersPipelinedRequestsInTheirOrder() async throws {
    var limits = ServerLimits()
    limits.connectionRequestsMax = 300
    try await withServer(limits: limits) { address, _ in
      let client = try RawClient(address)
      let three = ["/metrics", "/-/healthy", "/none"].map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
      client.send(String(repeating: three, count: 110))
      client.finishSending()
      for _ in 0..<99 {
        #expect(try client.reply().body.hasPrefix("# TYPE"))
        #expect(try client.reply().body == "healthy\n")
        #expect(try client.reply().status == 404)
      }
      _ = try (client.reply(), client.reply())
      // The last that one connection gets; the rest is dropped.
      #expect(try client.reply().headers["connection"] == "close")
      #expect(try client.readToEnd() == "")
    }
  }

  @Test func manyScrapesAtOnceShareTheirRenderings() async throws {
    let renderings = Atomic(0)
    let gate = DispatchSemaphore(value: 0)
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in
      gate.wait()
      return ExpositionBody(
        contentType: "text/plain",
        bytes: Array("up \(renderings.add(1, ordering: .relaxed).newValue)\n".utf8)
      )
    }
    try await withServer(exposition: exposition) { address, _ in
      let clients = try (0..<300).map { _ in try RawClient(address) }
      for client in clients { client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n") }
      // Health answers while the rendering is under way; by then all the requests before it are in.
      #expect(try RawClient(address).get("/-/healthy").status == 200)
      gate.signal()
      gate.signal()
      gate.signal()
      for client in clients { #expect(try client.reply().status == 200) }
      #expect(renderings.load(ordering: .relaxed) <= 3)
    }
  }

  @Test func aScrapeShowsWhatWasThereBeforeIt() async throws {
    let value = Atomic(1)
    let hasBegun = DispatchSemaphore(value: 0)
    let mayEnd = DispatchSemaphore(value: 0)
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in
      let seen = value.load(ordering: .relaxed)
      hasBegun.signal()
      mayEnd.wait()
      return ExpositionBody(contentType: "text/plain", bytes: Array("\(seen)".utf8))
    }
    try await withServer(exposition: exposition) { address, _ in
      let (early, late) = (try RawClient(address), try RawClient(address))
      early.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
      hasBegun.wait()
      value.store(2, ordering: .relaxed)
      late.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(try RawClient(address).get("/-/healthy").status == 200)
      mayEnd.signal()
      mayEnd.signal()
      #expect(try early.reply().body == "1")
      #expect(try late.reply().body == "2")
    }
  }

  @Test func deliversALargeExpositionWhole() async throws {
    let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 / 97) & 0x7f }
    let body = ExpositionBody(contentType: "text/plain", bytes: bytes)
    let text = String(buffer: body.chunks[0])
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in body }
    try await withServer(exposition: exposition) { address, _ in
      let client = try RawClient(address, receiveBufferBytes: 4_096)
      client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
      client.finishSending()
      #expect(try client.reply().body == text)
      // A client that is killed in the middle harms nobody.
      let killed = try RawClient(address)
      killed.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
      killed.reset()
      #expect(try RawClient(address).get("/-/healthy").status == 200)
    }
  }

  @Test func saysWhyItCannotListen() async throws {
    try await withServer { address, _ in
      let taken = try ListenAddress(parsing: address)
      let landing = LandingPage(name: "", version: "", description: "")
      let second = HTTPServer(
        options: ServerOptions(addresses: [ListenAddress(host: "127.0.0.1", port: 0), taken], landing: landing),
        exposition: { _ in sampleExposition },
        isReady: { true },
        logger: quietLogger
      )
      let error = await #expect(throws: ServerError.self) { try await second.start() }
      #expect(
        error?.description == "cannot listen on \(address): address already in use "
          + "(another exporter? choose another with --web.listen-address)"
      )
    }
    for (host, path, part) in [
      ("192.0.2.1", "/metrics", "cannot listen on 192.0.2.1:0: this machine has no such address"),
      ("127.0.0.1", "metrics", "must begin with /"), ("127.0.0.1", "/-/ready", "taken by the server itself"),
    ] {
      let server = HTTPServer(
        options: ServerOptions(
          addresses: [ListenAddress(host: host, port: 0)],
          telemetryPath: path,
          landing: LandingPage(name: "", version: "", description: "")
        ),
        exposition: { _ in sampleExposition },
        isReady: { true },
        logger: quietLogger
      )
      let error = await #expect(throws: ServerError.self) { try await server.start() }
      #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }
  }

  @Test func stopsAtOnceWithClientsConnected() async throws {
    let isRendering = DispatchSemaphore(value: 0)
    let mayEnd = DispatchSemaphore(value: 0)
    defer { mayEnd.signal() }
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in
      isRendering.signal()
      mayEnd.wait()
      return sampleExposition
    }
    var limits = ServerLimits()
    limits.stopGrace = .milliseconds(100)
    try await withServer(limits: limits, exposition: exposition) { address, server in
      let idle = try RawClient(address)
      #expect(try idle.get("/-/healthy").status == 200)
      let partial = try RawClient(address)
      partial.send("GET /met")
      let waiting = try RawClient(address)
      waiting.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
      isRendering.wait()
      let began = ContinuousClock.now
      await server.stop()
      #expect(ContinuousClock.now - began < .seconds(2))
      for client in [idle, partial, waiting] { #expect(try client.readToEnd() == "") }
      #expect(throws: POSIXError.self) { try RawClient(address) }
    }
  }

  @Test func letsAResponseInFlightFinishWhenItStops() async throws {
    let isRendering = DispatchSemaphore(value: 0)
    let mayEnd = DispatchSemaphore(value: 0)
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in
      isRendering.signal()
      mayEnd.wait()
      return sampleExposition
    }
    var limits = ServerLimits()
    limits.stopGrace = .seconds(20)
    try await withServer(limits: limits, exposition: exposition) { address, server in
      let idle = try RawClient(address)
      #expect(try idle.get("/-/healthy").status == 200)
      let client = try RawClient(address)
      client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
      isRendering.wait()
      async let stopped: Void = server.stop()
      // The idle one's end tells that the stop is under way.
      #expect(try idle.readToEnd() == "")
      mayEnd.signal()
      let reply = try client.reply()
      #expect(reply.status == 200 && reply.body.hasSuffix("up 1\n"))
      await stopped
      #expect(try client.readToEnd() == "")
    }
  }
}

import Dispatch
import Exposition
import Foundation
import Synchronization
import Testing

@testable import Serving

/// Documents of the API: what is asked for reaches who renders them, and what a client has it does not get again.
@Suite struct DocumentTests {
  private static let path = "/api/v1/runs"

  @Test(
    arguments: [
      ("", []), ("?", []), ("?run=1&run=2", [("run", "1"), ("run", "2")]), ("?a", []), ("?a=", [("a", "")]),
      ("?field=train%2Fbox+loss&x=%C3%BC%20=#&y=1", [("field", "train/box loss"), ("x", "ü =")]),
      ("?&&=x&", [("", "x")]),
    ] as [(String, [(String, String)])]
  )
  func aQueryIsTakenApart(query: String, expected: [(String, String)]) throws {
    let parameters = try DocumentRequest.parameters(in: Self.path + query)
    #expect(parameters == expected.map { DocumentRequest.Parameter($0.0, $0.1) })
  }

  @Test func aQueryReachesTheDocument() async throws {
    let document: @Sendable (DocumentRequest) -> ServedDocument = { request in
      switch request.values(of: "run").first {
      case nil: .badRequest("name a run")
      case "none": .notFound("there is no run \"none\"")
      case let run?: ServedDocument(rest: Array("\(request.path) \(run) \(request.values(of: "x"))".utf8))
      }
    }
    try await withServer(documents: [Self.path, "/other"], document: document) { address, _ in
      let client = try RawClient(address)
      let reply = try client.get(Self.path + "?run=%22a%22&x=1&x=2")
      #expect(reply.status == 200 && reply.body == #"/api/v1/runs "a" ["1", "2"]"#)
      #expect(reply.headers["content-type"] == "application/json; charset=utf-8")
      #expect(reply.headers["cache-control"] == "no-cache" && reply.headers["vary"] == "Accept-Encoding")
      #expect(try client.get("/other?run=b").body == "/other b []")
      for (query, status, body) in [
        ("", 400, #"{"error": "name a run"}"#), ("?run=none", 404, #"{"error": "there is no run \"none\""}"#),
        ("?run=%", 400, #"{"error": "the query is not encoded rightly: it takes %XX for the bytes of UTF-8"}"#),
        ("?run=%ff", 400, #"{"error": "the query is not encoded rightly: it takes %XX for the bytes of UTF-8"}"#),
        ("?" + String(repeating: "a=&", count: 201), 400, #"{"error": "more than 200 parameters"}"#),
      ] {
        let reply = try client.get(Self.path + query)
        #expect(reply.status == status && reply.body == body + "\n", "\(query) \(reply)")
        #expect(reply.headers["content-type"] == "application/json; charset=utf-8")
        #expect(reply.headers["etag"] == nil)
      }
      #expect(try client.get("/api/v1/runs/?run=a").status == 404)
      #expect(try client.get(Self.path, method: "POST").status == 405)
    }
  }

  /// What is new each time, such as the time, makes no other document of it.
  @Test func whatAClientHasItDoesNotGetAgain() async throws {
    let time = Atomic(0)
    let content = Mutex("old")
    let document: @Sendable (DocumentRequest) -> ServedDocument = { _ in
      let now = time.add(1, ordering: .relaxed).newValue
      return ServedDocument(opening: Array("\(now) ".utf8), rest: Array(content.withLock { $0 }.utf8))
    }
    try await withServer(documents: [Self.path], document: document) { address, _ in
      let client = try RawClient(address)
      let first = try client.get(Self.path)
      let tag = try #require(first.headers["etag"])
      #expect(first.body == "1 old" && tag.hasPrefix("W/\""))
      for known in [tag, String(tag.dropFirst(2)), "\"x\", \(tag) ,\"y\"", "*"] {
        let reply = try client.get(Self.path, headers: "If-None-Match: \(known)\r\n")
        #expect(reply.status == 304 && reply.body.isEmpty && reply.headers["etag"] == tag, "\(known)")
        #expect(reply.headers["content-length"] == nil && reply.headers["content-type"] == nil)
        #expect(reply.headers["cache-control"] == "no-cache" && reply.headers["vary"] == "Accept-Encoding")
      }
      #expect(try client.get(Self.path, headers: "If-None-Match: \"x\"\r\n").body == "6 old")
      #expect(try client.get(Self.path, method: "HEAD").headers["content-length"] == "5")
      content.withLock { $0 = "new" }
      let next = try client.get(Self.path, headers: "If-None-Match: \(tag)\r\n")
      #expect(next.status == 200 && next.body == "8 new" && next.headers["etag"] != tag)
    }
  }

  /// A tag is the same however the document is packed.
  @Test func aLargeDocumentIsPacked() async throws {
    let text = (0..<2000).map { "line \($0)\n" }.joined()
    let document: @Sendable (DocumentRequest) -> ServedDocument = { request in
      ServedDocument(rest: Array((request.parameters.isEmpty ? text : "short").utf8))
    }
    try await withServer(documents: [Self.path], contentEncodings: [.gzip, .zstd], document: document) { address, _ in
      let plain = try RawClient(address).get(Self.path)
      #expect(plain.body == text)
      for encoding in ["gzip", "zstd"] {
        let packed = try RawClient(address).get(Self.path, headers: "Accept-Encoding: \(encoding)\r\n")
        #expect(packed.headers["content-encoding"] == encoding && packed.headers["etag"] == plain.headers["etag"])
        let length = try #require(packed.headers["content-length"].flatMap { Int($0) })
        #expect(length < text.utf8.count / 2)
        let short = try RawClient(address).get(Self.path + "?a=1", headers: "Accept-Encoding: \(encoding)\r\n")
        #expect(short.headers["content-encoding"] == nil && short.body == "short")
      }
    }
  }

  /// Equal requests share one rendering, and no scrape waits for a document.
  @Test func requestsShareARenderingThatHoldsUpNoScrape() async throws {
    let hasBegun = DispatchSemaphore(value: 0)
    let mayEnd = DispatchSemaphore(value: 0)
    let rendered = Mutex<[String]>([])
    let document: @Sendable (DocumentRequest) -> ServedDocument = { request in
      hasBegun.signal()
      mayEnd.wait()
      rendered.withLock { $0.append(request.values(of: "run").joined()) }
      return ServedDocument(rest: Array(request.values(of: "run").joined().utf8))
    }
    try await withServer(documents: [Self.path], document: document) { address, _ in
      let first = try RawClient(address)
      first.send("GET \(Self.path)?run=0 HTTP/1.1\r\nHost: x\r\n\r\n")
      hasBegun.wait()
      let clients = try (0..<20).map { number in
        let client = try RawClient(address)
        client.send("GET \(Self.path)?run=\(number % 2) HTTP/1.1\r\nHost: x\r\n\r\n")
        return client
      }
      #expect(try RawClient(address).get("/metrics").status == 200)
      for _ in 0..<3 { mayEnd.signal() }
      #expect(try first.reply().body == "0")
      for (number, client) in clients.enumerated() { #expect(try client.reply().body == "\(number % 2)") }
      #expect(rendered.withLock { $0 } == ["0", "0", "1"])
    }
  }
}

import Exposition
import Foundation
import NIOCore
import Synchronization
import Testing

@testable import Serving

/// How scrapes share renderings, how bodies go out, and what happens when there is no time or no room.
@Suite struct ScrapeTests {
  @Test func eachVariantHasARenderingOfItsOwn() async throws {
    let hasBegun = DispatchSemaphore(value: 0)
    let mayEnd = DispatchSemaphore(value: 0)
    let underWay = Atomic(0)
    let renderings = Mutex<[ExpositionFormat]>([])
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { variant in
      #expect(underWay.add(1, ordering: .sequentiallyConsistent).newValue == 1)
      hasBegun.signal()
      mayEnd.wait()
      renderings.withLock { $0.append(variant.format) }
      underWay.subtract(1, ordering: .sequentiallyConsistent)
      return ExpositionBody(contentType: variant.contentType, bytes: Array("\(variant.format)\n".utf8))
    }
    try await withServer(exposition: exposition) { address, _ in
      let accepted = ["text/plain", "application/openmetrics-text;version=1.0.0", "text/plain;version=1.0.0"]
      let first = try RawClient(address)
      first.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
      hasBegun.wait()
      var clients: [(RawClient, String)] = []
      for _ in 0..<10 {
        for accept in accepted {
          let client = try RawClient(address)
          client.send("GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: \(accept)\r\n\r\n")
          clients.append((client, accept))
        }
      }
      // By this answer all the requests before it are in.
      #expect(try RawClient(address).get("/-/healthy").status == 200)
      for _ in 0..<4 { mayEnd.signal() }
      #expect(try first.reply().body == "text004\n")
      for (client, accept) in clients {
        let expected = ContentNegotiation.variant(accept: [accept], acceptEncoding: [])
        let reply = try client.reply()
        #expect(reply.body == "\(expected.format)\n")
        #expect(reply.headers["content-type"] == expected.contentType)
      }
      #expect(renderings.withLock { $0 } == [.text004, .text004, .openMetrics100, .text100])
    }
  }

  @Test func sendsPiecesAsOneBody() async throws {
    let sizes = [0, 1, 700_000, 0, 3, 262_144, 262_145] + [Int](repeating: 7, count: 20_000) + [0]
    let chunks = sizes.enumerated().map { position, size in
      ByteBuffer(repeating: UInt8(ascii: "a") + UInt8(position % 26), count: size)
    }
    let whole = chunks.map { String(buffer: $0) }.joined()
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { variant in
      ExpositionBody(contentType: "text/plain", contentEncoding: variant.encoding, chunks: chunks)
    }
    try await withServer(exposition: exposition) { address, _ in
      let client = try RawClient(address)
      let packed = try client.get("/metrics", headers: "Accept-Encoding: gzip\r\n")
      #expect(packed.headers["content-encoding"] == "gzip")
      #expect(packed.headers["vary"] == "Accept, Accept-Encoding")
      #expect(packed.headers["content-length"] == "\(whole.utf8.count)")
      #expect(packed.body == whole)
      let plain = try client.get("/metrics")
      #expect(plain.headers["content-encoding"] == nil)
      #expect(plain.headers["vary"] == "Accept, Accept-Encoding")
      #expect(plain.body == whole)
      let head = try client.get("/metrics", method: "HEAD", headers: "Accept-Encoding: gzip\r\n")
      #expect(head.headers["content-length"] == "\(whole.utf8.count)" && head.headers["content-encoding"] == "gzip")
      #expect(try client.get("/-/healthy").headers["vary"] == nil)
    }
  }

  @Test func anEmptyExpositionIsAnAnswer() async throws {
    let empty = ExpositionBody(contentType: "text/plain", chunks: [])
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in empty }
    try await withServer(exposition: exposition) { address, _ in
      let client = try RawClient(address)
      for _ in 0..<2 {
        let reply = try client.get("/metrics")
        #expect(reply.status == 200 && reply.headers["content-length"] == "0")
      }
    }
  }

  @Test func answersBeforeTheScraperGivesUp() async throws {
    let mayEnd = DispatchSemaphore(value: 0)
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in
      mayEnd.wait()
      return sampleExposition
    }
    try await withServer(exposition: exposition) { address, _ in
      let client = try RawClient(address)
      let hurried = "X-Prometheus-Scrape-Timeout-Seconds: 0.02\r\n"
      for _ in 0..<3 {
        let late = try client.get("/metrics", headers: hurried)
        #expect(late.status == 503 && late.body.contains("not ready within the time"))
        #expect(late.headers["connection"] == nil)
      }
      // Nothing of the renderings that nobody waits for any more gets into the next answer.
      client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
      for _ in 0..<3 { mayEnd.signal() }
      #expect(try client.reply().status == 200)
      #expect(try client.get("/-/healthy").body == "healthy\n")
    }
  }

  @Test func theServersOwnLimitIsTheCeiling() async throws {
    let mayEnd = DispatchSemaphore(value: 0)
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in
      mayEnd.wait()
      return sampleExposition
    }
    var limits = ServerLimits()
    limits.renderTimeout = .milliseconds(20)
    try await withServer(limits: limits, exposition: exposition) { address, _ in
      let client = try RawClient(address)
      for header in ["", "X-Prometheus-Scrape-Timeout-Seconds: 99999\r\n"] {
        #expect(try client.get("/metrics", headers: header).status == 503)
      }
      for _ in 0..<2 { mayEnd.signal() }
      #expect(try client.get("/-/healthy").status == 200)
    }
  }

  @Test(
    arguments: [
      ("10", 9_500), ("10.000000", 9_500), ("1", 750), ("0.4", 300), ("0.04", 30), ("0.004", 3), ("2.5", 2_000),
      ("99999", 99_998_500), ("5.", 4_500),
    ] as [(String, Int)]
  )
  func readsTheScrapeTimeout(text: String, milliseconds: Int) {
    #expect(ScrapeTimeout.timeLimit([text]) == .milliseconds(milliseconds))
  }

  @Test(arguments: [
    [], [""], ["-1"], ["nan"], ["1e308"], ["0"], ["0.0"], ["0.0001"], ["banana"], ["1.x"], [".5"], ["1.2.3"], ["+5"],
    ["100000"], ["99999999999999999999999"], ["٣"], ["10", "10"], ["1 "], ["inf"], ["0x10"],
  ])
  func ignoresAnOddScrapeTimeout(values: [String]) {
    #expect(ScrapeTimeout.timeLimit(values) == nil)
  }

  @Test func turnsScrapesOverTheLimitAway() async throws {
    let mayEnd = DispatchSemaphore(value: 0)
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in
      mayEnd.wait()
      return sampleExposition
    }
    var limits = ServerLimits()
    limits.scrapesMax = 3
    try await withServer(limits: limits, exposition: exposition) { address, _ in
      let waiting = try (0..<2).map { _ in try RawClient(address) }
      for client in waiting { client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n") }
      let other = try RawClient(address)
      // A scrape that has timed out takes its place until its rendering ends.
      let timedOut = try other.get("/metrics", headers: "X-Prometheus-Scrape-Timeout-Seconds: 0.02\r\n")
      #expect(timedOut.status == 503 && timedOut.headers["retry-after"] == nil)
      for _ in 0..<2 {
        let reply = try other.get("/metrics")
        #expect(reply.status == 503 && reply.body.contains("--web.max-requests"))
        #expect(reply.headers["retry-after"] == "1" && reply.headers["connection"] == nil)
        #expect(try other.get("/-/healthy").status == 200)
      }
      for _ in 0..<3 { mayEnd.signal() }
      for client in waiting { #expect(try client.reply().status == 200) }
      for _ in 0..<20 {
        mayEnd.signal()
        #expect(try other.get("/metrics").status == 200)
      }
    }
  }
}

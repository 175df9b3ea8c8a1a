import Dispatch
import Exposition
import Foundation
import Testing

@testable import Serving

/// HTTP/2 clients that must not hurt. Beside and after each a normal scrape is answered.
@Suite struct HostileHTTP2Tests {
  /// The codes that the server says goodbye with.
  private static let (protocolError, frameSizeError): (UInt32, UInt32) = (1, 6)
  private static let (compressionError, enhanceYourCalm): (UInt32, UInt32) = (9, 11)

  /// Frames that end the connection they come by, and the code that it ends with.
  struct Flood: CustomTestStringConvertible {
    let name: String
    let frames: [UInt8]
    let code: UInt32
    var testDescription: String { name }

    init(_ name: String, _ frames: [UInt8], _ code: UInt32) {
      (self.name, self.frames, self.code) = (name, frames, code)
    }

    static func repeated(_ name: String, _ code: UInt32, after first: [UInt8] = [], _ frame: (UInt32) -> [UInt8])
      -> Flood
    {
      var frames = first
      for number in 0..<300 as Range<UInt32> { frames += frame(number) }
      return Flood(name, frames, code)
    }
  }

  private static let begun = FrameClient.frame(1, stream: 1, payload: FrameClient.block([(":method", "GET")]))
  /// A long field goes into the table, and comes again by one byte each time.
  private static let bomb: [UInt8] =
    [0x40, 1, 0x61, 0x7f, 0xa1, 0x1e] + [UInt8](repeating: 0x78, count: 4_000) + [UInt8](repeating: 0xbe, count: 1_000)

  static let floods: [Flood] = [
    .repeated("rapid reset", enhanceYourCalm) { FrameClient.request(2 * $0 + 1) + FrameClient.reset(2 * $0 + 1) },
    .repeated("pings", enhanceYourCalm) { _ in FrameClient.ping() },
    .repeated("settings", enhanceYourCalm) { _ in FrameClient.frame(4, payload: []) },
    .repeated("priorities", enhanceYourCalm) { _ in FrameClient.frame(2, stream: 1, payload: [0, 0, 0, 0, 1]) },
    .repeated("continuations", enhanceYourCalm, after: begun) { _ in
      FrameClient.frame(9, stream: 1, payload: FrameClient.block([("a", "b")]))
    },
    .repeated("empty data", enhanceYourCalm, after: FrameClient.request(1, ends: false)) { _ in
      FrameClient.data(1, [], ends: false)
    },
    .repeated("too many streams", protocolError) { FrameClient.request(2 * $0 + 1, ends: false) },
    Flood(
      "a large header",
      FrameClient.request(1, "/", [("a", String(repeating: "x", count: 16_200))]),
      compressionError
    ),
    Flood("a header that grows", FrameClient.frame(1, flags: 5, stream: 1, payload: bomb), compressionError),
    Flood("data for a stream that never began", FrameClient.data(3, []), protocolError),
    Flood("no frames", Array("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".utf8), frameSizeError),
  ]

  @Test(arguments: floods)
  func aFloodEndsItsConnectionAlone(flood: Flood) async throws {
    var limits = ServerLimits()
    limits.controlFramesMax = 200
    let hits = RefusalCounts<ClientLimit>()
    try await withSecureServer(limits: limits, limitHits: hits) { address, _ in
      let scraper = try await FrameClient(address)
      #expect(try scraper.get(1).status == 200)
      let client = try await FrameClient(address)
      client.send(flood.frames)
      #expect(try scraper.get(3).status == 200)
      let end = try client.wait { $0.isClosed }
      #expect(end.goodbye == flood.code)
      #expect(try scraper.get(5).status == 200)
    }
    #expect(hits.counted == [.http2Frames: 1])
  }

  @Test func tinyWindowUpdatesEndTheConnection() async throws {
    let body = ExpositionBody(contentType: "text/plain", bytes: [UInt8](repeating: 0x61, count: 100_000))
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in body }
    var limits = ServerLimits()
    limits.tinyWindowUpdatesMax = 100
    try await withSecureServer(limits: limits, exposition: exposition) { address, _ in
      let client = try await FrameClient(address, window: 1)
      client.send(FrameClient.request(1))
      for _ in 0..<200 { client.send(FrameClient.windowUpdate(1, 1)) }
      #expect(try client.wait { $0.isClosed }.replies[1]?.body.count ?? 0 < 1_000)
      #expect(try await FrameClient(address).get(1).body.count == 100_000)
    }
  }

  @Test func aBodyThatNobodyTakesIsGivenUp() async throws {
    let body = ExpositionBody(contentType: "text/plain", bytes: [UInt8](repeating: 0x61, count: 3_000_000))
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in body }
    var limits = ServerLimits()
    limits.stallTimeout = .milliseconds(300)
    limits.scrapesMax = 2
    try await withSecureServer(limits: limits, exposition: exposition) { address, _ in
      let lazy = try await FrameClient(address, window: 0)
      for stream: UInt32 in [1, 3] { lazy.send(FrameClient.request(stream)) }
      // The small answer waits for a window, too.
      lazy.send(FrameClient.request(5, "/-/healthy"))
      for stream: UInt32 in [1, 3, 5] {
        #expect(try lazy.wait { $0.replies[stream]?.reset != nil }.replies[stream]?.body.isEmpty == true)
      }
      // Their places among the scrapes are free again, and the connection is good.
      let other = try await FrameClient(address)
      #expect(try other.get(1).body.count == 3_000_000)
      lazy.send(FrameClient.frame(4, payload: [0, 4] + FrameClient.bytes(5_000_000)))
      #expect(try lazy.get(7).body.count == 3_000_000)
    }
  }

  @Test func silenceHasDeadlines() async throws {
    var limits = ServerLimits()
    limits.headerTimeout = .milliseconds(500)
    limits.idleTimeout = .milliseconds(500)
    let hits = RefusalCounts<ClientLimit>()
    try await withSecureServer(limits: limits, limitHits: hits) { address, _ in
      let noHandshake = try RawClient(address)
      let noGreeting = try await FrameClient(address, greets: false)
      let noRequest = try await FrameClient(address)
      let halfHeader = try await FrameClient(address)
      halfHeader.send(FrameClient.frame(1, stream: 1, payload: FrameClient.block([(":method", "GET")])))
      let halfRequest = try await FrameClient(address)
      halfRequest.send(FrameClient.request(1, ends: false))
      let idle = try await FrameClient(address)
      #expect(try idle.get(1).status == 200)

      #expect(try noHandshake.readToEnd() == "")
      for client in [noGreeting, noRequest, halfHeader, idle] {
        #expect(try client.wait { $0.isClosed }.goodbye == 0)
      }
      #expect(try halfRequest.wait { $0.replies[1]?.reset == 0 }.replies[1]?.status == 408)
      #expect(try await FrameClient(address).get(1).status == 200)
    }
    #expect(hits.counted == [.requestTime: 4])
  }

  /// Whoever breaks a connection off has sent nothing that is not allowed.
  @Test func aConnectionThatBreaksOffIsNoFault() async throws {
    let hits = RefusalCounts<ClientLimit>()
    let mayEnd = DispatchSemaphore(value: 0)
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in
      mayEnd.wait()
      return sampleExposition
    }
    try await withSecureServer(limitHits: hits, exposition: exposition) { address, _ in
      let clients = [try await FrameClient(address), try await FrameClient(address)]
      #expect(try clients[0].get(1, "/-/healthy").status == 200)
      clients[1].send(FrameClient.request(1))
      for client in clients { client.cut() }
      for client in clients { try client.wait { $0.isClosed } }
      mayEnd.signal()
      #expect(try await FrameClient(address).get(1, "/-/healthy").status == 200)
    }
    #expect(hits.counted == [:])
  }

  @Test func streamsOverTheLimitOfAllMayComeAgain() async throws {
    let mayEnd = DispatchSemaphore(value: 0)
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in
      mayEnd.wait()
      return sampleExposition
    }
    var limits = ServerLimits()
    limits.streamsMax = 2
    try await withSecureServer(limits: limits, exposition: exposition) { address, _ in
      let client = try await FrameClient(address)
      for stream: UInt32 in [1, 3] { client.send(FrameClient.request(stream)) }
      let refusedStream: UInt32 = 7
      #expect(try client.get(5).reset == refusedStream)
      for _ in 0..<2 { mayEnd.signal() }
      for stream: UInt32 in [1, 3] { #expect(try client.reply(stream).status == 200) }
      mayEnd.signal()
      #expect(try client.get(7).status == 200)
    }
  }

  @Test func aHeaderOfManyFieldsIsRefusedAlone() async throws {
    try await withSecureServer { address, _ in
      let client = try await FrameClient(address)
      #expect(try client.get(1, "/metrics", (0..<101).map { ("a\($0)", "b") }).status == 431)
      #expect(try client.get(3, "/" + String(repeating: "x", count: 9_000)).status == 431)
      #expect(try client.get(5).status == 200)
    }
  }
}

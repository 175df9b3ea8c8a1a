import Dispatch
import Exposition
import Foundation
import Synchronization
import Testing

@testable import Serving

/// Clients at one address that take all there is, and a scraper at another. The limits are small here.
@Suite struct FairServingTests {
  private static let harmful = "127.0.0.2"
  private static let scrape = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
  /// More than the system takes for a client that does not read.
  private static let bodyBytes = 8_000_000

  private static func largeBody() -> ExpositionBody {
    ExpositionBody(contentType: "text/plain", bytes: [UInt8](repeating: 0x61, count: bodyBytes))
  }

  /// Nothing ends because its time is over, however slow the machine is.
  private static let limits: ServerLimits = {
    var limits = ServerLimits()
    let time: Duration = .seconds(600)
    (limits.headerTimeout, limits.idleTimeout, limits.stallTimeout) = (time, time, time)
    (limits.renderTimeout, limits.unreadPatience) = (time, time)
    return limits
  }()

  @Test func silentConnectionsGiveWay() async throws {
    var limits = Self.limits
    limits.connectionsMax = 10
    let hits = RefusalCounts<ClientLimit>()
    try await withServer(limits: limits, limitHits: hits) { address, _ in
      let kept = try RawClient(address)
      #expect(try kept.get("/metrics").status == 200)
      let silent = try (0..<30).map { _ in try RawClient(address, from: Self.harmful) }
      #expect(try RawClient(address).get("/metrics").status == 200)
      // A connection that waits for its next scrape is silent, too, but not of the busiest.
      #expect(try kept.get("/metrics").status == 200)
      // The oldest went: nine had room beside the one that is kept, and then eight beside the new scraper's.
      for client in silent[..<22] { #expect(try client.readToEnd() == "") }
      for client in silent[22...] { #expect(!client.hasReply) }
      #expect(hits.counted == [.connections: 22])
    }
  }

  @Test func manyAddressesHaveNoMoreThanTheirShare() async throws {
    var limits = Self.limits
    limits.connectionsMax = 16
    try await withServer(limits: limits) { address, _ in
      let silent = try (0..<64).map { try RawClient(address, from: "127.0.1.\($0 + 1)") }
      for _ in 0..<20 { #expect(try RawClient(address).get("/metrics").status == 200) }
      // One connection of the scraper may not have ended before the next one came.
      #expect(silent.count { !$0.hasReply } >= 14)
    }
  }

  @Test func answersThatAreNotReadGiveWay() async throws {
    var limits = Self.limits
    limits.scrapesMax = 4
    let hits = RefusalCounts<ClientLimit>()
    let body = Self.largeBody()
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in body }
    try await withServer(limits: limits, limitHits: hits, exposition: exposition) { address, _ in
      var lazy: [RawClient] = []
      for _ in 0..<4 {
        let client = try RawClient(address, from: Self.harmful, receiveBufferBytes: 4_096)
        client.send(Self.scrape)
        #expect(client.hasReply(within: 60_000))
        lazy.append(client)
      }
      // Others of its own do not end them at once.
      let over = try RawClient(address, from: Self.harmful).get("/metrics")
      #expect(over.status == 503 && over.body.contains("--web.max-requests"))
      #expect(try RawClient(address).get("/metrics").body.utf8.count == Self.bodyBytes)
      #expect(hits.counted == [.scrapes: 2])
      // The oldest of them went, and it alone.
      #expect(try lazy[0].readToEnd().utf8.count < Self.bodyBytes)
      for client in lazy[1...] { #expect(try client.reply().body.utf8.count == Self.bodyBytes) }
    }
  }

  /// Each rendering is another: as many as nobody reads would all be kept.
  @Test func renderingsThatAreNotReadAreFew() async throws {
    var limits = Self.limits
    limits.unreadRenderingsMin = 3
    limits.unreadBytesMax = 0
    let hits = RefusalCounts<ClientLimit>()
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in Self.largeBody() }
    try await withServer(limits: limits, limitHits: hits, exposition: exposition) { address, _ in
      var lazy: [RawClient] = []
      for _ in 0..<10 {
        let client = try RawClient(address, from: Self.harmful, receiveBufferBytes: 4_096)
        client.send(Self.scrape)
        #expect(client.hasReply(within: 60_000))
        lazy.append(client)
      }
      #expect(try RawClient(address).get("/metrics").body.utf8.count == Self.bodyBytes)
      #expect(hits.counted == [.unreadBytes: 8])
      for client in lazy[..<8] { #expect(try client.readToEnd().utf8.count < Self.bodyBytes) }
      for client in lazy[8...] { #expect(try client.reply().body.utf8.count == Self.bodyBytes) }
    }
  }

  @Test func streamsWithClosedWindowsGiveWay() async throws {
    var limits = Self.limits
    limits.scrapesMax = 4
    let hits = RefusalCounts<ClientLimit>()
    let body = Self.largeBody()
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in body }
    try await withSecureServer(limits: limits, limitHits: hits, exposition: exposition) { address, _ in
      let lazy = try await FrameClient(address, from: Self.harmful, window: 0)
      let streams: [UInt32] = [1, 3, 5, 7, 9]
      for stream in streams { lazy.send(FrameClient.request(stream)) }
      for stream in streams { try lazy.wait { $0.replies[stream]?.status ?? 0 > 0 } }
      let scraper = try await FrameClient(address)
      #expect(try scraper.get(1).body.count == Self.bodyBytes)
      let inbox = try lazy.wait { $0.replies[1]?.reset != nil }
      #expect(inbox.replies[9]?.status == 503 && inbox.replies[3]?.reset == nil && !inbox.isClosed)
      #expect(hits.counted == [.scrapes: 2])
    }
  }

  @Test func streamsThatAskNothingGiveWay() async throws {
    var limits = Self.limits
    limits.streamsMax = 3
    let hits = RefusalCounts<ClientLimit>()
    try await withSecureServer(limits: limits, limitHits: hits) { address, _ in
      let lazy = try await FrameClient(address, from: Self.harmful, window: 0)
      for stream: UInt32 in [1, 3] { lazy.send(FrameClient.request(stream, "/-/healthy")) }
      for stream: UInt32 in [1, 3] { try lazy.wait { $0.replies[stream]?.status == 200 } }
      lazy.send(FrameClient.request(5, ends: false) + FrameClient.ping())
      try lazy.wait { $0.pings == 1 }
      let scraper = try await FrameClient(address)
      for stream: UInt32 in [1, 3] { #expect(try scraper.get(stream).status == 200) }
      let inbox = try lazy.wait { $0.replies[5]?.reset != nil }
      #expect(inbox.replies[1]?.reset == nil && inbox.replies[3]?.reset == nil)
      #expect(hits.counted == [.streams: 1])
    }
  }

  @Test func handshakesGiveWay() async throws {
    var limits = Self.limits
    limits.handshakesMax = 4
    let hits = RefusalCounts<ClientLimit>()
    var failures: RefusalCounts<HandshakeFailure.Reason>?
    var slow: [RawClient] = []
    let loaded: (ConnectionSecurity) -> Void = { failures = $0.handshakeFailures }
    try await withSecureServer(limits: limits, limitHits: hits, loaded: loaded) { address, _ in
      slow = try (0..<12).map { _ in try RawClient(address, from: Self.harmful) }
      // The first byte of a handshake.
      for client in slow { client.send([0x16]) }
      for client in slow[..<8] { #expect(try client.readToEnd() == "") }
      #expect(try await FrameClient(address).get(1).status == 200)
      #expect(try slow[8].readToEnd() == "")
      for client in slow[9...] { #expect(!client.hasReply) }
      #expect(hits.counted == [.handshakes: 9])
    }
    // None of them has failed: some lost their places, and the server has stopped.
    for client in slow[9...] { #expect(try client.readToEnd() == "") }
    #expect(failures?.counted == [:])
  }

  /// All is written, but not all has left.
  @Test func answersOnTheirWayKeepTheirPlaces() async throws {
    var limits = Self.limits
    limits.scrapesMax = 1
    limits.responseChunkBytes = 4 << 20
    let bodyBytes = 3_900_000
    let hits = RefusalCounts<ClientLimit>()
    let body = ExpositionBody(contentType: "text/plain", bytes: [UInt8](repeating: 0x61, count: bodyBytes))
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in body }
    try await withServer(limits: limits, limitHits: hits, exposition: exposition) { address, _ in
      let lazy = try RawClient(address, receiveBufferBytes: 4_096)
      lazy.send(Self.scrape)
      #expect(lazy.hasReply(within: 60_000))
      #expect(try RawClient(address).get("/metrics").status == 503)
      #expect(hits.counted == [.scrapes: 1])
      #expect(try lazy.reply().body.utf8.count == bodyBytes)
      #expect(try RawClient(address).get("/metrics").status == 200)
    }
  }

  /// A connection that was not read is busy again once it was, and another request is under way on it.
  @Test func aConnectionIsWhatTheBusiestOfItsStreamsIs() async throws {
    var limits = Self.limits
    limits.connectionsMax = 2
    let bodyBytes = 1_000_000
    let (hasBegun, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let count = Mutex(0)
    let body = ExpositionBody(contentType: "text/plain", bytes: [UInt8](repeating: 0x61, count: bodyBytes))
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in
      let number = count.withLock { count in
        count += 1
        return count
      }
      if number == 3 {
        hasBegun.signal()
        mayEnd.wait()
      }
      return body
    }
    try await withSecureServer(limits: limits, exposition: exposition) { address, _ in
      let read = try await FrameClient(address, from: Self.harmful, window: 0)
      read.send(FrameClient.request(1))
      try read.wait { $0.replies[1]?.status == 200 }
      let unread = try await FrameClient(address, from: Self.harmful, window: 0)
      unread.send(FrameClient.request(1))
      try unread.wait { $0.replies[1]?.status == 200 }
      read.send(FrameClient.request(3))
      hasBegun.wait()
      read.send(FrameClient.frame(4, payload: [0, 4] + FrameClient.bytes(5_000_000)))
      #expect(try read.reply(1).body.count == bodyBytes)
      // What was read last is unread for a shorter time.
      unread.send(FrameClient.windowUpdate(1, 300_000))
      try unread.wait { $0.replies[1]?.body.count == 300_000 }
      #expect(try await FrameClient(address).get(1, "/-/healthy").status == 200)
      try unread.wait { $0.isClosed }
      mayEnd.signal()
      #expect(try read.reply(3).body.count == bodyBytes)
    }
  }
}

import Exposition
import Foundation
import Testing

@testable import Serving

/// Connections that must not hurt, numbered as in the list of hostile inputs that `HostileRequestTests` follows. After
/// each a normal scrape answers 200.
@Suite struct HostileConnectionTests {
  private static let scrape = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"

  @Test("71 half-close at once, 72 half a request then half-close")
  func halfClosed() async throws {
    try await withServer { address, _ in
      for part in ["", "G", "GET /metrics HTTP/1.1\r\nHost: x\r\n"] {
        let client = try RawClient(address)
        client.send(part)
        client.finishSending()
        #expect(try !client.readToEnd().contains(" 200 "))
        #expect(try RawClient(address).get("/metrics").status == 200)
      }
    }
  }

  @Test("73 slowloris, 74 silent connections: 200 of each are closed by the header's deadline")
  func silent() async throws {
    var limits = ServerLimits()
    limits.headerTimeout = .milliseconds(500)
    try await withServer(limits: limits) { address, _ in
      let silent = try (0..<200).map { _ in try RawClient(address) }
      let slow = try (0..<200).map { _ in try RawClient(address) }
      for client in slow { client.send("GET /metr") }
      #expect(try RawClient(address).get("/metrics").status == 200)
      for client in silent { #expect(try client.readToEnd() == "") }
      for client in slow { #expect(try client.readToEnd().hasPrefix("HTTP/1.1 408 ")) }
      #expect(try RawClient(address).get("/metrics").status == 200)
    }
  }

  @Test("75 fifty clients that do not read, 78 resets in the middle of the body, 80 the smallest window")
  func lazyReaders() async throws {
    let body = ExpositionBody(contentType: "text/plain", bytes: [UInt8](repeating: 0x61, count: 10_000_000))
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in body }
    try await withServer(exposition: exposition) { address, _ in
      let lazy = try (0..<50).map { _ in try RawClient(address, receiveBufferBytes: 1) }
      for client in lazy { client.send(Self.scrape) }
      #expect(try RawClient(address).get("/metrics").status == 200)
      for client in lazy { client.reset() }
    }
  }

  @Test("76 two hundred pipelined requests, then gone")
  func pipelinedAndGone() async throws {
    try await withServer { address, _ in
      for resets in [false, true] {
        let client = try RawClient(address)
        client.send(String(repeating: Self.scrape, count: 200))
        if resets { client.reset() }
      }
      #expect(try RawClient(address).get("/metrics").status == 200)
    }
  }

  @Test("77 three hundred scrapes at once")
  func manyScrapes() async throws {
    try await withServer { address, _ in
      let clients = try (0..<300).map { _ in try RawClient(address) }
      for client in clients { client.send(Self.scrape) }
      for client in clients { #expect(try client.reply().status == 200) }
    }
  }

  @Test("79 thousands of connections, one after the other")
  func connectionStorm() async throws {
    try await withServer { address, _ in
      for number in 0..<2_000 {
        let client = try RawClient(address)
        if number % 2 == 0 { client.reset() }
      }
      #expect(try RawClient(address).get("/metrics").status == 200)
    }
  }
}

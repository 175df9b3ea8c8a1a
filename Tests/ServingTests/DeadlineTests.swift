import Exposition
import Foundation
import Testing

@testable import Serving

/// Clients that are slow, silent, or too many. The deadlines are short here and the margins wide.
@Suite struct DeadlineTests {
  @Test func endsAHeaderThatDrips() async throws {
    var limits = ServerLimits()
    limits.headerTimeout = .seconds(1)
    try await withServer(limits: limits) { address, _ in
      let drip = try RawClient(address)
      #expect(try drip.get("/metrics").status == 200)
      let silent = try RawClient(address)
      let began = ContinuousClock.now
      // Each byte comes well within the time limit; only the whole header does not.
      let request = Array("GET /metrics HTTP/1.1\r\nX: ".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 1_000)
      for byte in request where ContinuousClock.now - began < .seconds(40) {
        drip.send([byte])
        try await Task.sleep(for: .milliseconds(20))
        if drip.hasReply { break }
      }
      #expect(try drip.reply().status == 408)
      #expect(ContinuousClock.now - began < .seconds(40))
      #expect(try silent.readToEnd() == "")
    }
  }

  @Test func closesIdleConnections() async throws {
    var limits = ServerLimits()
    limits.idleTimeout = .milliseconds(100)
    try await withServer(limits: limits) { address, _ in
      let client = try RawClient(address)
      #expect(try client.get("/metrics").headers["connection"] == nil)
      #expect(try client.readToEnd() == "")
    }
  }

  @Test func cutsOffAClientThatDoesNotRead() async throws {
    var limits = ServerLimits()
    limits.stallTimeout = .milliseconds(200)
    let body = ExpositionBody(contentType: "text/plain", bytes: [UInt8](repeating: 0x61, count: 30_000_000))
    let exposition: @Sendable (ExpositionVariant) -> ExpositionBody = { _ in body }
    try await withServer(limits: limits, exposition: exposition) { address, _ in
      let lazy = try RawClient(address, receiveBufferBytes: 4_096)
      lazy.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
      try await Task.sleep(for: .seconds(1))
      #expect(try lazy.readToEnd().utf8.count < 30_000_000)
      #expect(try RawClient(address).get("/-/healthy").status == 200)
    }
  }
}

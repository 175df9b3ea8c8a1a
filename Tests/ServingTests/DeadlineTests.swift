import Dispatch
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

  /// What is counted is the deadline that was missed, once; a refusal that the client lingers over is none.
  @Test func countsEachMissedDeadlineOnce() async throws {
    var limits = ServerLimits()
    (limits.headerTimeout, limits.lingerTimeout) = (.milliseconds(500), .milliseconds(100))
    let hits = RefusalCounts<ClientLimit>()
    try await withServer(limits: limits, limitHits: hits) { address, _ in
      let clients = try ["", "GET /met", "\u{16}\u{3}\u{1}"].map { text in
        let client = try RawClient(address)
        client.send(text)
        return client
      }
      for (client, status) in zip(clients, ["", "HTTP/1.1 408 ", "HTTP/1.1 400 "]) {
        #expect(try client.readToEnd().hasPrefix(status))
        // Until the server no longer takes anything.
        while send(client.descriptor, "x", 1, Int32(MSG_NOSIGNAL)) == 1 { try await Task.sleep(for: .milliseconds(10)) }
      }
      #expect(hits.counted == [.requestTime: 2])
    }
  }

  /// A password that is not checked in time says nothing of whether its client reads.
  @Test func aPasswordThatWaitsTooLongIsRefused() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "password-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "web.yml")
    try Data("basic_auth_users: { prometheus: \(PasswordTests.secret) }".utf8).write(to: file)
    let mayEnd = DispatchSemaphore(value: 0)
    let passwords = PasswordCheck { _, _ in
      mayEnd.wait()
      return true
    }
    let security = try #require(ConnectionSecurity.load(path: file.path, passwords: passwords).security)
    var limits = ServerLimits()
    limits.passwordTimeout = .milliseconds(200)
    let hits = RefusalCounts<ClientLimit>()
    try await withServer(limits: limits, security: security, limitHits: hits) { address, _ in
      let credentials = Data("prometheus:secret".utf8).base64EncodedString()
      let reply = try RawClient(address).get("/metrics", headers: "Authorization: Basic \(credentials)\r\n")
      #expect(reply.status == 429 && reply.headers["connection"] == "close")
      mayEnd.signal()
    }
    #expect(hits.counted == [:] && security.accessRefusals.counted == [.tooManyPasswords: 1])
  }
}

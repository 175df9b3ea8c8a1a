import NIOCore
import Testing

@testable import Serving

/// Where one request ends and the next begins, however the bytes come.
@Suite struct RequestCutterTests {
  private static let requests = [
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\r\nGET /a\n\n", "HEAD /b HTTP/1.0\r\nX: \r\n\r\n",
  ]

  @Test func cutsAtTheEndOfEachHeadWhereverTheBytesAreCut() {
    let text = Array(Self.requests.joined().utf8)
    for first in 0...text.count {
      for second in first...text.count {
        var cutter = RequestCutter(lineBytesMax: 100)
        var parts = [""]
        var lines: [String] = []
        for piece in [text[..<first], text[first..<second], text[second...]] {
          var bytes = ByteBuffer(bytes: piece)
          while bytes.readableBytes > 0 {
            parts[parts.count - 1] += String(buffer: cutter.next(&bytes))
            if cutter.line.readableBytes > 0, !cutter.isWithin {
              lines.append(String(buffer: cutter.line))
              parts.append("")
            }
          }
        }
        #expect(parts == Self.requests + [""], "cut at \(first) and \(second)")
        #expect(lines == ["GET / HTTP/1.1\r", "GET /a", "HEAD /b HTTP/1.0\r"], "cut at \(first) and \(second)")
      }
    }
  }

  @Test(arguments: [
    ("GET /", false), ("GET /\n", true), ("\r\n\nGET\r\n", true), ("GET / HTTP/1.1\r\n", false), ("\r\n", false),
    ("GET / HTTP/1.1\r\n\r\nGET /", false), ("GET / HTTP/1.1\r\n\r\nGET /\r\n", true), ("GET / http/1.1\n", true),
  ])
  func tellsALineWithoutAVersion(text: String, lacksVersion: Bool) {
    var cutter = RequestCutter(lineBytesMax: 100)
    var bytes = ByteBuffer(string: text)
    while bytes.readableBytes > 0 { _ = cutter.next(&bytes) }
    #expect(cutter.lacksVersion == lacksVersion)
  }

  @Test func keepsNoEndlessLine() {
    var cutter = RequestCutter(lineBytesMax: 100)
    for _ in 0..<1_000 {
      var bytes = ByteBuffer(repeating: UInt8(ascii: "x"), count: 50)
      #expect(cutter.next(&bytes).readableBytes == 50)
    }
    var end = ByteBuffer(string: "\n")
    #expect(cutter.next(&end).readableBytes == 1)
    #expect(cutter.hasLine && !cutter.lacksVersion && cutter.line.readableBytes <= 150)
  }

  // MARK: On a connection

  private static let healthy = "GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"

  @Test func aSecondRequestWithoutAVersionIsRefusedAtOnce() async throws {
    var limits = ServerLimits()
    (limits.headerTimeout, limits.idleTimeout) = (.seconds(600), .seconds(600))
    try await withServer(limits: limits) { address, _ in
      let client = try RawClient(address)
      client.send(Self.healthy + "GET /metrics\r\n")
      #expect(try client.reply().status == 200)
      #expect(try client.reply().status == 400)
      #expect(try client.readToEnd() == "")
    }
  }

  @Test func aSecondRequestMayComeInParts() async throws {
    try await withServer { address, _ in
      let client = try RawClient(address)
      let (first, rest) = ("GET /-/healthy HTTP/1.1\r\n", "Host: x\r\n\r\n")
      client.send(Self.healthy + first)
      for _ in 0..<3 {
        #expect(try client.reply().status == 200)
        client.send(rest + first)
      }
    }
  }

  /// It has the time of a header, not that of a connection without a request.
  @Test func aSecondRequestThatBeganWithTheFirstHasADeadline() async throws {
    var limits = ServerLimits()
    (limits.headerTimeout, limits.idleTimeout) = (.milliseconds(500), .seconds(600))
    try await withServer(limits: limits) { address, _ in
      let client = try RawClient(address)
      client.send(Self.healthy + "GET /")
      #expect(try client.reply().status == 200)
      #expect(try client.reply().status == 408)
    }
  }

  /// Some clients send an empty line more than they should.
  @Test func anEmptyLineIsNoRequest() async throws {
    var limits = ServerLimits()
    limits.headerTimeout = .milliseconds(500)
    try await withServer(limits: limits) { address, _ in
      let client = try RawClient(address)
      client.send(Self.healthy + "\r\n")
      #expect(try client.reply().status == 200)
      client.send("\r\n")
      #expect(!client.hasReply(within: 1_500))
      client.send(Self.healthy)
      #expect(try client.reply().status == 200)
    }
  }
}

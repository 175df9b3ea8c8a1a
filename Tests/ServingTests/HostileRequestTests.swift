import Foundation
import Testing

@testable import Serving

/// Requests that must not hurt: each gets one of the answers given, and the next scrape is as good as any.
@Suite struct HostileRequestTests {
  struct Attack: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    /// Empty: the connection closes without an answer.
    let answers: [Int]
    var testDescription: String { name }

    init(_ name: String, _ text: String, _ answers: Int...) {
      self.init(name, bytes: Array(text.utf8), answers)
    }

    init(_ name: String, bytes: [UInt8], _ answers: [Int]) {
      self.name = name
      self.bytes = bytes
      self.answers = answers
    }

    static func line(_ name: String, _ line: String, _ answers: Int...) -> Attack {
      Attack(name, bytes: Array("\(line)\r\nHost: x\r\n\r\n".utf8), answers)
    }

    static func path(_ path: String, _ answers: Int...) -> Attack {
      Attack("path \(path.prefix(30))", bytes: Array("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8), answers)
    }

    /// A GET of the metrics with these header lines more.
    static func header(_ name: String, _ lines: String, _ answers: Int...) -> Attack {
      Attack(name, bytes: Array("GET /metrics HTTP/1.1\r\nHost: x\r\n\(lines)\r\n\r\n".utf8), answers)
    }

    static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
  }

  static let requestLines: [Attack] = [
    .line("POST", "POST /metrics HTTP/1.1", 405), .line("PUT", "PUT /metrics HTTP/1.1", 405),
    .line("DELETE", "DELETE /metrics HTTP/1.1", 405), .line("TRACE", "TRACE /metrics HTTP/1.1", 405),
    .line("CONNECT", "CONNECT example.org:443 HTTP/1.1", 405), .line("OPTIONS *", "OPTIONS * HTTP/1.1", 200),
    .line("FOO", "FOO /metrics HTTP/1.1", 501),
    .line("long method", Attack.repeated("A", 100_000) + " / HTTP/1.1", 400),
    .path("/../../etc/passwd", 404), .path("/%2e%2e/%2e%2e/etc/passwd", 404), .path("/..%2f..%2fetc/passwd", 404),
    .path("/metrics%00", 404), .path("/met\0rics", 400), .path("\\..\\metrics", 400, 404), .path("//metrics", 404),
    .path("http://example.org/metrics", 200), .path("http://example.org/other", 404), .path("/%zz", 400, 404),
    .path("/metrics?" + Attack.repeated("q", 65_536), 414, 431), .path("/" + Attack.repeated("p", 1 << 20), 414, 431),
    .path("/métrics", 400, 404), .path("/metrics?a=%0d%0aX-Evil:%201", 200), .path("/<script>", 404),
    .path("/debug/pprof", 404), .path("/debug/vars", 404), .path("/-/reload", 405), .path("/-/quit", 404),
    .path("/quitquitquit", 404), .path("/.git/config", 404),
    .path("/metrics?" + Attack.repeated("collect[]=a&name[]=b&", 10_000), 414, 431),
    .path("/metrics?" + Attack.repeated("name[]=x&", 500), 200),
    .path("/metrics?" + (0...100).map { "name[]=x\($0)&" }.joined(), 400), .path("/metrics?name[]=%zz", 400),
    .line("HTTP/0.9 in the line", "GET /metrics HTTP/0.9", 400), .line("no version", "GET /metrics", 400),
    .line("HTTP/2.0", "GET /metrics HTTP/2.0", 505), .line("HTTP/9.9", "GET /metrics HTTP/9.9", 505),
    Attack("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    Attack("bare LF", "GET /metrics HTTP/1.1\nHost: x\n\n", 200, 400),
    Attack("random bytes", bytes: [0x8f, 0x00, 0xff, 0x13, 0x0a, 0x0d, 0x0a, 0x0d, 0x0a, 0x42], [400]),
    Attack("TLS hello", bytes: [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03], [400]),
  ]

  static let framing: [Attack] = [
    Attack("no Host", "GET /metrics HTTP/1.1\r\n\r\n", 400), .header("two Hosts", "Host: y", 400),
    Attack("Host with a space", "GET /metrics HTTP/1.1\r\nHost: x y\r\n\r\n", 400),
    Attack("HTTP/1.0", "GET /metrics HTTP/1.0\r\n\r\n", 200),
    .header("h2c upgrade", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA", 200),
    .header("endless length", "Content-Length: 100000000000000000000", 400),
    .header("negative length", "Content-Length: -1", 400), .header("signed length", "Content-Length: +5", 400),
    .header("hexadecimal length", "Content-Length: 0x5", 400), .header("length list", "Content-Length: 5,5", 400),
    .header("two lengths", "Content-Length: 5\r\nContent-Length: 6", 400),
    .header("length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", 400),
    .header("xchunked", "Transfer-Encoding: xchunked", 400),
    .header("chunk size ZZZZ", "Transfer-Encoding: chunked\r\n\r\nZZZZ", 400),
    .header("chunk size overflow", "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF", 400),
    .header("trailers", "Transfer-Encoding: chunked\r\n\r\n0\r\n" + Attack.repeated("T: t\r\n", 1_000_000), 400),
    .header("10 MB body", "Content-Length: 10000000\r\n\r\n" + Attack.repeated("b", 10_000_000), 413),
    .header("Expect with a GB", "Content-Length: 1000000000\r\nExpect: 100-continue", 417),
    .header("Expect banana", "Expect: banana", 417),
  ]

  static let headers: [Attack] = [
    .header("field of 1 MB", "X: " + Attack.repeated("x", 1 << 20), 431),
    .header("10,000 fields", Attack.repeated("X: y\r\n", 10_000) + "Z: z", 431),
    .header("10,000 cookies", "Cookie: " + Attack.repeated("a=b; ", 10_000), 431),
    .header("no colon", "Banana", 400), .header("space in a name", "X Y: z", 400),
    .header("space before the colon", "X : y", 400), .header("folded", "X: y\r\n z", 400),
    .header("NUL in a value", "X: a\0b", 400), .header("empty name", ": y", 400),
    .header("Range", "Range: bytes=0-1", 200), .header("If-Modified-Since", "If-Modified-Since: yesterday", 200),
    .header("Accept of 60 kB", "Accept: " + Attack.repeated("text/plain,", 5_500), 431),
    .header("odd Accept", "Accept: text/plain;q=nan,*/*;q=-1,a/b;q=1e9", 200),
    .header("many codings", "Accept-Encoding: " + Attack.repeated("gzip,", 10_000), 431),
    .header("Authorization", "Authorization: Basic ???", 200),
    .header("long Authorization", "Authorization: Basic " + Attack.repeated("A", 30_000), 431),
    .header("scrape timeout nan", "X-Prometheus-Scrape-Timeout-Seconds: nan", 200),
    .header("scrape timeout -1", "X-Prometheus-Scrape-Timeout-Seconds: -1", 200),
    .header("scrape timeout 1e308", "X-Prometheus-Scrape-Timeout-Seconds: 1e308", 200),
    .header("scrape timeout empty", "X-Prometheus-Scrape-Timeout-Seconds: ", 200),
    .header("X-Forwarded-For", "X-Forwarded-For: \u{1b}[2J, 127.0.0.1", 200, 400),
  ]

  /// The list of hostile inputs, 1 to 70, by number: each has an attack here. `HostileConnectionTests` goes on.
  static let numbers: [Int: String] = [
    1: "POST", 2: "PUT", 3: "DELETE", 4: "TRACE", 5: "CONNECT", 6: "OPTIONS *", 7: "FOO", 8: "long method",
    9: "path /../../etc/passwd", 10: "path /%2e%2e/%2e%2e/etc/passwd", 11: "path /..%2f..%2fetc/passwd",
    12: "path /metrics%00", 13: "path /met\0rics", 14: "path \\..\\metrics", 15: "path //metrics",
    16: "path http://example.org/metrics", 17: "path /%zz", 18: "path /metrics?qqqqqqqqqqqqqqqqqqqqq",
    19: "path /ppppppppppppppppppppppppppppp", 20: "path /métrics", 21: "path /metrics?a=%0d%0aX-Evil:%201",
    22: "path /<script>", 23: "path /debug/pprof", 24: "path /debug/vars", 25: "path /-/reload", 26: "path /-/quit",
    27: "path /.git/config", 28: "path /metrics?collect[]=a&name[]=b&", 29: "no Host", 30: "two Hosts",
    31: "Host with a space", 32: "HTTP/1.0", 33: "no version", 34: "HTTP/2.0", 35: "HTTP/9.9", 36: "HTTP/2 preface",
    37: "h2c upgrade", 38: "bare LF", 39: "random bytes", 40: "TLS hello", 41: "endless length", 42: "negative length",
    43: "two lengths", 44: "length and chunks", 45: "xchunked", 46: "chunk size ZZZZ", 47: "chunk size overflow",
    48: "10 MB body", 49: "Expect with a GB", 50: "Expect banana", 51: "signed length", 52: "trailers",
    53: "field of 1 MB", 54: "10,000 fields", 55: "10,000 cookies", 56: "no colon", 57: "space in a name",
    58: "space before the colon", 59: "folded", 60: "NUL in a value", 61: "empty name", 62: "Range",
    63: "If-Modified-Since", 64: "Accept of 60 kB", 65: "odd Accept", 66: "many codings", 67: "Authorization",
    68: "long Authorization", 69: "scrape timeout nan", 70: "X-Forwarded-For",
  ]

  @Test func coversTheWholeList() {
    let names = Set((Self.requestLines + Self.framing + Self.headers).map(\.name))
    for number in 1...70 {
      let name = Self.numbers[number] ?? ""
      #expect(names.contains { $0 == name || (name.hasPrefix("path ") && name.hasPrefix($0)) }, "\(number) \(name)")
    }
  }

  @Test(arguments: requestLines + framing + headers)
  func getsASafeAnswer(to attack: Attack) async throws {
    try await withServer { address, _ in
      let client = try RawClient(address)
      client.send(attack.bytes)
      client.finishSending()
      let text = try client.readToEnd()
      let reply = try #require(Reply.parse(Array(text.utf8), omitsBody: false)?.0, "no reply in \(text.prefix(200))")
      #expect(attack.answers.contains(reply.status), "\(reply.status)")
      #expect(reply.headers["x-content-type-options"] == "nosniff")
      #expect(reply.headers["x-evil"] == nil)
      #expect(!text.contains(" 100 Continue") && text.components(separatedBy: "HTTP/1.1 ").count == 2)
      if reply.status != 200 {
        #expect(reply.body == "\(reply.status) " + (reply.body.split(separator: " ", maxSplits: 1).last ?? ""))
        #expect(reply.headers["content-type"] == "text/plain; charset=utf-8")
      }
      #expect(try RawClient(address).get("/metrics").status == 200)
    }
  }

  /// A refusal ends the connection even when the client keeps its side open.
  @Test(arguments: [
    "GET /metrics HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}", "GET /metrics\r\n", "\r\n\nGET /metrics\n",
    "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
    "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\nGET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
  ])
  func closesAfterARefusal(request: String) async throws {
    try await withServer { address, _ in
      let client = try RawClient(address)
      client.send(request)
      let text = try client.readToEnd()
      #expect(text.contains("Connection: close\r\n"))
      #expect(text.components(separatedBy: "HTTP/1.1 ").count == 2)
    }
  }
}

import NIOCore
import Testing

@testable import Serving

@Suite struct ListenAddressTests {
  @Test(
    arguments: [
      ("0.0.0.0:8000", "0.0.0.0", 8000), (":8000", nil, 8000), ("[::1]:8000", "::1", 8000),
      ("localhost:0", "localhost", 0), ("[fe80::1%eth0]:65535", "fe80::1%eth0", 65535),
    ] as [(String, String?, Int)]
  )
  func parses(text: String, host: String?, port: Int) throws {
    let address = try ListenAddress(parsing: text)
    #expect(address.host == host)
    #expect(address.port == port)
    #expect(address.path == nil)
    #expect(address.description == text)
  }

  @Test func everyAddressIsOneSocketAndANameHasSeveral() throws {
    func places(_ text: String, _ known: [String] = []) throws -> [[String?]] {
      let places = try ListenAddress(parsing: text).places { _ in
        try known.map { try SocketAddress(ipAddress: $0, port: 0) }
      }
      #expect(places.joined().allSatisfy { $0.port == 8000 })
      return places.map { $0.map(\.ipAddress) }
    }
    for text in [":8000", "0.0.0.0:8000", "[::]:8000"] { #expect(try places(text) == [["::", "0.0.0.0"]]) }
    #expect(try places("localhost:8000", ["::1", "127.0.0.1"]) == [["::1"], ["127.0.0.1"]])
    for host in ["127.0.0.1", "::1"] {
      let address = try SocketAddress(ipAddress: host, port: 8000)
      #expect(try ListenAddress(host: host, port: 8000).places() == [[address]])
    }
    #expect(try ListenAddress(parsing: "localhost:0").places().count >= 1)
  }

  @Test func parsesAUnixSocket() throws {
    let address = try ListenAddress(parsing: "unix:/run/a:b.sock")
    #expect(address.path == "/run/a:b.sock")
    #expect(address.description == "unix:/run/a:b.sock")
    #expect(try ListenAddress(parsing: "unix:/" + String(repeating: "x", count: 106)).path?.utf8.count == 107)
  }

  @Test(arguments: [
    ("8000abc", "has no port"), ("8000", "such as :8000"), ("", "has no port"), (":65536", "from 0 to 65535"),
    (":99999999999999999999", "from 0 to 65535"), ("localhost:-1", "\"-1\" is out of range"),
    (":+80", "\"+80\" is not a number"), (":", "\"\" is not a number"), ("host:80a", "\"80a\" is not a number"),
    ("::1:8000", "in brackets"), ("[::1:8000", "in brackets"), ("[host]:80", "no IPv6 address"),
    ("unix:", "no path from the root"), ("unix:exporter.sock", "no path from the root"), ("unix:/run/", "no path"),
    ("unix:/a\nb", "no path"), ("unix:/" + String(repeating: "x", count: 107), "at most 107 bytes"),
    ("a b:80", "neither a name"), ("http://x:80", "in brackets"), ("a\n:80", "\"a?:80\""),
  ])
  func refuses(text: String, saying part: String) throws {
    let mistake = try #require(throws: ListenAddress.Mistake.self) { try ListenAddress(parsing: text) }
    #expect(mistake.description.contains(part), "\(mistake)")
    #expect(!mistake.description.contains("\n"))
  }
}

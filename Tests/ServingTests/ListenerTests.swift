import Foundation
import Testing

@testable import Serving

/// The other places to listen: IPv6, UNIX sockets, and what systemd hands over.
@Suite struct ListenerTests {
  private func server(_ addresses: [ListenAddress]) -> HTTPServer {
    HTTPServer(
      options: ServerOptions(addresses: addresses, landing: LandingPage(name: "", version: "", description: "")),
      exposition: { _ in sampleExposition },
      isReady: { true },
      logger: quietLogger
    )
  }

  /// A folder of the test's own. Short: a socket's path has little room.
  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = "/tmp/socket-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await withTaskExecutorPreference(BlockingExecutor.shared) { try await body(folder) }
  }

  @Test func listensInSeveralPlaces() async throws {
    try await withFolder { folder in
      let path = folder + "/exporter.sock"
      let four = ListenAddress(host: "127.0.0.1", port: 0)
      let server = server([four, try ListenAddress(parsing: "unix:" + path), four])
      let addresses = try await server.start()
      #expect(addresses.count == 3 && addresses[1] == "unix:" + path)
      for address in addresses {
        let client = try RawClient(address)
        for _ in 0..<2 { #expect(try client.get("/metrics").body.hasSuffix("up 1\n")) }
      }
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect(attributes[.posixPermissions] as? Int == 0o660)
      await server.stop()
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  /// Whether this machine has IPv6 at all.
  private static var hasIPv6: Bool { FileManager.default.fileExists(atPath: "/proc/net/if_inet6") }

  @Test(.enabled(if: hasIPv6)) func listensOnIPv6() async throws {
    try await withFolder { _ in
      let server = server([ListenAddress(host: "::1", port: 0)])
      let address = try await server.start()[0]
      #expect(address.hasPrefix("[::1]:"))
      #expect(try RawClient(address).get("/metrics").status == 200)
      await server.stop()
    }
  }

  /// The default, and what other exporters take for the same.
  @Test(arguments: [":0", "0.0.0.0:0", "[::]:0"]) func listensOnBothFamilies(text: String) async throws {
    try await withFolder { _ in
      let server = server([try ListenAddress(parsing: text)])
      let addresses = try await server.start()
      let port = try #require(addresses[0].split(separator: ":").last)
      #expect(addresses == [(Self.hasIPv6 ? "[::]:" : "0.0.0.0:") + port])
      for client in Self.hasIPv6 ? ["127.0.0.1", "[::1]"] : ["127.0.0.1"] {
        #expect(try RawClient("\(client):\(port)").get("/metrics").status == 200)
      }
      await server.stop()
    }
  }

  @Test func takesThePlaceOfADeadSocketOnly() async throws {
    try await withFolder { folder in
      let path = folder + "/exporter.sock"
      let address = try ListenAddress(parsing: "unix:" + path)
      // A file that is no socket stays what it is.
      try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
      var error = await #expect(throws: ServerError.self) { try await server([address]).start() }
      #expect(error?.description == "cannot listen on unix:\(path): there is a file that is no socket")
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
      try FileManager.default.removeItem(atPath: path)

      // A link is no socket, wherever it leads.
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder + "/other")
      await #expect(throws: ServerError.self) { try await server([address]).start() }
      try FileManager.default.removeItem(atPath: path)

      let first = server([address])
      _ = try await first.start()
      error = await #expect(throws: ServerError.self) { try await server([address]).start() }
      #expect(error?.description == "cannot listen on unix:\(path): another process listens there")
      #expect(try RawClient(address.description).get("/metrics").status == 200)
      await first.stop()

      // What a server that was killed leaves behind.
      let dead = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      try RawClient.withUnixAddress(path) { #expect(bind(dead, $0, $1) == 0) }
      close(dead)
      #expect(FileManager.default.fileExists(atPath: path))
      let second = server([address])
      _ = try await second.start()
      #expect(try RawClient(address.description).get("/metrics").status == 200)
      await second.stop()
    }
  }

  /// Before its mode is set a socket is open to fewer than it will be; and the mode is set of nothing that has taken its
  /// place.
  @Test func aSocketIsNeverOpenToOthers() async throws {
    try await withFolder { folder in
      let path = folder + "/exporter.sock"
      let descriptor = try UnixSocketFile.listen(at: path, 1)
      defer { close(descriptor) }
      func mode(_ path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? -1
      }
      #expect(try mode(path) & ~0o660 == 0)
      #expect(UnixSocketFile(bound: path) != nil)
      #expect(try mode(path) == 0o660)

      let secret = folder + "/secret"
      try Data().write(to: URL(fileURLWithPath: secret))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: secret)
      #expect(UnixSocketFile(bound: path) == nil)
      #expect(try mode(secret) == 0o600)
    }
  }

  @Test func removesNoFileButItsOwn() async throws {
    try await withFolder { folder in
      let path = folder + "/exporter.sock"
      let server = server([try ListenAddress(parsing: "unix:" + path)])
      _ = try await server.start()
      try FileManager.default.removeItem(atPath: path)
      try Data("another".utf8).write(to: URL(fileURLWithPath: path))
      await server.stop()
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "another")
    }
  }

  /// A shortage that goes on, or comes again and again, is told of once; one that comes after it was over, too.
  @Test func eachShortageIsToldOfOnce() {
    var shortage = Shortage()
    let seconds = [0, 0.1, 30, 89.9, 149, 210, 211, 1_000]
    let told = seconds.filter { shortage.begins(at: 5_000_000_000 + Int64($0 * 1_000_000_000)) }
    #expect(told == [0, 210, 1_000])
  }

  @Test(
    arguments: [
      (nil, nil, "are not set"), ("1", nil, "are not set"), (nil, "1", "are not set"),
      ("7", "1", "LISTEN_PID is another"),
      ("banana", "1", "LISTEN_PID is another"), ("42", "0", "from 1 to 256"), ("42", "-1", "from 1 to 256"),
      ("42", "257", "from 1 to 256"), ("42", "x", "from 1 to 256"),
    ] as [(String?, String?, String)]
  )
  func saysWhatIsWrongWithSystemdsSockets(pid: String?, count: String?, part: String) throws {
    let error = #expect(throws: ServerError.self) {
      try SystemdSockets.descriptors(process: 42) { $0 == "LISTEN_PID" ? pid : $0 == "LISTEN_FDS" ? count : nil }
    }
    #expect(error?.description.contains(part) == true && error?.description.contains("systemd") == true)
  }
}

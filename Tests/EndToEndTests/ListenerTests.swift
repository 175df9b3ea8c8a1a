import Foundation
import Testing

/// Sockets that systemd hands over, with a small parent in its place, and what is left open after hostile clients.
@Suite struct ListenerTests {
  /// Opens a socket as descriptor 3 and becomes the program that is given.
  private static let parent = """
    import os, socket, sys
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen()
    if s.fileno() != 3: os.dup2(s.fileno(), 3)
    os.set_inheritable(3, True)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
    os.execv(sys.argv[1], sys.argv[1:])
    """

  private static func catalog(in folder: TemporaryFolder) throws -> String {
    let path = folder.path("metrics.yaml")
    try Data("version: 1\nmetrics:\n  loss: { type: gauge, help: Loss }\n".utf8).write(to: URL(filePath: path))
    return path
  }

  @Test func takesTheSocketsOfSystemd() async throws {
    let folder = try TemporaryFolder()
    let process = try ChildProcess(
      ["python3", "-c", Self.parent, Exporter.binary, "serve", "--config.file", try Self.catalog(in: folder)]
        + ["--web.systemd-socket", "--log.format", "logfmt"]
    )
    let port: UInt16 = try await eventually("the exporter says where it listens") {
      process.standardError.firstMatch(of: /address="?http:\/\/127\.0\.0\.1:(\d+)/).flatMap { UInt16($0.1) }
    }
    #expect(try HTTP.get("/metrics", port: port).status == 200)
    kill(process.id, SIGTERM)
    #expect(try await process.waitForExit(within: .seconds(60)).status == 0)
  }

  private static func has(_ program: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: "/usr/bin/" + program)
  }

  /// The same with systemd's own tool, which starts the exporter at the first connection.
  @Test(.enabled(if: has("systemd-socket-activate"), "there is no systemd here"))
  func startsAtTheFirstConnection() async throws {
    let folder = try TemporaryFolder()
    let (port, socket) = (try HTTP.freePort(), folder.path("s"))
    let process = try ChildProcess(
      ["systemd-socket-activate", "--listen", "127.0.0.1:\(port)", "--listen", socket, Exporter.binary, "serve"]
        + ["--config.file", try Self.catalog(in: folder), "--web.systemd-socket", "--log.format", "logfmt"]
    )
    let reply = try await eventually("the socket is there") { try HTTP.get("/metrics", port: port) }
    #expect(reply.status == 200)
    #expect(process.standardError.contains("address=unix:\(socket)"), "\(process.standardError)")
    process.signal(SIGTERM)
    #expect(try await process.waitForExit().status == 0)
  }

  @Test func saysThatSystemdGaveNothing() async throws {
    let folder = try TemporaryFolder()
    let result = try await Exporter.run("serve", "--config.file", try Self.catalog(in: folder), "--web.systemd-socket")
    #expect(result.exit.status == 1)
    #expect(result.errors.contains("systemd has handed over no sockets"))
  }
}

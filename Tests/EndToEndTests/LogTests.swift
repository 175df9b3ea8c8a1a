import Foundation
import Glibc
import Testing

/// Who reads the exporter's log, or does not, has no say in what is served.
struct LogTests {
  @Test func aReaderOfTheLogThatStallsStopsNothing() async throws {
    let folder = try TemporaryFolder()
    try folder.write("loss\n0.5\n", to: "log.csv")
    let (process, port, pipe) = try await Self.serve(folder)
    defer { close(pipe) }

    // Each reload says a hundred mistakes, and none waits for anybody.
    let mistakes = (0..<100).map { "  m\($0): { type: nonsense, help: \(String(repeating: "h", count: 100)) }\n" }
    try folder.write("version: 1\nmetrics:\n" + mistakes.joined(), to: "metrics.yaml")
    let dropped = try await Self.fillUp(port, beyond: 0)
    // The log that is followed goes on.
    let file = open(folder.path("log.csv"), O_WRONLY | O_APPEND | O_CLOEXEC)
    defer { close(file) }
    #expect(write(file, "0.25\n", 5) == 5)
    try await eventually("the row is shown") {
      try HTTP.get("/metrics", port: port).body.contains("\nloss 0.25\n") ? true : nil
    }

    // Somebody reads again: what is missing is said.
    var said = ""
    let told = try await eventually("it says how many lines are missing") { () -> Double? in
      said += Self.read(pipe)
      let told = said.matches(of: /were dropped.* lines=(\d+)/).reduce(0) { $0 + (Double($1.1) ?? 0) }
      return try told > 0 && told == Self.dropped(port) ? told : nil
    }
    #expect(told >= dropped)

    // Full again: the end does not wait for it.
    _ = try await Self.fillUp(port, beyond: told)
    process.signal(SIGTERM)
    #expect(try await process.waitForExit(within: .seconds(30)).status == 0)
  }

  @Test func aReaderOfTheLogThatGoesAwayStopsNothing() async throws {
    let folder = try TemporaryFolder()
    let (process, port, pipe) = try await Self.serve(folder)
    close(pipe)
    _ = try await Self.fillUp(port, beyond: 0)
    process.signal(SIGTERM)
    #expect(try await process.waitForExit(within: .seconds(30)).status == 0)
  }

  /// A server with a pipe for its log that holds a page, and that nobody reads after the first lines.
  private static func serve(_ folder: TemporaryFolder) async throws -> (ChildProcess, port: UInt16, pipe: Int32) {
    let catalog = try folder.write(CommandLineTests.smallCatalog, to: "metrics.yaml")
    let log = folder.path("log")
    #expect(mkfifo(log, 0o600) == 0)
    let pipe = open(log, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    let setPipeSize: Int32 = 1031  // F_SETPIPE_SZ
    #expect(fcntl(pipe, setPipeSize, 4096) >= 0)
    let process = try ChildProcess([
      "sh", "-c", "exec \"$@\" 2>\(log)", "sh", Exporter.binary, "serve", "--config.file", catalog, "--state.disable",
      "--web.listen-address", "127.0.0.1:0", "--web.enable-lifecycle",
    ])
    var said = ""
    let port = try await eventually("it says where it listens") {
      said += Self.read(pipe)
      return said.firstMatch(of: /127\.0\.0\.1:(\d+)\//).flatMap { UInt16($0.1) }
    }
    try await eventually("it is ready") { try HTTP.get("/-/ready", port: port).status == 200 ? true : nil }
    return (process, port, pipe)
  }

  private static func read(_ pipe: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = Glibc.read(pipe, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reloads until more lines than that have been dropped; returns how many.
  private static func fillUp(_ port: UInt16, beyond former: Double) async throws -> Double {
    try await eventually("lines are dropped") {
      _ = try HTTP.request("POST", "/-/reload", port: port)
      let dropped = try dropped(port)
      return dropped > former ? dropped : nil
    }
  }

  private static func dropped(_ port: UInt16) throws -> Double {
    let metrics = try Exposition(HTTP.get("/metrics", port: port).body)
    return try #require(metrics.values["training_exporter_log_lines_dropped_total"])
  }
}

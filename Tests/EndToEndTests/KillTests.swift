import Foundation
import Testing

/// The exporter is killed again and again while logs are written, and every value is right. `KILLS` sets how often.
@Suite struct KillTests {
  @Test func killedAtAnyMoment() async throws {
    let kills = ProcessInfo.processInfo.environment["KILLS"] ?? "20"
    let script = Exporter.package.appending(path: "tools/kill-test.py").path
    let process = try ChildProcess(["python3", script, Exporter.binary, "--kills", kills])
    let exit = try await process.waitForExit(within: .seconds(3600))
    #expect(exit.status == 0, "\(process.standardError)")
    #expect(process.standardOutput.contains("every value right"))
  }

  /// Killed at each system call of saving, one after the other: what was saved before is there, or what was to be saved.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/strace"), "strace is not installed"))
  func killedAtEverySystemCallOfSaving() async throws {
    let folder = try TemporaryFolder()
    let catalog = try StateTests.makeCatalog(in: folder)
    let state = folder.path("state/training-exporter.state")
    var rows = 0
    // Of a whole: the draft is opened, written in two pieces, flushed, renamed. Then, of what changed: written, flushed.
    let calls = [
      ("unlink", 1), ("openat", 1), ("write", 1), ("write", 2), ("fdatasync", 1), ("rename", 1), ("write", 3),
      ("fdatasync", 2), ("write", 4), ("fdatasync", 3),
    ]
    for (call, when) in calls {
      rows += 3
      try folder.append("1\n2\n3\n", to: "a.csv")
      let process = try ChildProcess([
        "/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-P", state + ".new", "-P", state,
        "-e", "trace=\(call)", "-e", "inject=\(call):signal=KILL:when=\(when)",
        // Ends what should not be killed where it was meant to.
        "timeout", "60",
        Exporter.binary, "serve", "--config.file", catalog, "--web.listen-address", "127.0.0.1:0",
      ])
      // Rows come until it is killed: what changes is to be saved.
      while process.hasEnded() == nil {
        rows += 1
        try folder.append("4\n", to: "a.csv")
        try await Task.sleep(for: .milliseconds(100))
      }
      // 128 and the signal's number; 124, had it not been killed.
      let exit = try await process.waitForExit(within: .seconds(120))
      #expect(exit.status == 137, "it was killed at \(call) \(when)")
      let server = try await Exporter.Server(catalog: catalog)
      #expect(try Exposition(server.scrape()).values["rows_total"] == Double(rows), "killed at \(call) \(when)")
      #expect(!server.process.standardError.contains("not used"), "killed at \(call) \(when)")
      server.process.signal(SIGTERM)
      #expect(try await server.process.waitForExit().status == 0)
    }
  }
}

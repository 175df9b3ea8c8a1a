import Foundation
import Testing

/// `serve --exit-with-process`: what a job's exporter does when the trainer is done.
@Suite struct ProcessExitTests {
  /// The trainer of this test alone: others run at the same time.
  private let trainer = "trainer-\(UUID().uuidString).py"

  /// Writes rows, and half a line at last, as `python3 trainer.py --run RUN` would.
  private func train(_ run: String, in folder: TemporaryFolder, until file: String) throws -> ChildProcess {
    let script = #"printf '1\n2\n' >> "$1"; while [ ! -e "$2" ]; do sleep 0.05; done; printf '3\n4' >> "$1""#
    return try ChildProcess(
      ["sh", "-c", script, "\(trainer) --run \(run)", folder.path("a.csv"), folder.path(file)]
    )
  }

  private func serve(_ catalog: String, linger: String) async throws -> Exporter.Server {
    try await Exporter.Server(
      catalog: catalog,
      more: ["--exit-with-process", "\(trainer) --run {run}", "--exit-linger", linger]
    )
  }

  @Test func itEndsOnceTheLastValuesWereScraped() async throws {
    let folder = try TemporaryFolder()
    let catalog = try StateTests.makeCatalog(in: folder)
    let server = try await serve(catalog, linger: "10m")
    try await eventually("it says that it waits") {
      server.process.standardError.contains("waiting for a process to begin") ? true : nil
    }
    let trainer = try train("a", in: folder, until: "done")
    try await eventually("its rows count, and it was seen") {
      let wasSeen = server.process.standardError.contains("waiting for its processes to end")
      return try wasSeen && Exposition(server.scrape()).values["rows_total"] == 2 ? true : nil
    }
    try folder.write("", to: "done")
    try await trainer.waitForExit()
    try await eventually("its end is seen") {
      server.process.standardError.contains("waiting for its last values to be scraped") ? true : nil
    }
    // Each scrape may be the last one.
    var last: Exposition?
    let exit = try await eventually("it ends") {
      if let body = try? server.scrape(), !body.isEmpty { last = Exposition(body) }
      return server.process.hasEnded()
    }
    #expect(exit.status == 0)
    #expect(last?.values["rows_total"] == 3 && last?.values["step"] == 4, "the last line shows, without its end")
    #expect(server.process.standardError.contains("the last values were scraped"))
    // What was read is saved.
    try folder.write("step\n9\n", to: "a.csv")
    let next = try await Exporter.Server(catalog: catalog)
    #expect(try Exposition(next.scrape()).values["rows_total"] == 4)
  }

  @Test func itEndsWithoutAScrapeInTime() async throws {
    let folder = try TemporaryFolder()
    let server = try await serve(try StateTests.makeCatalog(in: folder), linger: "1s")
    let trainer = try train("a", in: folder, until: "done")
    try await eventually("its rows count, and it was seen") {
      let wasSeen = server.process.standardError.contains("waiting for its processes to end")
      return try wasSeen && Exposition(server.scrape()).values["rows_total"] == 2 ? true : nil
    }
    try folder.write("", to: "done")
    try await trainer.waitForExit()
    #expect(try await server.process.waitForExit().status == 0)
    #expect(server.process.standardError.contains("the time to linger is over"))
  }

  @Test func aWrongConditionIsRefused() async throws {
    for (arguments, part) in [
      (["--exit-with-process", "{"], "no pattern"), (["--exit-linger", "5m"], "needs --exit-with-process"),
      (["--exit-with-process", "a", "--exit-linger", "5"], "a whole number and a unit"),
    ] {
      let process = try ChildProcess([Exporter.binary, "serve"] + arguments)
      #expect(try await process.waitForExit().status == 64)
      #expect(process.standardError.contains(part), "\(process.standardError)")
    }
  }
}

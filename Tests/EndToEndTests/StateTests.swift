import Foundation
import Testing

/// What the program remembers across restarts, as an operator meets it.
@Suite struct StateTests {
  static func makeCatalog(in folder: TemporaryFolder, more: String = "") throws -> String {
    try folder.write("step\n", to: "a.csv")
    return try folder.write(
      """
      version: 1
      metrics:
        rows_total: { type: counter, help: Rows. }
        step: { type: gauge, help: Step. }
      \(more)
      watchers:
        w: { files: a.csv, format: csv, each_record: rows_total, fields: { step: step } }
      """,
      to: "metrics.yaml"
    )
  }

  private func rows(_ server: Exporter.Server) throws -> Double? {
    try Exposition(server.scrape()).values["rows_total"]
  }

  private func stop(_ server: Exporter.Server) async throws {
    server.process.signal(SIGTERM)
    #expect(try await server.process.waitForExit().status == 0)
  }

  @Test func whatWasRemovedFromALogStillCounts() async throws {
    let folder = try TemporaryFolder()
    let catalog = try Self.makeCatalog(in: folder)
    try folder.append("1\n2\n3\n", to: "a.csv")
    var server = try await Exporter.Server(catalog: catalog)
    #expect(try rows(server) == 3)
    try await stop(server)
    try folder.write("step\n7\n", to: "a.csv")
    server = try await Exporter.Server(catalog: catalog)
    #expect(try rows(server) == 4)
    #expect(FileManager.default.fileExists(atPath: folder.path("state/training-exporter.state")))
    try await stop(server)
    // `once` reads what is there, and leaves the state alone.
    let before = try Data(contentsOf: folder.url("state/training-exporter.state"))
    let once = try await Exporter.once(catalog)
    #expect(once.output.contains("rows_total 1\n"))
    let validated = try await Exporter.run("validate", catalog)
    #expect(validated.exit.status == 0)
    #expect(try Data(contentsOf: folder.url("state/training-exporter.state")) == before)
    // And without a state it is as if there had been none.
    server = try await Exporter.Server(catalog: catalog, more: ["--state.disable"])
    #expect(try rows(server) == 1)
  }

  @Test func aSecondExporterDoesNotStart() async throws {
    let folder = try TemporaryFolder()
    let catalog = try Self.makeCatalog(in: folder)
    let first = try await Exporter.Server(catalog: catalog)
    let second = try await Exporter.run("--config.file", catalog, "--web.listen-address", "127.0.0.1:0")
    #expect(second.exit.status == 1)
    #expect(second.errors.contains("is in use by another exporter (process \(first.process.id))"))
    #expect(second.errors.contains("--state.path"))
    // With a folder of its own it does; and so does the next once the first was killed.
    let other = try await Exporter.Server(catalog: catalog, more: ["--state.path", folder.path("other")])
    #expect(try rows(other) == 0)
    first.process.signal(SIGKILL)
    _ = try await first.process.waitForExit()
    _ = try await Exporter.Server(catalog: catalog)
  }

  @Test func aFolderThatIsRemovedIsMadeAgain() async throws {
    let folder = try TemporaryFolder()
    let catalog = try Self.makeCatalog(in: folder)
    try folder.append("1\n2\n", to: "a.csv")
    let first = try await Exporter.Server(catalog: catalog)
    #expect(try rows(first) == 2)
    let state = folder.path("state/training-exporter.state")
    try await eventually("a state is saved") { FileManager.default.fileExists(atPath: state) ? true : nil }
    try FileManager.default.removeItem(atPath: folder.path("state"))
    // Though no row comes.
    try await eventually("it is saved again") { FileManager.default.fileExists(atPath: state) ? true : nil }
    let second = try await Exporter.run("--config.file", catalog, "--web.listen-address", "127.0.0.1:0")
    #expect(second.exit.status == 1)
    #expect(second.errors.contains("is in use by another exporter (process \(first.process.id))"))
    first.process.signal(SIGKILL)
    _ = try await first.process.waitForExit()
    try folder.write("step\n7\n", to: "a.csv")
    let next = try await Exporter.Server(catalog: catalog)
    #expect(try rows(next) == 3)
    #expect(try Exposition(next.scrape()).values["training_exporter_state_kept"] == 1)
  }

  /// What a reload took over is saved, though nothing changes after it.
  @Test func killedAfterAReloadNothingIsLost() async throws {
    let folder = try TemporaryFolder()
    let catalog = try Self.makeCatalog(in: folder, more: "state: { interval: 2s }")
    let server = try await Exporter.Server(catalog: catalog)
    try await eventually("a state is saved") {
      try Exposition(server.scrape()).values["training_exporter_state_last_write_timestamp_seconds"]
    }
    try folder.append("1\n2\n3\n", to: "a.csv")
    try await eventually("the rows count") { try rows(server) == 3 ? true : nil }
    let before = try Exposition(server.scrape()).values["training_exporter_state_last_write_timestamp_seconds"] ?? 0
    server.process.signal(SIGHUP)
    try await eventually("it is saved after the reload") {
      let values = try Exposition(server.scrape()).values
      let saved = values["training_exporter_state_last_write_timestamp_seconds"] ?? 0
      let loaded = values["training_exporter_config_last_reload_success_timestamp_seconds"] ?? 0
      return saved > max(before, loaded) ? true : nil
    }
    server.process.signal(SIGKILL)
    _ = try await server.process.waitForExit()
    try folder.write("step\n", to: "a.csv")
    let next = try await Exporter.Server(catalog: catalog)
    #expect(try rows(next) == 3)
  }

  @Test func twoProjectsWithOneStateAreKeptApart() async throws {
    let folders = [try TemporaryFolder(), try TemporaryFolder()]
    let shared = try TemporaryFolder()
    let catalogs = try folders.map { try Self.makeCatalog(in: $0) }
    let more = ["--state.path", shared.path("state")]
    for (folder, text) in zip(folders, ["1\n2\n3\n", "5\n"]) { try folder.append(text, to: "a.csv") }
    for (turn, expected) in [(0, 3.0), (1, 1), (0, 4), (1, 2)] {
      let server = try await Exporter.Server(catalog: catalogs[turn], more: more)
      try await eventually("its own rows count") { try rows(server) == expected ? true : nil }
      let isOther = server.process.standardError.contains("the saved state is of another project")
      #expect(isOther == !(turn == 0 && expected == 3))
      try await stop(server)
      // What was counted is known though it is gone.
      try folders[turn].write("step\n9\n", to: "a.csv")
    }
  }

  @Test func aPipeInPlaceOfTheStateDoesNotStopTheStart() async throws {
    let folder = try TemporaryFolder()
    let catalog = try Self.makeCatalog(in: folder)
    try folder.append("1\n", to: "a.csv")
    try FileManager.default.createDirectory(atPath: folder.path("state"), withIntermediateDirectories: true)
    for name in ["training-exporter.state", "training-exporter.state.new"] {
      #expect(mkfifo(folder.path("state/" + name), 0o600) == 0)
    }
    let server = try await Exporter.Server(catalog: catalog)
    #expect(try rows(server) == 1)
    #expect(server.process.standardError.contains("it is a pipe and no file"))
    try await stop(server)
  }

  @Test func aStateThatCannotBeUsedIsReadAnew() async throws {
    let folder = try TemporaryFolder()
    let catalog = try Self.makeCatalog(in: folder)
    try folder.append("1\n2\n3\n", to: "a.csv")
    let first = try await Exporter.Server(catalog: catalog)
    try await stop(first)
    let good = try Data(contentsOf: folder.url("state/training-exporter.state"))
    var damaged = good
    damaged[good.count / 2] ^= 0xff
    var newer = good
    newer[8] = 200
    let cases: [(Data, String)] = [
      (good.prefix(good.count / 2), "it is cut off"), (Data(), "it is empty"), (damaged, "it is damaged"),
      (newer, "a newer version"), (Data(repeating: 0, count: 4096), "no state of this program"),
    ]
    for (bytes, reason) in cases {
      try folder.write(bytes, to: "state/training-exporter.state")
      let server = try await Exporter.Server(catalog: catalog)
      #expect(try rows(server) == 3, "\(reason)")
      let errors = server.process.standardError
      #expect(errors.contains("the saved state is not used") && errors.contains(reason), "\(errors)")
      try await stop(server)
      #expect(try Data(contentsOf: folder.url("state/training-exporter.state")).count == good.count, "a good one again")
    }
  }

  @Test func withoutAPlaceForItTheExporterGoesOn() async throws {
    let folder = try TemporaryFolder()
    let catalog = try Self.makeCatalog(in: folder)
    try folder.append("1\n", to: "a.csv")
    let server = try await Exporter.Server(catalog: catalog, more: ["--state.path", folder.path("a.csv/state")])
    #expect(try rows(server) == 1)
    let warnings = server.process.standardError.components(separatedBy: "state cannot be kept").count - 1
    #expect(warnings == 1)
    #expect(server.process.standardError.contains("--state.path"))
    #expect(try Exposition(server.scrape()).values["training_exporter_state_kept"] == 0)
  }

  @Test func theStateIsNoLog() async throws {
    let folder = try TemporaryFolder()
    try folder.write("{}\n", to: "deep/a.jsonl")
    let catalog = try folder.write(
      """
      version: 1
      metrics: { rows_total: { type: counter, help: Rows. } }
      watchers: { w: { files: "**", exclude: metrics.yaml, format: jsonl, each_record: rows_total } }
      """,
      to: "metrics.yaml"
    )
    let server = try await Exporter.Server(catalog: catalog)
    try await eventually("a state is saved") {
      FileManager.default.fileExists(atPath: folder.path("state/training-exporter.state")) ? true : nil
    }
    try folder.append("{}\n", to: "deep/b.jsonl")
    try await eventually("a new log is found") { try rows(server) == 2 ? true : nil }
    #expect(try Exposition(server.scrape()).values["training_exporter_files{watcher=\"w\"}"] == 2)
  }

  @Test func aGoodCatalogTakesOverAndABadOneDoesNot() async throws {
    let folder = try TemporaryFolder()
    let catalog = try Self.makeCatalog(in: folder)
    try folder.append("1\n2\n3\n", to: "a.csv")
    let server = try await Exporter.Server(catalog: catalog, more: ["--web.enable-lifecycle"])
    try folder.write("step\n7\n8\n", to: "a.csv")
    try await eventually("the new rows count") { try rows(server) == 5 ? true : nil }
    func reload() throws -> HTTP.Response { try HTTP.request("POST", "/-/reload", port: server.port) }
    func value(_ name: String) throws -> Double? { try Exposition(server.scrape()).values[name] }

    let good = try String(contentsOfFile: catalog, encoding: .utf8)
    let wider = good.replacing("watchers:", with: "  steps: { type: summary, help: Steps. }\nwatchers:")
      .replacing("step: step }", with: "step: [step, steps] }")
    try folder.write(wider, to: "metrics.yaml")
    #expect(try reload().status == 200)
    try await eventually("the new metric is read from the log") { try value("steps_sum") == 15 ? true : nil }
    #expect(try rows(server) == 5)
    #expect(try value("training_exporter_config_last_reload_successful") == 1)

    try folder.write(wider.replacing("type: gauge", with: "type: gouge"), to: "metrics.yaml")
    let refused = try reload()
    #expect(refused.status == 500)
    // Nobody has shown a password: the log has the reason.
    #expect(!refused.body.contains("metrics.yaml") && refused.body.contains("the exporter's log says why"))
    try await eventually("the log says it") { server.process.standardError.contains("gouge") ? true : nil }
    #expect(try value("training_exporter_config_last_reload_successful") == 0)
    #expect(try rows(server) == 5)
    #expect(try value("step") == 8)

    // SIGHUP does the same, and what was counted stays.
    try folder.write(good, to: "metrics.yaml")
    server.process.signal(SIGHUP)
    try await eventually("the catalog is reloaded") {
      try value("training_exporter_config_last_reload_successful") == 1 ? true : nil
    }
    try folder.append("9\n", to: "a.csv")
    try await eventually("the log is followed on") { try rows(server) == 6 ? true : nil }
    #expect(try value("steps_sum") == nil)
    try await stop(server)
  }

  @Test func reloadByHTTPHasToBeEnabled() async throws {
    let folder = try TemporaryFolder()
    let server = try await Exporter.Server(catalog: try Self.makeCatalog(in: folder))
    let refused = try HTTP.request("POST", "/-/reload", port: server.port)
    #expect(refused.status == 403)
    #expect(refused.body.contains("--web.enable-lifecycle"))
  }

  @Test func seriesEndWhenTheirLogRests() async throws {
    let folder = try TemporaryFolder()
    let catalog = try Self.makeCatalog(in: folder)
    let expiring = try String(contentsOfFile: catalog, encoding: .utf8)
      .replacing("step: { type: gauge,", with: "step: { type: gauge, expire_after: 2s,")
    try folder.write(expiring, to: "metrics.yaml")
    try folder.append("1\n", to: "a.csv")
    let server = try await Exporter.Server(catalog: catalog)
    func step() throws -> Double? { try Exposition(server.scrape()).values["step"] }
    try await eventually("the gauge ends") { try step() == nil ? true : nil }
    #expect(try rows(server) == 1, "the counter does not")
    // A machine that is busy may look only when it has ended once more: so the log goes on until it is seen.
    var written = 1.0
    try await eventually("it comes back with its log") {
      written += 1
      try folder.append("\(Int(written))\n", to: "a.csv")
      return try step().flatMap { $0 >= 2 ? true : nil }
    }
    try await eventually("and ends again") { try step() == nil ? true : nil }
    try await stop(server)
    // Gone from the state, too.
    let again = try await Exporter.Server(catalog: catalog)
    #expect(try Exposition(again.scrape()).values["step"] == nil)
    #expect(try rows(again) == written)
  }
}

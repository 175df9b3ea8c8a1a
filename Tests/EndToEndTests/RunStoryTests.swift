import Foundation
import Glibc
import Testing

/// Trainings that end in different ways, as `runs`, `/metrics` and the alerts of docs/runs.md tell them apart.
@Suite struct RunStoryTests {
  /// The trainer of this test alone: others run at the same time.
  private let trainer = "trainer-\(UUID().uuidString).py"

  private func catalog(in folder: TemporaryFolder) throws -> String {
    try folder.write(
      """
      version: 1
      labels: { run: { max_values: 20 } }
      metrics: { training_loss: { type: gauge, help: Loss, labels: [run] } }
      watchers:
        rows:
          files: "runs/{run}/rows.csv"
          format: csv
          run:
            epochs: epochs
            process: "\(trainer) --run {run}"
            finished_file: "runs/{run}/DONE"
            checkpoints: "runs/{run}/*.pt"
          fields: { loss: training_loss }
        console:
          files: "runs/{run}/console.log"
          format: pydict
          run: { failed: { error: present } }
      """,
      to: "metrics.yaml"
    )
  }

  /// Writes a row every fifth of a second, as `python3 trainer.py --run RUN` would.
  private func train(
    _ run: String,
    epochs: Int,
    loss: String = "0.5",
    in folder: TemporaryFolder
  ) throws -> ChildProcess {
    try folder.write("epoch,loss,epochs\n", to: "runs/\(run)/rows.csv")
    let script = #"i=1; while [ $i -le "$2" ]; do echo "$i,$3,$2" >> "$1"; i=$((i+1)); sleep 0.2; done"#
    return try ChildProcess(
      ["sh", "-c", script, "\(trainer) --run \(run)", folder.path("runs/\(run)/rows.csv"), "\(epochs)", loss]
    )
  }

  /// The alert rules that the page shows.
  private static func rules() throws -> String {
    let page = try String(contentsOf: Exporter.package.appending(path: "docs/runs.md"), encoding: .utf8)
    let block = page.split(separator: "```yaml\n").first { $0.hasPrefix("groups:") }
    return String(try #require(block?.split(separator: "```").first))
  }

  private static func state(_ run: String, _ text: String) -> String? {
    text.split(separator: "\n").first { line in
      line.hasPrefix("training_exporter_run_state{run=\"\(run)\"") && line.hasSuffix(" 1")
    }.flatMap { $0.firstMatch(of: /run_state="([a-z]+)"/).map { String($0.1) } }
  }

  /// What the API says of the runs.
  private static func runs(_ server: Exporter.Server) throws -> [[String: Any]] {
    let document = try HTTP.get("/api/v1/runs", port: server.port).json as? [String: Any]
    return document?["runs"] as? [[String: Any]] ?? []
  }

  /// How many processes each run has; those that never had one are left out.
  private static func processes(_ server: Exporter.Server) throws -> [String: Int] {
    let counts = try runs(server).compactMap { run in
      let name = (run["labels"] as? [String: String])?["run"]
      return name.flatMap { name in (run["processes"] as? Int).map { (name, $0) } }
    }
    return Dictionary(counts) { first, _ in first }
  }

  @Test func theyAreToldApart() async throws {
    let folder = try TemporaryFolder()
    let catalog = try catalog(in: folder)
    let server = try await Exporter.Server(catalog: catalog)
    let prometheus = try await Prometheus(target: server.port, in: folder, rules: try Self.rules())
    let trainers = [
      try train("killed", epochs: 10_000, in: folder), try train("hangs", epochs: 10_000, in: folder),
      try train("done", epochs: 15, in: folder), try train("goes-on", epochs: 10_000, loss: "nan", in: folder),
    ]
    defer { for trainer in trainers { trainer.signal(SIGKILL) } }
    try folder.write("epoch,loss,epochs\n1,0.5,9\n", to: "runs/moved/rows.csv")
    try folder.write("{'loss': 1}\n{'error': 'out of memory'}\n", to: "runs/crashed/console.log")
    try await eventually("all run") {
      let text = try server.scrape()
      return ["killed", "hangs", "goes-on", "moved"].allSatisfy { Self.state($0, text) == "running" } ? true : nil
    }
    // A process that was never seen cannot be missed.
    try await eventually("their processes are seen") {
      let processes = try Self.processes(server)
      return ["killed", "hangs", "goes-on"].allSatisfy { processes[$0] == 1 } ? true : nil
    }
    trainers[0].signal(SIGKILL)
    trainers[1].signal(SIGSTOP)
    try FileManager.default.removeItem(atPath: folder.path("runs/moved"))
    let states = [
      "killed": "killed", "hangs": "stalled", "done": "finished", "goes-on": "running", "moved": "vanished",
      "crashed": "failed",
    ]
    let shown = try await eventually("each is what it is", within: .seconds(120)) {
      let text = try server.scrape()
      let wrong = states.filter { Self.state($0.key, text) != $0.value }
      if let first = wrong.first {
        throw HTTP.Failure(description: "\(first.key) is \(Self.state(first.key, text) ?? "not there")")
      }
      return text
    }
    try await expectCleanLint(ofFile: folder.write(shown, to: "exposition"))
    #expect(shown.contains("\ntraining_exporter_run_progress_ratio{run=\"done\"} 1\n"))

    let alerts = [
      "TrainingKilled": "killed", "TrainingStalled": "hangs", "TrainingFinished": "done", "TrainingVanished": "moved",
      "TrainingDiverged": "goes-on", "TrainingFailed": "crashed",
    ]
    try await eventually("the alerts fire") {
      let firing = try prometheus.query("ALERTS{alertstate=\"firing\"}")
      return alerts.allSatisfy { name, run in
        firing.filter { $0.labels["alertname"] == name }.compactMap { $0.labels["run"] } == [run]
      } ? true : nil
    }

    let url = "http://127.0.0.1:\(server.port)"
    let table = try await Exporter.run("runs", url).output
    for (run, state) in states {
      #expect(table.contains(try Regex("(?m)^\(run) +\(state) ")), "\(table)")
    }
    #expect(try await Exporter.run("runs", url, "--fail-on", "stalled").exit.status == 1)
    #expect(try await Exporter.run("runs", url, "--fail-on", "starting").exit.status == 0)
    #expect(Set(try Self.runs(server).compactMap { $0["state"] as? String }) == Set(states.values))
    #expect(try Self.processes(server)["killed"] == 0)

    // What hung goes on, and what was killed is started again.
    trainers[1].signal(SIGCONT)
    let again = try train("killed", epochs: 10_000, in: folder)
    defer { again.signal(SIGKILL) }
    try await eventually("they run again") {
      let text = try server.scrape()
      return ["killed", "hangs"].allSatisfy { Self.state($0, text) == "running" } ? true : nil
    }
  }

  /// A run that stops early says so by a file, and what it saves is shown.
  @Test func marksAndCheckpoints() async throws {
    let folder = try TemporaryFolder()
    let server = try await Exporter.Server(catalog: try catalog(in: folder))
    try folder.write("epoch,loss,epochs\n1,0.5,9\n", to: "runs/early/rows.csv")
    let file = try folder.write("12345", to: "runs/early/best.pt")
    func run() throws -> [String: Any]? {
      try Self.runs(server).first { ($0["labels"] as? [String: String])?["run"] == "early" }
    }
    let checkpoint = try await eventually("its checkpoint is seen") { try run()?["checkpoint"] as? [String: Any] }
    #expect(checkpoint["file"] as? String == file && checkpoint["size"] as? Int == 5)
    #expect(try run()?["state"] as? String == "running")
    try folder.write("", to: "runs/early/DONE")
    try await eventually("it has finished") { try run()?["state"] as? String == "finished" ? true : nil }
    let text = try server.scrape()
    #expect(text.contains("\ntraining_exporter_run_checkpoint_size_bytes{run=\"early\"} 5\n"))
    #expect(text.contains("\ntraining_exporter_run_checkpoint_timestamp_seconds{run=\"early\"} "))
    #expect(text.contains("\ntraining_exporter_run_end_timestamp_seconds{run=\"early\"} "))
  }

  @Test func fromTheLogsAlone() async throws {
    let folder = try TemporaryFolder()
    let catalog = try catalog(in: folder)
    try folder.write("epoch,loss,epochs\n1,0.5,2\n2,0.4,2\n", to: "runs/a/rows.csv")
    try folder.write("epoch,loss,epochs\n1,0.5,2\n", to: "runs/b/rows.csv")
    try folder.write("epoch,loss,epochs\n1,0.5,2\n", to: "runs/c/rows.csv")
    try folder.write("", to: "runs/c/DONE")
    let result = try await Exporter.run("runs", catalog)
    #expect(result.exit.status == 0)
    #expect(result.output.contains(try Regex("(?m)^a +finished +##########")))
    #expect(result.output.contains(try Regex("(?m)^c +finished +#####[.]{5} 50%")))
    #expect(result.output.contains(try Regex("(?m)^b +running +#####[.]{5} 50% +1/2 ")), "\(result.output)")
    let none = try folder.write("version: 1\n", to: "none.yaml")
    let refused = try await Exporter.run("runs", none)
    #expect(refused.exit.status == 2 && refused.errors.contains("has `run:`"))
  }
}

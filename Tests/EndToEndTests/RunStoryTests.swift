import Foundation
import Glibc
import Testing

/// Trainings that end in different ways, as `runs`, `/metrics` and the generated alerts tell them apart.
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

  /// Writes a row every fifth of a second, as `python3 trainer.py --run RUN` would. Each has losses of its own: what begins
  /// as another log does might be a copy of it, and waits.
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

  /// The rules of the catalog, and the one that the page shows.
  private static func rules(of catalog: String) async throws -> [String] {
    let generated = try await Exporter.run("generate", "rules", catalog)
    #expect(generated.exit.status == 0, "\(generated.errors)")
    let page = try String(contentsOf: Exporter.package.appending(path: "docs/runs.md"), encoding: .utf8)
    let block = page.split(separator: "```yaml\n").first { $0.hasPrefix("groups:") }
    return [generated.output, String(try #require(block?.split(separator: "```").first))]
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
    let prometheus = try await Prometheus(target: server.port, in: folder, rules: try await Self.rules(of: catalog))
    let trainers = [
      try train("killed", epochs: 10_000, in: folder), try train("hangs", epochs: 10_000, loss: "0.6", in: folder),
      try train("done", epochs: 15, loss: "0.7", in: folder),
      try train("goes-on", epochs: 10_000, loss: "nan", in: folder),
    ]
    defer { for trainer in trainers { trainer.signal(SIGKILL) } }
    try folder.write("epoch,loss,epochs\n1,0.5,9\n", to: "runs/moved/rows.csv")
    try folder.write("{'loss': 1}\n{'error': 'out of memory'}\n", to: "runs/crashed/console.log")
    try folder.write("Traceback (most recent call last):\nImportError: torch\n", to: "runs/broken/console.log")
    try folder.write("epoch,loss,epochs\n", to: "runs/waits/rows.csv")
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
      "crashed": "failed", "broken": "failed", "waits": "starting",
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
      "TrainingKilled": ["killed"], "TrainingStalled": ["hangs"], "TrainingFinished": ["done"],
      "TrainingVanished": ["moved"], "TrainingDiverged": ["goes-on"], "TrainingFailed": ["broken", "crashed"],
    ]
    try await eventually("the alerts fire") {
      let firing = try prometheus.query("ALERTS{alertstate=\"firing\"}")
      return alerts.allSatisfy { name, runs in
        firing.filter { $0.labels["alertname"] == name }.compactMap { $0.labels["run"] }.sorted() == runs
      } ? true : nil
    }

    let url = "http://127.0.0.1:\(server.port)"
    let table = try await Exporter.run("runs", url).output
    for (run, state) in states {
      #expect(table.contains(try Regex("(?m)^\(run) +\(state) ")), "\(table)")
    }
    #expect(try await Exporter.run("runs", url, "--fail-on", "stalled").exit.status == 1)
    #expect(try await Exporter.run("runs", url, "--fail-on", "starting").exit.status == 1)
    #expect(Set(try Self.runs(server).compactMap { $0["state"] as? String }) == Set(states.values))
    #expect(try Self.processes(server)["killed"] == 0)
    try await expectEvidence(server)
    let ofRows = try HTTP.get("/metrics?collect[]=rows", port: server.port).body
    #expect(Self.state("killed", ofRows) == "killed" && ofRows.contains("\ntraining_loss{"))

    // The exporter is killed, too: another one finds each run as it was, and says nothing anew.
    let before = try Self.runs(server)
    let newest = before.compactMap { ($0["evidence"] as? [String: Any])?["time"] as? Double }.max() ?? 0
    try await eventually("it is saved") {
      let saved = Exposition(try server.scrape()).values["training_exporter_state_last_write_timestamp_seconds"]
      return saved ?? 0 > newest + 1 ? true : nil
    }
    server.process.signal(SIGKILL)
    _ = try await server.process.waitForExit()
    let second = try await Exporter.Server(catalog: catalog)
    try await eventually("each is still what it is") {
      let text = try second.scrape()
      return states.allSatisfy { Self.state($0.key, text) == $0.value } ? true : nil
    }
    for run in before {
      let labels = run["labels"] as? [String: String]
      let now = try Self.runs(second).first { $0["labels"] as? [String: String] == labels }
      #expect(now?["start"] as? Double == run["start"] as? Double)
      #expect(now?["evidence"] as? NSObject == run["evidence"] as? NSObject)
    }
    #expect(!second.process.standardError.contains("msg=\"run "))

    // What hung goes on, and what was killed is started again.
    trainers[1].signal(SIGCONT)
    let again = try train("killed", epochs: 10_000, loss: "0.4", in: folder)
    defer { again.signal(SIGKILL) }
    try await eventually("they run again") {
      let text = try second.scrape()
      if ["killed", "hangs"].allSatisfy({ Self.state($0, text) == "running" }) { return true }
      throw HTTP.Failure(
        description: text.split(separator: "\n").filter { $0.contains("run_state") && $0.hasSuffix(" 1") }.joined(
          separator: "\n"
        )
      )
    }
    let lines = try ["killed", "hangs"].map { try Regex("msg=\"run goes on\".*run=\($0)\\b") }
    try await eventually("the log says so") {
      let log = second.process.standardError
      if lines.allSatisfy({ log.contains($0) }) { return true }
      throw HTTP.Failure(description: log)
    }
  }

  /// What was seen of the runs that need somebody, in the API and in the log.
  private func expectEvidence(_ server: Exporter.Server) async throws {
    let seen = try await eventually("there is evidence") { () -> [String: [String: Any]]? in
      let found = try Self.runs(server).compactMap { run -> (String, [String: Any])? in
        guard let name = (run["labels"] as? [String: String])?["run"] else { return nil }
        return (run["evidence"] as? [String: Any]).map { (name, $0) }
      }
      return found.count == 4 ? Dictionary(found) { first, _ in first } : nil
    }
    func lastLine(_ run: String) -> String? {
      ((seen[run]?["logs"] as? [[String: Any]])?.first?["lines"] as? [String])?.last
    }
    func process(_ run: String) -> [String: Any]? { (seen[run]?["processes"] as? [[String: Any]])?.first }
    let states = seen.mapValues { $0["state"] as? String }
    #expect(states == ["killed": "killed", "hangs": "stalled", "crashed": "failed", "broken": "failed"])
    #expect(lastLine("crashed") == "{'error': 'out of memory'}")
    #expect(lastLine("broken") == "ImportError: torch")
    #expect(lastLine("killed")?.hasSuffix(",0.5,10000") == true)
    #expect(process("hangs")?["state"] as? String == "T")
    #expect(process("hangs")?["cpu_ratio"] as? Double == 0)
    #expect(process("killed")?["pid"] as? Int != nil && process("killed")?["name"] as? String == "sh")
    #expect((seen["killed"]?["out_of_memory_kills"] as? [String: Any])?["count"] as? Int != nil)
    let log = server.process.standardError
    for (run, state) in ["killed": "killed", "hangs": "stalled"] {
      let line = try Regex("level=warn .*msg=\"run \(state)\".*last_line=.*process=.* run=\(run)\\b")
      #expect(log.contains(line), "\(log)")
    }
  }

  /// A run that stops early says so by a file, and what it saves is shown.
  @Test func marksAndCheckpoints() async throws {
    let folder = try TemporaryFolder()
    let server = try await Exporter.Server(catalog: try catalog(in: folder))
    try folder.write("epoch,loss,epochs\n1,0.5,9\n", to: "runs/early/rows.csv")
    try folder.write("12345", to: "runs/early/best.pt")
    func run() throws -> [String: Any]? {
      try Self.runs(server).first { ($0["labels"] as? [String: String])?["run"] == "early" }
    }
    let checkpoint = try await eventually("its checkpoint is seen") { try run()?["checkpoint"] as? [String: Any] }
    #expect(checkpoint["file"] as? String == "runs/early/best.pt" && checkpoint["size"] as? Int == 5)
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

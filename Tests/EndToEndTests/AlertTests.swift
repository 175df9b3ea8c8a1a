import Foundation
import Glibc
import Testing

/// The generated rules in a real Prometheus. Without `for`, alerts fire at once.
struct AlertTests {
  private static func withoutFor(_ rules: String) -> String { rules.replacing(/\n +for: .*/, with: "") }

  /// What every example shows when its logs have been written just now. It stays as it is, however long all this takes: a
  /// run whose log rests is stalled after a minute, and that is right.
  @Test func noneFiresForTheExamples() async throws {
    let folder = try TemporaryFolder()
    var rules: [String] = []
    for name in ExampleTests.names {
      let copy = folder.url.appending(path: "copies/\(name)")
      try FileManager.default.createDirectory(
        at: copy.deletingLastPathComponent(),
        withIntermediateDirectories: true
      )
      try FileManager.default.copyItem(at: Exporter.package.appending(path: "examples/\(name)"), to: copy)
      let shown = folder.path("shown/\(rules.isEmpty ? "metrics" : name)")
      try await show(copy, at: shown, folder.path("\(name).sock"))
      let text = try String(contentsOf: copy.appending(path: "rules.yml"), encoding: .utf8)
      // What all of them record alike is recorded once.
      let recorded = try #require(text.firstMatch(of: /\n  - name: training-recorded(?:\n    .*)*/))
      let others = text.replacingCharacters(in: recorded.range, with: "")
      rules.append(Self.withoutFor(rules.isEmpty ? text : others))
    }
    #expect(rules.allSatisfy { $0.contains("TrainingStalled") && !$0.contains("for: ") })
    let server = try ChildProcess([
      "python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", folder.path("shown"),
    ])
    let port = try await eventually("the server says where it listens") {
      server.standardOutput.firstMatch(of: /port (\d+)/).flatMap { UInt16($0.1) }
    }
    let others = ExampleTests.names.dropFirst().map { name in
      "  - { job_name: \(name), metrics_path: /\(name), static_configs: [{ targets: [\"127.0.0.1:\(port)\"] }] }"
    }
    let prometheus = try await Prometheus(
      target: port,
      in: folder,
      more: others.joined(separator: "\n"),
      rules: rules,
      interval: "4s"
    )
    let count = Double(ExampleTests.names.count)
    try await eventually("all are scraped") {
      try prometheus.query("count(up == 1)").first?.value == count ? true : nil
    }
    // Some thirty evaluations.
    try await Task.sleep(for: .seconds(15))
    let states = try prometheus.query("training_exporter_run_state == 1").compactMap {
      $0.labels["training_exporter_run_state"]
    }
    #expect(Double(states.count) >= count && Set(states).isSubset(of: ["running", "finished"]), "\(states)")
    let alerts = try prometheus.query("max_over_time(ALERTS[1m])").map(\.labels)
    #expect(alerts.isEmpty, "\(alerts)")
    // The rules are evaluated: what they record is there.
    #expect(try !prometheus.query("run:training_exporter_run_loss:min1d").isEmpty)
    #expect(prometheus.log.isEmpty, "\(prometheus.log)")
  }

  /// Writes what an exporter shows of an example whose logs have been written just now, in one process: between two steps of a
  /// test more than a minute may pass.
  private func show(_ example: URL, at path: String, _ socket: String) async throws {
    // That a run of MLflow has finished is in a file that is read once it has rested.
    let script = #"""
      find "$1" -exec touch {} +
      "$4" serve --config.file "$1/metrics.yaml" --web.listen-address "unix:$3" 2> /dev/null &
      trap "kill -9 $!" EXIT
      mkdir -p "$(dirname "$2")"
      until curl -sf --unix-socket "$3" http://exporter/-/ready > /dev/null &&
        curl -sf --unix-socket "$3" http://exporter/metrics > "$2" && ! grep -q 'run_state="stalled"} 1$' "$2"
      do sleep 0.1; done
      """#
    let process = try ChildProcess(["sh", "-c", script, "show", example.path, path, socket, Exporter.binary])
    #expect(try await process.waitForExit().status == 0, "\(process.standardError)")
  }

  /// A log in which much is wrong, a catalog that is broken, and an exporter that is killed.
  @Test func whatIsWrongFires() async throws {
    let folder = try TemporaryFolder()
    let text = """
      version: 1
      labels: { kind: { values: [nan, high, calm] } }
      metrics: { training_loss: { type: gauge, help: Loss, labels: [kind] } }
      watchers:
        log: { files: log.jsonl, format: jsonl, labels: { kind: "{.kind}" }, fields: { loss: training_loss } }

      """
    let catalog = try folder.write(text, to: "metrics.yaml")
    let rows = #"{"kind": "high", "loss": 0.5}"# + "\n" + #"{"kind": "calm", "loss": 0.5}"# + "\n"
    let log = try folder.write(rows, to: "log.jsonl")
    let generated = try await Exporter.run("generate", "rules", catalog)
    #expect(generated.exit.status == 0, "\(generated.errors)")
    let server = try await Exporter.Server(catalog: catalog)
    let prometheus = try await Prometheus(
      target: server.port,
      in: folder,
      rules: [Self.withoutFor(generated.output)]
    )
    func alerts() throws -> [String: [String: String]] {
      let firing = try prometheus.query("ALERTS{alertstate=\"firing\"}").map(\.labels)
      return Dictionary(firing.map { ($0["alertname"] ?? "", $0) }) { first, _ in first }
    }
    try await eventually("the best losses are recorded") {
      try prometheus.query("series:training_loss:min1d").count == 2 ? true : nil
    }
    let script = """
      echo '{"kind": "nan", "loss": NaN}'; echo '{"kind": "high", "loss": 5}'
      while sleep 0.3; do echo '{"kind": "other", "loss": 1}'; echo '{"kind": '; done
      """
    let writer = try ChildProcess(["sh", "-c", "(\(script)) >> \"$0\"", log])
    defer { writer.signal(SIGKILL) }
    let expected: Set = [
      "TrainingDiverged", "TrainingLossHigh", "TrainingValuesRejected", "TrainingRecordsMalformed",
    ]
    try await eventually("the log's alerts fire") {
      let names = try Set(alerts().keys)
      if names == expected { return true }
      throw HTTP.Failure(description: "\(names.sorted())")
    }
    let firing = try alerts()
    #expect(firing["TrainingDiverged"]?["kind"] == "nan" && firing["TrainingDiverged"]?["metric"] == "training_loss")
    #expect(firing["TrainingLossHigh"]?["kind"] == "high")
    #expect(firing["TrainingValuesRejected"]?["reason"] == "label_value")
    #expect(firing["TrainingRecordsMalformed"]?["watcher"] == "log")

    try folder.write(text + "metrics: 1\n", to: "metrics.yaml")
    server.process.signal(SIGHUP)
    try await eventually("that of the catalog fires") {
      try Set(alerts().keys) == expected.union(["TrainingReloadFailed"]) ? true : nil
    }
    server.process.signal(SIGKILL)
    // Each is evaluated at its own time.
    try await eventually("that of the exporter fires, and that of its catalog no more") {
      let firing = try alerts()
      let isDown = firing["TrainingExporterDown"]?["instance"] == "127.0.0.1:\(server.port)"
      return isDown && firing["TrainingReloadFailed"] == nil ? true : nil
    }
  }
}

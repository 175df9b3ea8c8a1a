import Foundation
import Testing

/// The generated rules in a real Prometheus, where all is well.
struct AlertTests {
  /// Every example is served as if its logs had been written just now. Without `for`, an alert would fire at once.
  @Test func noneFiresForTheExamples() async throws {
    let folder = try TemporaryFolder()
    var servers: [Exporter.Server] = []
    var rules: [String] = []
    for name in ExampleTests.names {
      let copy = folder.url.appending(path: name)
      try FileManager.default.copyItem(at: Exporter.package.appending(path: "examples/\(name)"), to: copy)
      try ExampleTests.touch(copy)
      let text = try String(contentsOf: copy.appending(path: "rules.yml"), encoding: .utf8)
      rules.append(text.replacing(/\n +for: .*/, with: ""))
      servers.append(try await Exporter.Server(catalog: copy.appending(path: "metrics.yaml").path))
    }
    #expect(rules.allSatisfy { $0.contains("TrainingStalled") && !$0.contains("for: ") })
    let others = servers.dropFirst().map { "\"127.0.0.1:\($0.port)\"" }.joined(separator: ", ")
    let prometheus = try await Prometheus(
      target: servers[0].port,
      in: folder,
      more: "  - { job_name: others, static_configs: [{ targets: [\(others)] }] }",
      rules: rules
    )
    // Some forty evaluations.
    try await Task.sleep(for: .seconds(20))
    #expect(try prometheus.query("count(up == 1)").map(\.value) == [Double(servers.count)])
    let states = try prometheus.query("training_exporter_run_state == 1").compactMap {
      $0.labels["training_exporter_run_state"]
    }
    #expect(states.count >= servers.count && Set(states).isSubset(of: ["running", "finished"]), "\(states)")
    let alerts = try prometheus.query("max_over_time(ALERTS[1m])").map(\.labels)
    #expect(alerts.isEmpty, "\(alerts)")
    // The rules are evaluated: what they record is there.
    #expect(try !prometheus.query("run:training_exporter_run_loss:min1d").isEmpty)
    #expect(prometheus.log.isEmpty, "\(prometheus.log)")
  }
}

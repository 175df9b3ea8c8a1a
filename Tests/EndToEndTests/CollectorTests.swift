import Foundation
import Testing

/// The real exporter with collectors, on the real machine: what it shows is what `/proc` says.
struct CollectorTests {
  /// What trainings of this run alone have in their environment.
  private static let variable = "EXPORTER_TEST_RANK_\(getpid())"

  private static let catalog = """
    version: 1
    labels: { device: { max_values: 50 }, rank: { max_values: 9 }, device_id: { values: 0..7 } }
    metrics:
      host_memory_total_bytes: { type: gauge, help: Memory }
      host_memory_available_bytes: { type: gauge, help: Memory }
      host_cpu_usage_ratio: { type: gauge, help: CPU }
      host_network_received_bytes_total: { type: counter, help: Network }
      host_context_switches_total: { type: counter, help: Switches }
      training_processes: { type: gauge, help: Processes, labels: [rank] }
      training_cpu_seconds_total: { type: counter, help: CPU time, labels: [rank] }
      gpu_count: { type: gauge, help: GPUs, allow: [metric/reserved-suffix] }
      gpu_energy_joules_total: { type: counter, help: Energy, labels: [device_id] }
    collectors:
      system:
        interval: 50ms
        readings:
          memory.total_bytes: host_memory_total_bytes
          memory.available_bytes: host_memory_available_bytes
          cpu.usage_ratio: host_cpu_usage_ratio
          network.received_bytes: host_network_received_bytes_total
          kernel.context_switches: host_context_switches_total
      process:
        interval: 50ms
        match: { environment: { \(variable): "{rank}" } }
        readings: { processes: training_processes, cpu.seconds: training_cpu_seconds_total }
      nvml:
        interval: 50ms
        readings: { device.count: gpu_count, energy.joules: gpu_energy_joules_total }
    """

  private func meminfo(_ name: String) throws -> Double {
    let text = try String(contentsOfFile: "/proc/meminfo", encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix(name + ":") })
    return try #require(line.split(separator: " ").dropFirst().first.flatMap { Double($0) }) * 1024
  }

  private func contextSwitches() throws -> Double {
    let text = try String(contentsOfFile: "/proc/stat", encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("ctxt ") })
    return try #require(Double(line.dropFirst(5)))
  }

  @Test func whatTheMachineSaysIsServed() async throws {
    let folder = try TemporaryFolder()
    let before = try contextSwitches()
    let server = try await Exporter.Server(catalog: try folder.write(Self.catalog, to: "metrics.yaml"))
    let first = try Exposition(server.scrape()).values
    #expect(first["host_memory_total_bytes"] == (try meminfo("MemTotal")))
    let available = try #require(first["host_memory_available_bytes"])
    #expect(abs(available - (try meminfo("MemAvailable"))) < 2e9)
    // The kernel's total, not what grew since: and it is no sum of totals after many collections either.
    let values = try await eventually("rates are there after the second collection") {
      let values = try Exposition(server.scrape()).values
      let collections = values[#"training_exporter_collections_total{source="system",outcome="success"}"#]
      return values["host_cpu_usage_ratio"] != nil && collections ?? 0 > 5 ? values : nil
    }
    let switches = try #require(values["host_context_switches_total"])
    #expect((before...(try contextSwitches())).contains(switches))
    #expect((0...1).contains(try #require(values["host_cpu_usage_ratio"])))
    #expect(values[#"training_exporter_up{source="system"}"#] == 1)
    #expect(values[#"training_exporter_up{source="process"}"#] == 1)
    try await expectCleanLint(ofFile: folder.write(server.scrape(), to: "exposition"))
  }

  /// A machine without a GPU has no driver, and everything else goes on.
  @Test(.enabled(if: !FileManager.default.fileExists(atPath: "/dev/nvidiactl"), "this machine has a GPU"))
  func withoutADriverNothingElseSuffers() async throws {
    let folder = try TemporaryFolder()
    let server = try await Exporter.Server(catalog: try folder.write(Self.catalog, to: "metrics.yaml"))
    let values = try Exposition(server.scrape()).values
    #expect(values[#"training_exporter_up{source="nvml"}"#] == 0)
    #expect(values[#"training_exporter_up{source="system"}"#] == 1)
    #expect(!values.keys.contains { $0.hasPrefix("gpu_") })
    let said = server.process.standardError.split(separator: "\n").filter { $0.contains("libnvidia-ml.so.1") }
    #expect(said.count == 1, "\(said)")
  }

  @Test func trainingProcessesComeAndGo() async throws {
    let folder = try TemporaryFolder()
    let server = try await Exporter.Server(catalog: try folder.write(Self.catalog, to: "metrics.yaml"))
    // Should nobody end it, its share of CPU time does.
    let script = "ulimit -t 60; while :; do :; done & wait"
    let training = try ChildProcess(["/usr/bin/env", "\(Self.variable)=3", "/bin/sh", "-c", script])
    defer { kill(-training.id, SIGKILL) }
    let busy = try await eventually("the training and its child are counted") {
      let values = try Exposition(server.scrape()).values
      let seconds = values[#"training_cpu_seconds_total{rank="3"}"#]
      return values[#"training_processes{rank="3"}"#] == 2 && seconds ?? 0 > 0.2 ? seconds : nil
    }
    #expect(busy < 600)
    // A catalog that is read again keeps the collectors.
    kill(server.process.id, SIGHUP)
    _ = try await eventually("the catalog is read again") {
      server.process.standardError.contains("catalog reloaded") ? true : nil
    }
    _ = try await eventually("the total has gone on") {
      try Exposition(server.scrape()).values[#"training_cpu_seconds_total{rank="3"}"#].flatMap { $0 > busy ? $0 : nil }
    }
    let children = try await Exporter.children(of: training.id)
    for child in children + [training.id] { kill(child, SIGKILL) }
    _ = try await eventually("it has gone") {
      try Exposition(server.scrape()).values[#"training_processes{rank="3"}"#] == nil ? true : nil
    }
  }

  @Test func readingsAreListed() async throws {
    struct Row: Decodable {
      var collector: String
      var reading: String
      var type: String
      var unit: String?
      var labels: [String: String]
      var value: Double?
    }
    let json = try await Exporter.run("readings", "system", "nvml", "--format", "json")
    #expect(json.exit.status == 0)
    let rows = try JSONDecoder().decode([Row].self, from: Data(json.output.utf8))
    let total = try #require(rows.first { $0.reading == "memory.total_bytes" })
    #expect(total.value == (try meminfo("MemTotal")) && total.unit == "bytes" && total.type == "gauge")
    #expect(rows.contains { $0.reading == "cpu.mode_ratio" && $0.labels["mode"] == "user" && $0.value != nil })
    #expect(rows.contains { $0.collector == "nvml" && $0.reading == "memory.used_bytes" })
    let text = try await Exporter.run("readings", "system")
    #expect(text.output.contains(/\nsystem +memory\.total_bytes +gauge +bytes +\d+\n/))
    let unknown = try await Exporter.run("readings", "gpu")
    #expect(unknown.exit.status != 0 && unknown.errors.contains("there is no collector `gpu`"))
  }
}

extension Exporter {
  /// The processes that a process has begun.
  fileprivate static func children(of id: Int32) async throws -> [Int32] {
    try String(contentsOfFile: "/proc/\(id)/task/\(id)/children", encoding: .utf8).split(separator: " ")
      .compactMap { Int32($0) }
  }
}

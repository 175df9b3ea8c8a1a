import Foundation
import Simulation
import Testing

/// Hundreds of simulated scripts, done again to real files, with the real program following them: it shows what the
/// simulation says. Twice it is killed on the way.
@Suite struct AgreementTests {
  private static let scripts: UInt64 = 200
  private static let steps = 20

  private static let catalog = """
    version: 1
    labels: { script: { max_values: 1000 }, run: { max_values: 3 } }
    metrics:
      loss: { type: gauge, help: h, labels: [script] }
      rows_total: { type: counter, help: h, labels: [script] }
      spent_seconds_total: { type: counter, help: h, labels: [script] }
      losses: { type: histogram, help: h, labels: [script], buckets: [1] }
    watchers:
      w:
        files: "{script}/w/runs/*/results.csv"
        format: csv
        each_record: rows_total
        fields: { loss: [loss, losses], time: { metric: spent_seconds_total, from: running_total } }
    """

  @Test func theRealProgramShowsWhatTheSimulationSays() async throws {
    let scripts = try (1...Self.scripts).map { try RecordedScript(seed: $0, steps: Self.steps) }
    let folder = try TemporaryFolder()
    let catalog = try folder.write(Self.catalog, to: "metrics.yaml")
    for script in scripts {
      for name in ["runs", "store"] { try makeDirectory(folder.path("s\(script.seed)/w/\(name)")) }
    }
    var server = try await Exporter.Server(catalog: catalog)
    for step in 0..<Self.steps {
      for script in scripts {
        for operation in script.steps[step].operations { try perform(operation, in: folder.path("s\(script.seed)")) }
      }
      if step % 10 == 5 {
        server.process.signal(SIGKILL)
        _ = try await server.process.waitForExit()
        server = try await Exporter.Server(catalog: catalog)
      }
      var wrong: [String] = []
      do {
        try await eventually("the values of step \(step)", within: .seconds(30)) {
          let values = try Exposition(server.scrape()).values
          wrong = scripts.flatMap { differences($0, step, values) }
          return wrong.isEmpty ? true : nil
        }
      } catch {
        Issue.record("\(error): \(wrong.prefix(3).joined(separator: "\n"))")
        return
      }
      if step % 10 == 4 { try await saved(server) }
    }
  }

  /// Waits until what is shown is in the state: what vanishes from the disk before that nobody could know.
  private func saved(_ server: Exporter.Server) async throws {
    let shown = Date.now.timeIntervalSince1970
    try await eventually("a state is saved") {
      let written = try Exposition(server.scrape()).values["training_exporter_state_last_write_timestamp_seconds"]
      return (written ?? 0) >= shown || Date.now.timeIntervalSince1970 > shown + 1.5 ? true : nil
    }
  }

  private func differences(_ script: RecordedScript, _ step: Int, _ values: [String: Double]) -> [String] {
    let expected = script.steps[step]
    let pairs: [(String, Double?)] = [
      ("rows_total", expected.rows == 0 ? nil : expected.rows), ("loss", expected.loss),
      ("spent_seconds_total", expected.rows == 0 ? nil : expected.seconds),
      ("losses_sum", expected.rows == 0 ? nil : expected.losses),
    ]
    return pairs.compactMap { name, value in
      let shown = values["\(name){script=\"s\(script.seed)\"}"]
      guard shown != value else { return nil }
      let actions = script.steps[...step].map(\.action).joined(separator: "; ")
      return "\(name) of script \(script.seed) is \(shown ?? .nan), not \(value ?? .nan), after \(actions)"
    }
  }

  private func makeDirectory(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  private func perform(_ operation: FileOperation, in root: String) throws {
    switch operation {
    case .makeDirectory(let path):
      try makeDirectory(root + path)
    case .write(let bytes, let path, let offset):
      let descriptor = open(root + path, O_WRONLY | O_CREAT, 0o644)
      try #require(descriptor >= 0, "\(path)")
      defer { close(descriptor) }
      try #require(pwrite(descriptor, bytes, bytes.count, offset) == bytes.count)
    case .truncate(let path, let count):
      try #require(truncate(root + path, count) == 0, "\(path)")
    case .rename(let path, let other):
      try #require(rename(root + path, root + other) == 0, "\(path)")
    case .remove(let path):
      try #require(remove(root + path) == 0, "\(path)")
    }
  }
}

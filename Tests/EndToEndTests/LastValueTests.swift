import Foundation
import Testing

/// A catalog that maps every column shows the last value of each, whatever tool wrote the log; Python is the judge.
struct LastValueTests {
  /// Paths relative to the package.
  static let logs: [String] = {
    var found: [String] = []
    for root in ["examples", "Tests/EndToEndTests/Fixtures/logs"] {
      let folder = Exporter.package.appending(path: root)
      let names = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
      found += names.filter { name in
        [".csv", ".tsv", ".jsonl", "trainer_state.json", "scalars.json", "training.log"].contains(where: name.hasSuffix)
      }.map { "\(root)/\($0)" }
    }
    return found.sorted()
  }()

  @Test func thereAreLogsOfEveryKind() {
    for kind in [".csv", ".tsv", ".jsonl", "trainer_state.json", "scalars.json", "training.log"] {
      #expect(Self.logs.contains { $0.hasSuffix(kind) }, "no \(kind)")
    }
  }

  @Test(arguments: logs)
  func everyColumnHasItsLastValue(log: String) async throws {
    let file = Exporter.package.appending(path: log)
    let folder = try TemporaryFolder()
    let format =
      if log.hasSuffix("trainer_state.json") {
        "format: json\n    records: log_history"
      } else if log.hasSuffix(".jsonl") || log.hasSuffix("scalars.json") {
        "format: jsonl"
      } else {
        "format: csv"
      }
    let catalog = try folder.write(
      """
      version: 1
      labels: { key: { max_values: 5000 } }
      metrics:
        training_log_value: { type: gauge, help: Latest value of a column, labels: [key] }
      watchers:
        log:
          files: "\(file.path)"
          \(format)
          fields: { "{key}": training_log_value }
      """,
      to: "metrics.yaml"
    )
    let result = try await Exporter.once(catalog)
    #expect(result.exit.status == 0, "\(result.errors)")

    let judge = try ChildProcess([
      "python3", Exporter.fixtures.appending(path: "judges/last_values.py").path, file.path,
    ])
    #expect(try await judge.waitForExit().status == 0, "\(judge.standardError)")
    let expected = try #require(JSONSerialization.jsonObject(with: Data(judge.output)) as? [String: String])
    #expect(!expected.isEmpty)

    let shown = Exposition(Exposition.ofCatalog(result.output)).values
    #expect(shown.count == expected.count)
    for (column, text) in expected {
      let escaped = column.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
      let value = try #require(shown["training_log_value{key=\"\(escaped)\"}"], "\(column) is missing")
      let wanted = try #require(Double(text))
      #expect(value == wanted || (value.isNaN && wanted.isNaN), "\(column): \(value), not \(text)")
    }
  }
}

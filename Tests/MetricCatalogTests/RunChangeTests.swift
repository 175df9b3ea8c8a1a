import Diagnostics
import Testing

@testable import MetricCatalog

/// What is said of a change of `run:`.
@Suite struct RunChangeTests {
  /// For each key of `run:` a value, the same written otherwise, and another one. A new key wants its line here, and a
  /// comparison.
  private static let values: [String: (value: String, same: String, other: String)] = [
    "by": ("run", "[run]", "task"), "step": ("s", "[s]", "[t, s]"), "epoch": ("[e, s]", "['e', s]", "[s, e]"),
    "steps": ("100", "1e2", "'100'"), "epochs": ("10", "10.0", "n"), "loss": ("l", "'l'", "m"),
    "score": ("a", "'a'", "b"), "better": ("higher", "'higher'", "lower"), "time": ("t", "'t'", "u"),
    "finished": ("{ a: 1, b: x }", "{ b: [x], a: '1.0' }", "{ a: 1 }"),
    "checkpoints": ("'w/{run}/*.pt'", "['w/{run}/*.pt']", "'w/{task}/*.pt'"),
    "finished_file": ("[a, '{run}/b']", "['{run}/b', a]", "[a]"), "failed_file": ("'{_}/f'", "['{_}/f']", "'*/f'"),
    "failed": ("{ a: x }", "{ a: [x] }", "{ a: y }"),
    "process": (
      "'--name {run}'", "{ command_line: '--name {run}' }", "[{ name: python, labels: { run: a } }, '--name {run}']"
    ),
  ]

  @Test func everyKeyIsCompared() throws {
    #expect(Set(Self.values.keys) == Set(RunDeclaration.keys.map(\.name)))
    for (key, (value, same, other)) in Self.values {
      let score = key == "better" ? "score: a, " : ""
      let by = key == "by" ? "" : "by: run, "
      let run = { (value: String) in watcher("run: { \(score)\(by)\(key): \(value) }") }
      #expect(try changes(run(value), run(same)).isEmpty, "\(key)")
      let told = try changes(run(value), run(other))
      #expect(told.map(\.id) == [key == "by" ? "diff/run-labels" : "diff/run"], "\(key)")
      let lost = try changes(run(value), watcher(key == "by" ? "run: {}" : "run: { \(score)by: run }"))
      // The higher score is the better one without the key.
      #expect(lost.count == (key == "better" ? 0 : 1), "\(key)")
    }
  }

  @Test func whatTellsRunsApartIsComparedByItsMeaning() throws {
    let start = "{ files: '{task}/{run}', format: csv, "
    #expect(try changes("w: \(start)run: {} }", "w: \(start)run: { by: [run, task] } }").isEmpty)
    let renamed = "w: { files: '{t}/{run}', format: csv, labels: { task: '{t}' }, run: {} }"
    #expect(try changes("w: \(start)run: {} }", renamed).isEmpty)
    let marked = "w: \(start)run: { finished_file: '{run}/{task}.done' } }"
    let renamedToo = renamed.replacing("run: {}", with: "run: { finished_file: '{run}/{t}.done' }")
    #expect(try changes(marked, renamedToo).isEmpty)
    let text = try changes("w: \(start)run: {} }", "w: \(start)labels: { task: 'x-{task}' }, run: {} }")
    #expect(text.map(\.id) == ["diff/run-labels"] && text[0].message.contains("another text"))
  }

  @Test func runsThatOthersTellOfAreNotGone() throws {
    let settings = "s: { files: '{task}/{run}.yaml', format: yaml, run: {} }"
    let both = watcher("run: {}") + ", " + settings
    #expect(try changes(both, watcher("run: {}")).map(\.id) == ["diff/run"])
    #expect(try changes(both, settings).map(\.id) == ["diff/run"])
    #expect(try changes(watcher("run: {}"), both).map(\.id) == ["diff/run-added"])
    #expect(try changes(both, "x: { files: f, format: csv, run: {} }").map(\.id).contains("diff/run-removed"))
  }

  /// A watcher that feeds no metric is compared as well if it tells of runs.
  @Test func whatTheRunsAreReadFromIsCompared() throws {
    let moved = "w: { files: 'more/{task}/{run}.csv', format: csv, run: {} }"
    #expect(try changes(watcher("run: {}"), moved).map(\.id) == ["diff/files"])
    let silent = "w: { files: '{task}/{run}.csv', format: csv, allow: [watcher/feeds-nothing] }"
    #expect(try changes(silent, "w: { files: f, format: jsonl, allow: [watcher/feeds-nothing] }").isEmpty)
  }

  private func watcher(_ run: String) -> String { "w: { files: '{task}/{run}.csv', format: csv, \(run) }" }

  private func changes(_ old: String, _ new: String) throws -> [Diagnostic] {
    let loadings = [old, new].map { watchers in
      load("version: 1\nlabels: { task: { max_values: 9 }, run: { max_values: 9 } }\nwatchers: { \(watchers) }\n")
    }
    #expect(loadings.allSatisfy { $0.catalog != nil }, "\(loadings.map(render).joined())")
    return CatalogChanges.between(loadings[0], loadings[1])
  }
}

import Foundation
import Logging
import MetricRegistry
import StateStore
import Testing

@testable import ExporterKit

/// A reload leaves nothing of the catalog before it.
@Suite struct GenerationTests {
  private struct Weak {
    weak var generation: Generation?
    weak var registry: Registry?
    weak var reading: LogReading?
  }

  @Test func aReloadLetsGoOfTheFormerGeneration() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "generations-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let yaml = """
      version: 1
      labels: { run: { max_values: 10 } }
      metrics:
        loss: { type: gauge, help: h, labels: [run] }
        rows_total: { type: counter, help: h, labels: [run] }
        used_bytes: { type: gauge, help: h }
      watchers:
        csv: { files: "{run}.csv", format: csv, each_record: rows_total, fields: { loss: loss } }
        jsonl: { files: "{run}.jsonl", format: jsonl, each_record: rows_total, fields: { loss: loss } }
        json: { files: "{run}.json", format: json, each_record: rows_total, fields: { loss: loss } }
        text: { files: "{run}.log", format: text, pairs: "{key}: {value}", each_record: rows_total, fields: { loss: loss } }
      collectors: { system: { interval: 10ms, readings: { memory.used_bytes: used_bytes } } }
      """
    let logs = ["a.csv": "loss\n1\n", "b.jsonl": "{\"loss\": 1}\n", "c.json": "{\"loss\": 1}", "d.log": "loss: 1\n"]
    for (name, text) in logs { try Data(text.utf8).write(to: folder.appending(path: name)) }
    try Data(yaml.utf8).write(to: folder.appending(path: "metrics.yaml"))
    let loading = loadCatalog(path: folder.path + "/metrics.yaml")
    let catalog = try #require(loading.catalog, "\(loading.diagnostics.map(\.message))")
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    var generations: [Weak] = []
    func begin(_ former: Generation?) -> Generation {
      let saved = former.map { SavedState($0.reading.save(.all, isWhole: true)) }
      let generation = Generation.begin(
        catalog: catalog,
        logger: logger,
        state: nil,
        saved: saved,
        former: former,
        onUnusable: { Issue.record("the values so far are taken over") }
      )
      generations.append(
        Weak(generation: generation, registry: generation.registry, reading: generation.reading)
      )
      generation.collecting.start()
      generation.reading.readOnce()
      return generation
    }
    var current = begin(nil)
    for _ in 0..<20 {
      current.collecting.stop()
      current = begin(current)
    }
    #expect(current.registry.seriesCount >= 8)
    // The threads of former collectors end when their last collection has.
    func alive() -> Int {
      generations.count { $0.generation != nil || $0.registry != nil || $0.reading != nil }
    }
    let end = Date(timeIntervalSinceNow: 30)
    while alive() > 1, Date() < end { usleep(1000) }
    #expect(alive() == 1)
    current.collecting.stop()
    current.collecting.waitForEnd()
  }
}

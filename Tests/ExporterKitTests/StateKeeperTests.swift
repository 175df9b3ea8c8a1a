import Foundation
import Logging
import MetricCatalog
import StateStore
import Testing

@testable import ExporterKit

/// What becomes of a state that cannot be taken over.
@Suite struct StateKeeperTests {
  /// A state may end the program, or hold it for ever, however carefully it is decoded.
  @Test func aStateThatEndedTheStartTwiceIsNotTriedAThirdTime() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "keeper-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder.appending(path: "state"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let metrics = "metrics: { rows_total: { type: counter, help: h } }"
    let watchers = "watchers: { w: { files: a.csv, format: csv, each_record: rows_total } }"
    try Data("version: 1\n\(metrics)\n\(watchers)\n".utf8).write(to: folder.appending(path: "metrics.yaml"))
    let log = folder.appending(path: "a.csv")
    try Data("step\n1\n2\n".utf8).write(to: log)
    let catalog = try #require(loadCatalog(path: folder.path + "/metrics.yaml").catalog)
    let state = StateConfiguration(path: folder.path + "/state")
    let file = StateFile(path: folder.path + "/state/training-exporter.state")
    let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    /// How many rows a start counts.
    func rows() throws -> String? {
      let exporter = try Exporter(configuration: ExporterConfiguration(catalog: catalog, state: state), logger: logger)
      return String(decoding: exporter.readOnce(), as: UTF8.self).split(separator: "\n")
        .first { $0.hasPrefix("rows_total ") }.map(String.init)
    }

    try file.replace(with: saved(catalog, logger).bytes)
    try Data("step\n3\n".utf8).write(to: log)
    #expect(try rows() == "rows_total 3", "what was saved, and a row of another log")
    #expect(file.beginTakeOver() == 0, "it has ended")
    #expect(try rows() == "rows_total 3", "once may be an accident")
    for _ in 0..<2 { _ = file.beginTakeOver() }
    #expect(try rows() == "rows_total 1")
    #expect(FileManager.default.fileExists(atPath: file.unusablePath))
  }

  private func saved(_ catalog: Catalog, _ logger: Logger) -> StateChanges {
    let generation = Generation.begin(catalog: catalog, logger: logger, state: nil, saved: nil, onUnusable: {})
    generation.reading.readOnce()
    return generation.reading.save(.fedByLogs, isWhole: true)
  }
}

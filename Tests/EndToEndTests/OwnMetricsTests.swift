import Foundation
import Testing

/// What the exporter says of itself: the table in `docs/own-metrics.md` and a real scrape are the same.
struct OwnMetricsTests {
  struct Family: Equatable, CustomStringConvertible {
    var name: String
    var type: String
    var labels: [String]
    var help: String

    var description: String { "\(name) \(type) \(labels) \(help)" }
  }

  /// A served catalog that gives every family something to say.
  private func serve(in folder: TemporaryFolder, _ more: [String] = []) async throws -> Exporter.Server {
    try folder.write("loss\n0.5\n", to: "a.csv")
    let catalog = try folder.write(
      """
      version: 1
      labels: { run: { values: [b] } }
      metrics:
        loss: { type: gauge, help: Loss }
        refused: { type: gauge, help: Refused, labels: [run] }
      watchers:
        log: { files: "{run}.csv", format: csv, fields: { loss: [loss, refused] } }
      """,
      to: "metrics.yaml"
    )
    return try await Exporter.Server(catalog: catalog, more: more)
  }

  @Test func theTableAndAScrapeAgree() async throws {
    let folder = try TemporaryFolder()
    let server = try await serve(in: folder)
    let shown = try await eventually("every family has something to say") {
      let text = try server.scrape()
      let names = ["rejections_total", "last_record_", "state_last_write_", "scrape_duration_"]
      return names.allSatisfy { text.contains("\ntraining_exporter_\($0)") } ? text : nil
    }
    let families = Self.families(shown).filter {
      $0.name.hasPrefix("training_exporter_") || $0.name.hasPrefix("process_")
    }
    let table = try Self.table()
    #expect(families.map(\.name) == table.map(\.name))
    for (family, row) in zip(families, table) {
      var row = row
      // This format has no type for it.
      if row.type == "info" { row.type = "gauge" }
      #expect(family == row)
    }
    try await expectCleanLint(ofFile: folder.write(shown, to: "exposition"))
  }

  @Test func theProcessIsTheOneThatServes() async throws {
    let folder = try TemporaryFolder()
    let server = try await serve(in: folder)
    let values = try Exposition(server.scrape()).values
    let resident = try #require(values["process_resident_memory_bytes"])
    #expect(abs(resident - Double(server.process.residentBytes)) < Double(8 << 20))
    let start = try #require(values["process_start_time_seconds"])
    #expect(abs(start - Date.now.timeIntervalSince1970) < 300)
    let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(server.process.id)/fd").count
    #expect(abs(try #require(values["process_open_fds"]) - Double(descriptors)) <= 3)
    #expect(try #require(values["process_max_fds"]) >= Double(descriptors))
  }

  @Test func allOfThemCanBeLeftOut() async throws {
    let folder = try TemporaryFolder()
    let server = try await serve(in: folder, ["--web.disable-exporter-metrics"])
    #expect(try Self.families(server.scrape()).map(\.name) == ["loss"])
  }

  private static func table() throws -> [Family] {
    let text = try String(contentsOf: Exporter.package.appending(path: "docs/own-metrics.md"), encoding: .utf8)
    return text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      let labels = cells[3].matches(of: /`([^`]+)`/).map { String($0.1) }
      return Family(name: cells[1].replacing("`", with: ""), type: cells[2], labels: labels, help: cells[4])
    }
  }

  /// With the labels of each family's first sample.
  private static func families(_ text: String) -> [Family] {
    var families: [Family] = []
    var isFirst = false
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 3).map(String.init)
      if line.hasPrefix("# HELP ") {
        families.append(Family(name: words[2], type: "", labels: [], help: words[3]))
      } else if line.hasPrefix("# TYPE ") {
        families[families.count - 1].type = words[3]
        isFirst = true
      } else if isFirst {
        families[families.count - 1].labels = line.matches(of: /[{,](\w+)="/).map { String($0.1) }
        isFirst = false
      }
    }
    return families
  }
}

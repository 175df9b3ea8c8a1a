import Collectors
import ExporterKit
import Foundation
import MetricCatalog
import Testing

/// `docs/collectors.md` and the examples say what collectors offer.
@Suite struct ReadingsPageTests {
  private static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// `UPDATE_GOLDEN=1` writes the page anew, and fails the run.
  @Test func theReferenceIsThatOfTheSources() throws {
    let file = Self.package.appending(path: "docs/collectors.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let (begin, end) = ("<!-- readings -->\n", "<!-- /readings -->")
    let start = try #require(text.range(of: begin)?.upperBound)
    let stop = try #require(text.range(of: end)?.lowerBound)
    let expected = readingsPage() + "\n"
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try Data((text[..<start] + expected + text[stop...]).utf8).write(to: file)
      Issue.record("docs/collectors.md is written anew: read its diff")
      return
    }
    #expect(String(text[start..<stop]) == expected, "docs/collectors.md differs: UPDATE_GOLDEN=1 writes it")
  }

  @Test func everyReadingIsNamedOnceAndSaysWhereItIsFrom() {
    for collector in Collectors.descriptors {
      var names: Set<String> = []
      for reading in collector.records.flatMap(\.readings) {
        #expect(names.insert(reading.name).inserted, "\(collector.name) has \(reading.name) twice")
        #expect(!reading.help.isEmpty && !reading.source.isEmpty, "\(collector.name): \(reading.name)")
        if let unit = reading.unit {
          #expect(reading.name.hasSuffix(unit), "\(collector.name): \(reading.name) is in \(unit)")
        }
      }
    }
  }

  /// Not even a note.
  @Test func theCatalogsOfTheProjectAreGood() throws {
    let examples = try FileManager.default.contentsOfDirectory(atPath: Self.package.appending(path: "examples").path)
    let paths = ["metrics.yaml"] + examples.map { "examples/\($0)/metrics.yaml" }
    let files = paths.map { Self.package.appending(path: $0).path }.filter(FileManager.default.fileExists(atPath:))
    #expect(files.count > 10)
    for file in files {
      let loading = loadCatalog(path: file)
      #expect(loading.catalog != nil && loading.diagnostics.isEmpty, "\(loading.diagnostics)")
    }
  }
}

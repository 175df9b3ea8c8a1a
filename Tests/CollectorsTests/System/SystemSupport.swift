import Foundation
import MetricModel
import Testing

@testable import Collectors

/// The collector on a captured machine, with a clock that stands still and file systems that a test makes up.
func systemCollector(
  _ archive: KernelArchive,
  readings: Set<String>? = nil,
  status: @escaping @Sendable (String) -> FileSystemStatus = { _ in .absent },
  timeout: Duration = .seconds(60)
) -> SystemCollector {
  SystemCollector(
    SystemSource(
      root: archive.root,
      ticksPerSecond: 100,
      pageBytes: 4096,
      now: { 1_800_000_000.5 },
      status: status,
      statusTimeout: timeout
    ),
    readings: readings
  )
}

extension SystemCollector {
  func collected() -> ReadingBatch {
    var batch = ReadingBatch()
    collect(into: &batch)
    return batch
  }
}

extension ReadingBatch {
  /// A reading of the record with these labels.
  func system(_ reading: String, _ labels: String...) -> Double? { system(reading, labels) }

  func system(_ reading: String, _ labels: [String]) -> Double? {
    for (kind, record) in SystemCollector.descriptor.records.enumerated() {
      guard let index = record.readings.firstIndex(where: { $0.name == reading }) else { continue }
      let found = records.first { $0.kind == kind && Array($0.labels.prefix(labels.count)) == labels }
      return found.flatMap { values[$0.values.lowerBound + index] }
    }
    return nil
  }

  /// The first label of all records that have a reading.
  func devices(_ reading: String) -> [String] {
    let kind = SystemCollector.descriptor.records.firstIndex { $0.readings.contains { $0.name == reading } }
    return records.filter { $0.kind == kind }.compactMap(\.labels.first)
  }

  /// Everything that is there, a reading a line, and what failed.
  var systemText: String {
    var lines: [String] = []
    for record in records {
      let descriptor = SystemCollector.descriptor.records[record.kind]
      let labels = zip(descriptor.labels, record.labels).map { #"\#($0.name)="\#($1)""# }.joined(separator: ",")
      for (reading, value) in zip(descriptor.readings, values[record.values]) {
        guard let value else { continue }
        lines.append("\(reading.name)\(labels.isEmpty ? "" : "{\(labels)}") \(value)")
      }
    }
    return (lines + problems.map { "# \($0)" }).joined(separator: "\n") + "\n"
  }
}

/// Holds `text` against a file beside the captures. `UPDATE_GOLDEN=1` writes the file instead, and fails the run.
func expectGoldenReadings(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  let file = folder.appending(path: "Captures/\(name).readings")
  if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
    try Data(text.utf8).write(to: file)
    Issue.record("\(file.lastPathComponent) was written", sourceLocation: sourceLocation)
    return
  }
  let expected = try String(contentsOf: file, encoding: .utf8)
  #expect(
    text == expected,
    "\(file.lastPathComponent) differs: UPDATE_GOLDEN=1 writes it",
    sourceLocation: sourceLocation
  )
}

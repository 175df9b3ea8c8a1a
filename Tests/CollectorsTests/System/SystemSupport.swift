import Foundation
import Machines
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
}

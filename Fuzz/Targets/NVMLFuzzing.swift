import Collectors
import Machines

extension FuzzTarget {
  /// What NVIDIA's library answers, as a script for the one that stands in for it, `KEY = VALUE`: several scripts, parted
  /// by lines with `--`, of which each is collected.
  static let nvml = FuzzTarget("nvml") { NVMLFuzzing.shared.collect($0) }
}

private final class NVMLFuzzing: @unchecked Sendable {
  static let shared = NVMLFuzzing()

  private let library: FakeNVML
  private let old: FakeNVML

  private init() {
    do {
      library = try FakeNVML([:])
      old = try FakeNVML([:], isOld: true)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  func collect(_ bytes: [UInt8]) {
    let scripts = bytes.split(separator: .newline).split(separator: Array("--".utf8)[...], maxSplits: 3)
    for library in [library, old] {
      library.script = [:]
      // The timer never comes: samples are taken below.
      let collector = NVMLCollector(
        sampleInterval: NVMLCollector.sampleIntervalMax,
        libraries: [library.path],
        root: "/nothing/here"
      )
      var batch = ReadingBatch()
      for script in scripts {
        library.script = Self.lines(script)
        collector.sample()
        batch.removeAll()
        collector.collect(into: &batch)
        for record in batch.records {
          let descriptor = NVMLCollector.descriptor.records[record.kind]
          precondition(record.labels.count == descriptor.labels.count + record.captures.count, "each label has a text")
          precondition(record.values.count == descriptor.readings.count, "each reading has its place")
        }
      }
      precondition(collector.stop(), "nothing hangs")
    }
  }

  private static func lines(_ script: ArraySlice<ArraySlice<UInt8>>) -> [String: String] {
    let pairs = script.compactMap { line -> (String, String)? in
      let parts = String(decoding: line, as: UTF8.self).split(separator: " = ", maxSplits: 1)
      // The library's texts end at a zero byte.
      return parts.count == 2 && !line.contains(0) ? (String(parts[0]), String(parts[1])) : nil
    }
    return Dictionary(pairs) { $1 }
  }
}

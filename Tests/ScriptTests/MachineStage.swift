import Collectors
import Foundation
import LogStations
import Machines
import MetricCatalog
import MetricModel

/// A collector on a machine that a scene makes up, as a scene sees it: through the records that it reads. The scene's
/// folder stands for `/`, and for NVIDIA's library one whose answers the scene gives.
final class MachineStage {
  /// Made when it is asked for the first time: by then the scene has made its files.
  private lazy var collector = make()
  private let make: () -> any Collector
  private let records: [RecordDescriptor]
  private let clock: StationClock
  /// NVIDIA's library.
  private(set) var gpus: FakeNVML?
  /// The readings that are looked at, `READING:LABEL` only in records with this label; and NVML functions whose calls are
  /// counted. Empty: all readings.
  var shown: [String] = []
  private var batch = ReadingBatch()
  /// The values of each record that is shown, by the record's name and labels.
  private var before: [(record: String, values: [String: Double])] = []
  private var callsBefore: [String: UInt64] = [:]

  /// `COLLECTOR [of CAPTURE] [wanting READING…]`
  ///
  /// - Parameter keys: of the collector, as in a catalog.
  init(_ words: [String], keys: [String], in folder: LogFolder, clock: StationClock) throws {
    func rest(_ word: String) -> ArraySlice<String>? { words.firstIndex(of: word).map { words[($0 + 1)...] } }
    if let capture = rest("of")?.first { try KernelArchive.lay(KernelArchive.capture(capture), in: folder.url) }
    let wanted = rest("wanting").map { Set($0) }
    let lines = ["version: 1", "collectors:", "  \(words[0]):"] + keys.map { "    " + $0 } + [""]
    let yaml = lines.joined(separator: "\n")
    let loading = CatalogLoader.load(bytes: Array(yaml.utf8), path: "metrics.yaml", collectors: Collectors.descriptors)
    guard let settings = loading.catalog?.collectors.first else {
      throw ScriptMistake("\(loading.diagnostics.map(\.message))")
    }
    let (root, seconds) = (folder.url.path, { Double(clock.now.monotonic) / 1e9 })
    switch words[0] {
    case "system":
      records = SystemCollector.descriptor.records
      make = { SystemCollector(Self.system(root), readings: wanted) }
    case "cgroup":
      records = CgroupCollector.descriptor.records
      make = { CgroupCollector(root: root, paths: settings.texts("path") ?? [], readings: wanted, clock: seconds) }
    case "process":
      records = ProcessCollector.descriptor.records
      make = {
        ProcessCollector(
          root: root,
          matches: (settings.matches("match") ?? []).map { ProcessMatch($0) },
          readings: wanted,
          proportionalInterval: settings.duration("proportional_memory").map { $0 / .seconds(1) },
          clock: seconds
        )
      }
    default:
      let library = try FakeNVML([:], isOld: words.contains("old"))
      gpus = library
      records = NVMLCollector.descriptor.records
      let start = ContinuousClock.now
      make = {
        NVMLCollector(
          sampleInterval: settings.duration("sample"),
          wanted: wanted,
          libraries: [library.path],
          root: root,
          clock: { start + .nanoseconds(clock.now.monotonic) }
        )
      }
    }
    self.clock = clock
  }

  /// Its file systems have a million bytes each; one is read-only, and only `/` counts its files.
  private static func system(_ root: String) -> SystemSource {
    SystemSource(
      root: root,
      ticksPerSecond: 100,
      pageBytes: 4096,
      now: { 1_800_000_000.5 },
      status: { path in
        .space(
          FileSystemStatus.Space(
            sizeBytes: 1_000_000,
            freeBytes: 400_000,
            availableBytes: 300_000,
            inodes: path.hasSuffix("/") ? 1_000 : nil,
            freeInodes: path.hasSuffix("/") ? 900 : nil,
            isReadOnly: path.hasSuffix("/mnt/datasets")
          )
        )
      },
      statusTimeout: .seconds(60)
    )
  }

  func collect(after nanoseconds: Int64 = 0) throws {
    clock.pass(nanoseconds: nanoseconds)
    batch.removeAll()
    collector.collect(into: &batch)
    for record in batch.records {
      let descriptor = records[record.kind]
      guard record.labels.count == descriptor.labels.count + record.captures.count,
        record.values.count == descriptor.readings.count
      else { throw ScriptMistake("a record is not as `\(descriptor.name)` is described") }
    }
  }

  /// The GPUs are looked at between two collections.
  func sample(after nanoseconds: Int64) {
    clock.pass(nanoseconds: nanoseconds)
    (collector as? NVMLCollector)?.sample()
  }

  /// `KEY = ANSWER` of calls, as `fake_nvml.c` reads them; without an answer the key goes.
  func answer(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
    guard let gpus, let key = parts.first else { throw ScriptMistake("no answer of a GPU: \(text)") }
    gpus[key] = parts.count == 2 && !parts[1].isEmpty ? parts[1] : nil
  }

  /// What is read that was not, and no longer what was, since this was called before.
  func changes() -> [String] {
    let now = batch.records.compactMap(shown(of:))
    let old = Dictionary(before.map { ($0.record, $0.values) }, uniquingKeysWith: { first, _ in first })
    let changed = now.compactMap { record, values, names -> String? in
      let words = names.compactMap { name -> String? in
        guard let value = values[name] else { return old[record]?[name] == nil ? nil : "\(name)=none" }
        return old[record]?[name] == value ? nil : "\(name)=\(Self.text(of: value))"
      }
      if words.isEmpty { return old[record] == nil ? record : nil }
      return record + ": " + words.joined(separator: " ")
    }
    let there = Set(now.map(\.record))
    let gone = before.map(\.record).filter { !there.contains($0) }.map { "gone \($0)" }
    before = now.map { ($0.record, $0.values) }
    let called = shown.filter { $0.hasPrefix("nvml") }.map { ($0, gpus?.calls($0) ?? 0) }
    let calls = called.filter { callsBefore[$0.0, default: 0] != $0.1 }.map { "calls \($0.0)=\($0.1)" }
    callsBefore = Dictionary(uniqueKeysWithValues: called)
    return Self.filled(changed + gone + calls) + batch.problems.map { "problem: \($0)" }
  }

  private func shown(of record: ReadingBatch.Record) -> (record: String, values: [String: Double], names: [String])? {
    let descriptor = records[record.kind]
    let readings = zip(descriptor.readings.map(\.name), batch.values[record.values]).filter { name, _ in
      shown.isEmpty || Sight.isNamed(name, by: shown)
        || record.labels.contains { Sight.isNamed("\(name):\($0)", by: shown) }
    }
    let values = readings.compactMap { name, value in value.map { (name, $0) } }
    guard shown.isEmpty || !values.isEmpty else { return nil }
    let labels = record.labels.enumerated().map { place, label in
      let name = place < descriptor.labels.count ? "" : record.captures[place - descriptor.labels.count] + "="
      return name + (label.isEmpty || label.contains(" ") ? "\"\(label)\"" : label)
    }
    let text = ([descriptor.name] + labels).joined(separator: " ")
    return (text, Dictionary(uniqueKeysWithValues: values), readings.map(\.0))
  }

  private static func text(of value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : String(format: "%.12g", value)
  }

  /// As many on a line as are read with ease; what is longer goes on below.
  private static func filled(_ parts: [String]) -> [String] {
    parts.enumerated().reduce(into: []) { lines, part in
      let text = part.element + (part.offset + 1 < parts.count ? ";" : "")
      for piece in text.count < 108 ? [Substring(text)] : text.split(separator: " ") {
        let isFirst = text.count >= 108 && piece.startIndex == text.startIndex
        if let last = lines.last, !isFirst, last.count + piece.count < 108 {
          lines[lines.count - 1] = last + " " + piece
        } else {
          lines.append(String(piece))
        }
      }
    }
  }
}

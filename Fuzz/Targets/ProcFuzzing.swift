import Collectors
import Foundation
import Machines
import PatternSyntax

extension FuzzTarget {
  /// Files of `/proc` and `/sys` on captured machines: `== /proc/stat` in a line, and then what is in the file. It is
  /// collected before they are so, and after.
  static let proc = FuzzTarget("proc") { ProcFuzzing.shared.collect($0) }
}

private final class ProcFuzzing: @unchecked Sendable {
  static let shared = ProcFuzzing()

  /// A captured machine, with what is in its files.
  private struct Machine {
    let archive: KernelArchive
    let files: [String: [UInt8]]
    let collector: @Sendable (_ root: String) -> any Collector

    init(_ capture: String, _ collector: @escaping @Sendable (_ root: String) -> any Collector) throws {
      archive = try KernelArchive(capture: capture)
      self.collector = collector
      var files: [String: [UInt8]] = [:]
      for name in try FileManager.default.subpathsOfDirectory(atPath: archive.root) {
        let path = "/" + name
        guard let bytes = FileManager.default.contents(atPath: archive.root + path) else { continue }
        files[path] = Array(bytes)
      }
      self.files = files
    }
  }

  private let machines: [Machine]

  private init() {
    do {
      let matches = [
        ProcessMatch(
          commandLine: LinePattern(try Pattern(parsing: "train.py --run {run}")),
          environment: [.init("RANK", FieldPattern(try Pattern(parsing: "{rank}")))]
        ),
        ProcessMatch(name: FieldPattern(try Pattern(parsing: "torch{name}")), users: ["0"]),
      ]
      machines = [
        try Machine("training-server") { root in
          SystemCollector(SystemSource(root: root, now: { 1_800_000_000.5 }, status: { _ in .absent }))
        },
        try Machine("processes") { root in
          ProcessCollector(root: root, matches: matches, proportionalInterval: 0, clock: { 0 })
        },
        try Machine("cgroup-v1-container") { CgroupCollector(root: $0, clock: { 0 }) },
        try Machine("cgroup-v2-container") { CgroupCollector(root: $0, clock: { 0 }) },
      ]
    } catch {
      preconditionFailure("\(error)")
    }
  }

  func collect(_ bytes: [UInt8]) {
    let files = Self.files(bytes)
    for machine in machines where files.contains(where: { machine.files[$0.path] != nil }) {
      let collector = machine.collector(machine.archive.root)
      check(collector)
      let changed = files.filter { machine.files[$0.path] != nil }
      for (path, bytes) in changed { Self.write(bytes, to: machine.archive.root + path) }
      check(collector)
      for (path, _) in changed { Self.write(machine.files[path] ?? [], to: machine.archive.root + path) }
      collector.end()
    }
  }

  private func check(_ collector: any Collector) {
    var batch = ReadingBatch()
    collector.collect(into: &batch)
    precondition(batch.values.allSatisfy { $0?.isFinite != false }, "readings are numbers")
    for record in batch.records {
      let descriptor = type(of: collector).descriptor.records[record.kind]
      precondition(record.labels.count == descriptor.labels.count + record.captures.count, "each label has a text")
      precondition(record.values.count == descriptor.readings.count, "each reading has its place")
    }
  }

  private static func files(_ bytes: [UInt8]) -> [(path: String, bytes: [UInt8])] {
    var files: [(path: String, bytes: [UInt8])] = []
    for line in bytes.split(separator: .newline, omittingEmptySubsequences: false) {
      if line.starts(with: Array("== /".utf8)) {
        files.append((String(decoding: line.dropFirst(3), as: UTF8.self), []))
      } else if !files.isEmpty {
        files[files.count - 1].bytes += line + [.newline]
      }
    }
    return files
  }

  private static func write(_ bytes: [UInt8], to path: String) {
    let descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
    precondition(descriptor >= 0, "a file of the capture")
    _ = Glibc.write(descriptor, bytes, bytes.count)
    close(descriptor)
  }
}

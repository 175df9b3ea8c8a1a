import Collectors
import Foundation
import Machines
import PatternSyntax
import Testing

@Suite struct ProcessCollectorTests {
  private static func field(_ text: String) throws -> FieldPattern { FieldPattern(try Pattern(parsing: text)) }
  private static func line(_ text: String) throws -> LinePattern { LinePattern(try Pattern(parsing: text)) }

  /// The launcher, and the ranks, which match first.
  private static func entries() throws -> [ProcessMatch] {
    [
      ProcessMatch(
        commandLine: try line("python3 train.py --run {run}"),
        environment: [.init("RANK", try field("{rank}"))],
        labels: [.init("role", "trainer")]
      ),
      ProcessMatch(name: try field("torchrun"), labels: [.init("role", "launcher")]),
    ]
  }

  private static func collect(_ collector: ProcessCollector) -> ReadingBatch {
    var batch = ReadingBatch()
    collector.collect(into: &batch)
    return batch
  }

  /// A file of a process may be missing, cut anywhere, or hold what the kernel never writes.
  @Test func brokenFilesNeverTrap() throws {
    let archive = try KernelArchive(capture: "processes")
    let garbage = [
      "", ")", "(", "1 (a", "300 (a) S 300 1 1 0 -1 1\n", "RANK", "\0\0\0", "Pss:\n",
      "VmSwap: 99999999999999999999 kB\n",
      "read_bytes: -1\n", "VmSwap: 18446744073709551615 kB\n",
    ]
    for name in ["stat", "cmdline", "environ", "status", "io", "smaps_rollup", "oom_score"] {
      let path = "/proc/300/" + name
      let whole = try String(contentsOfFile: archive.root + path, encoding: .utf8)
      let collector = ProcessCollector(
        root: archive.root,
        matches: try Self.entries(),
        proportionalInterval: 0,
        clock: { 0 }
      )
      let cuts = stride(from: 0, to: whole.utf8.count, by: 3).map {
        String(decoding: whole.utf8.prefix($0), as: UTF8.self)
      }
      for text in cuts + garbage {
        try archive.write(path, text)
        let batch = Self.collect(collector)
        for value in batch.values.compactMap({ $0 }) where !(value >= 0 && value.isFinite) {
          Issue.record("\(path): \(value)")
        }
        #expect(batch.records.contains { $0.labels[0] == "400" })
      }
      try archive.remove(path)
      #expect(Self.collect(collector).records.contains { $0.labels[0] == "400" })
      try archive.write(path, whole)
    }
  }

  @Test func recordsAreBounded() throws {
    let archive = try KernelArchive(text: "")
    for id in 1...(ProcessCollector.treesMax + 6) {
      let rest = "0 1 1 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 \(id) 1 1 0 0 0 0\n"
      try archive.write("/proc/\(id)/stat", "\(id) (trainer) S \(rest)")
      try archive.write("/proc/\(id)/cmdline", "trainer\0")
    }
    let entry = ProcessMatch(name: try Self.field("trainer"))
    let batch = Self.collect(ProcessCollector(root: archive.root, matches: [entry], readings: ["cpu.seconds"]))
    #expect(batch.records.count == ProcessCollector.treesMax)
    #expect(batch.problems == ["more than \(ProcessCollector.treesMax) processes match, the others are left out"])
  }
}

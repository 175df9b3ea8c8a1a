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

@Suite struct ProcessUserTests {
  /// Others can start a program with any arguments: whose it is they cannot choose.
  @Test func anEntryTakesOnlyTheProcessesOfItsUsers() throws {
    let archive = try KernelArchive(text: "")
    for (id, user) in [(1, 0), (2, 1000), (3, 1001)] {
      let rest = "0 1 1 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 \(id) 1 1 0 0 0 0\n"
      try archive.write("/proc/\(id)/stat", "\(id) (trainer) S \(rest)")
      try archive.write("/proc/\(id)/cmdline", "train.py\0")
      // It was started by another: what counts is what it may do.
      try archive.write("/proc/\(id)/status", "Name:\ttrainer\nUid:\t99\t\(user)\t\(user)\t\(user)\n")
    }
    let pattern = LinePattern(try Pattern(parsing: "train.py"))
    func found(_ users: [String]) -> (ids: [String], problems: [String]) {
      let entry = ProcessMatch(commandLine: pattern, users: users)
      var batch = ReadingBatch()
      ProcessCollector(root: archive.root, matches: [entry], readings: ["cpu.seconds"]).collect(into: &batch)
      return (batch.records.map { $0.labels[0] }, batch.problems)
    }
    #expect(found([]).ids == ["1", "2", "3"])
    #expect(found(["1000"]).ids == ["2"])
    #expect(found(["root", "1001"]).ids == ["1", "3"])
    let unknown = found(["nobody-of-this-name"])
    #expect(unknown.ids == [] && unknown.problems == ["there is no user `nobody-of-this-name`"])
    try archive.remove("/proc/2/status")
    #expect(found(["1000"]).ids == [], "whose it is cannot be read")
  }

  @Test func theLookoutSeesNoExporterThatLooksForTheSame() throws {
    let archive = try KernelArchive(text: "")
    func start(_ id: Int, _ command: String, state: String = "S") throws {
      let rest = "0 1 1 0 -1 0 0 0 0 0 1 1 0 0 20 0 1 0 \(id) 1 1 0 0 0 0\n"
      try archive.write("/proc/\(id)/stat", "\(id) (p) \(state) \(rest)")
      try archive.write("/proc/\(id)/cmdline", command)
    }
    let pattern = try Pattern(parsing: "train.py --run {run}")
    let lookout = ProcessLookout(root: archive.root, commandLine: pattern, except: "--exit-with-process")
    #expect(lookout.isRunning() == false || lookout.isRunning() == nil)
    try start(1, "sh\0-c\0training-exporter --exit-with-process 'train.py --run {run}'\0")
    #expect(lookout.isRunning() == false)
    try start(2, "python3\0train.py\0--run\0a\0")
    #expect(lookout.isRunning() == true)
    try start(2, "python3\0train.py\0--run\0a\0", state: "Z")
    #expect(lookout.isRunning() == false, "it has ended, and nobody has waited for it")
  }
}

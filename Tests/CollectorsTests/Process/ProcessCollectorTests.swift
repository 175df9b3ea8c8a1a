import Collectors
import Foundation
import MetricModel
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

  private static let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
  private static let page = Double(max(1, sysconf(Int32(_SC_PAGESIZE))))

  @Test func trainersWithTheirWorkers() throws {
    let archive = try KernelArchive(capture: "processes")
    let collector = ProcessCollector(
      root: archive.root,
      matches: try Self.entries(),
      proportionalInterval: 60,
      clock: { 0 }
    )
    let batch = Self.collect(collector)
    #expect(
      batch.records.map(\.labels) == [
        ["200", "torchrun", "launcher"], ["300", "pt_main_thread", "night-7", "0", "trainer"],
        ["400", "pt_main_thread", "night-7", "1", "trainer"],
      ]
    )
    #expect(batch.records.map(\.captures) == [["role"], ["run", "rank", "role"], ["run", "rank", "role"]])
    // Somebody else's training is meant, and what it does cannot be known.
    #expect(batch.problems == [])
    let cpu: [Double] = [6051 / Self.ticks, 5341 / Self.ticks, 710 / Self.ticks]
    let start: Double = 1_700_000_000 + 3001 / Self.ticks
    let resident: Double = 30_000 * Self.page
    let expected: [String: Double] = [
      "cpu.seconds": cpu[0], "cpu.user_seconds": cpu[1], "cpu.system_seconds": cpu[2],
      "memory.resident_bytes": resident, "memory.virtual_bytes": 90_000_000, "memory.anonymous_bytes": 92_160_000,
      "memory.shmem_bytes": 16_384_000, "memory.swap_bytes": 102_400, "memory.proportional_bytes": 92_160_000,
      "processes": 2, "processes.blocked": 1, "processes.zombie": 1, "threads": 21, "open_files": 3,
      "io.read_bytes": 3300, "io.written_bytes": 4400, "io.read_call_bytes": 1100, "io.write_call_bytes": 2200,
      "page_faults.minor": 150, "page_faults.major": 3, "context_switches.voluntary": 13,
      "context_switches.involuntary": 6, "start_time_seconds": start, "oom_score": 800,
    ]
    #expect(batch.values(ProcessCollector.self, "process", "400") == expected)
    let launcher = try #require(batch.values(ProcessCollector.self, "process", "200"))
    #expect(launcher["processes"] == 1 && launcher["cpu.seconds"] == 160 / Self.ticks)
  }

  @Test func nothingOfAnEnvironmentButCapturesComesOut() throws {
    let archive = try KernelArchive(capture: "processes")
    let batch = Self.collect(ProcessCollector(root: archive.root, matches: try Self.entries()))
    #expect(!String(describing: batch).contains("hunter2"))
  }

  @Test func withoutEntriesThereIsNothing() throws {
    let archive = try KernelArchive(capture: "processes")
    let batch = Self.collect(ProcessCollector(root: archive.root, matches: []))
    #expect(batch.records.isEmpty && batch.problems.isEmpty)
  }

  @Test func usageIsThatBetweenTwoCollections() throws {
    let archive = try KernelArchive(capture: "processes")
    var seconds = 100.0
    let collector = ProcessCollector(root: archive.root, matches: try Self.entries(), clock: { seconds })
    #expect(Self.collect(collector).values(ProcessCollector.self, "process", "300")?["cpu.usage_ratio"] == nil)
    seconds += 10
    // The worker went on by 500 ticks, ended and was waited for.
    let stat = try String(contentsOfFile: archive.root + "/proc/300/stat", encoding: .utf8)
    try archive.write("/proc/300/stat", stat.replacing(" 5000 500 0 0 ", with: " 5000 500 600 400 "))
    try archive.remove("/proc/301")
    let values = try #require(Self.collect(collector).values(ProcessCollector.self, "process", "300"))
    #expect(values["cpu.usage_ratio"] == 500 / Self.ticks / 10 && values["cpu.seconds"] == 6500 / Self.ticks)
    #expect(values["processes"] == 1)
  }

  /// What a process counted goes with its record; a metric that adds records up keeps it.
  @Test func whatEndedIsThereNoMore() throws {
    let archive = try KernelArchive(capture: "processes")
    let collector = ProcessCollector(root: archive.root, matches: try Self.entries())
    _ = Self.collect(collector)
    try archive.remove("/proc/300")
    try archive.remove("/proc/301")
    #expect(Self.collect(collector).records.map { $0.labels[0] } == ["200", "400"])
  }

  /// A worker that matches, too, goes on by itself when its trainer ends, from where it was counted already.
  @Test func anOrphanCountsOnlyWhatItDoesFromThenOn() throws {
    let archive = try KernelArchive(capture: "processes")
    let collector = ProcessCollector(root: archive.root, matches: try Self.entries())
    _ = Self.collect(collector)
    try archive.remove("/proc/300")
    let stat = try String(contentsOfFile: archive.root + "/proc/301/stat", encoding: .utf8)
    try archive.write(
      "/proc/301/stat",
      stat.replacing(" D 300 ", with: " S 1 ").replacing(" 300 200 ", with: " 310 205 ")
    )
    let values = try #require(Self.collect(collector).values(ProcessCollector.self, "process", "301"))
    #expect(values["cpu.seconds"] == 15 / Self.ticks && values["processes"] == 1)
  }

  @Test func verdictsAreKeptUntilTheProgramChanges() throws {
    let archive = try KernelArchive(capture: "processes")
    let collector = ProcessCollector(root: archive.root, matches: try Self.entries())
    func ids() -> [String] { Self.collect(collector).records.map { $0.labels[0] } }
    #expect(ids() == ["200", "300", "400"])
    try archive.write("/proc/300/environ", "RANK=7\0")
    try archive.write("/proc/100/cmdline", "python3\0train.py\0--run\0x\0")
    #expect(ids() == ["200", "300", "400"])
    // Another program in the same process, the same program under another name, and another process with its id.
    let shell = try String(contentsOfFile: archive.root + "/proc/100/stat", encoding: .utf8)
    try archive.write("/proc/100/stat", shell.replacing(" 1 1 1 0 0 0", with: " 1 1 2 0 0 0"))
    #expect(ids() == ["100", "200", "300", "400"])
    let trainer = try String(contentsOfFile: archive.root + "/proc/300/stat", encoding: .utf8)
    try archive.write("/proc/300/cmdline", "sh\0")
    try archive.write("/proc/301/cmdline", "sh\0")
    try archive.write("/proc/300/stat", trainer.replacing("pt_main_thread", with: "sh"))
    #expect(Set(ids()) == ["100", "200", "301", "400"])
    try archive.write("/proc/301/stat", trainer.replacing(" 3000 ", with: " 9000 ").replacing("300 (", with: "301 ("))
    #expect(Set(ids()) == ["100", "200", "400"])
  }

  /// Whoever names it by its arguments wants to know that its environment could not be read; others do not.
  @Test func anUnreadableEnvironmentIsSaid() throws {
    let archive = try KernelArchive(capture: "processes")
    // A folder cannot be read by anybody, not even by the superuser.
    try archive.write("/proc/500/environ/x", "")
    let batch = Self.collect(ProcessCollector(root: archive.root, matches: try Self.entries()))
    #expect(batch.problems.count == 1 && batch.problems.allSatisfy { $0.contains("/proc/500/environ") })
    let silent = ProcessMatch(environment: [.init("RANK", try Self.field("{rank}"))])
    #expect(Self.collect(ProcessCollector(root: archive.root, matches: [silent])).problems == [])
  }

  @Test func readingsThatNobodyWantsAreNotRead() throws {
    let archive = try KernelArchive(capture: "processes")
    let collector = ProcessCollector(root: archive.root, matches: try Self.entries(), readings: ["cpu.seconds"])
    let values = try #require(Self.collect(collector).values(ProcessCollector.self, "process", "300"))
    #expect(values["cpu.seconds"] != nil && values["open_files"] == nil && values["io.read_bytes"] == nil)
  }

  @Test func proportionalMemoryIsReadLessOften() throws {
    let archive = try KernelArchive(capture: "processes")
    var seconds = 0.0
    let collector = ProcessCollector(
      root: archive.root,
      matches: try Self.entries(),
      proportionalInterval: 60,
      clock: { seconds }
    )
    func bytes() -> Double? {
      Self.collect(collector).values(ProcessCollector.self, "process", "200")?["memory.proportional_bytes"]
    }
    #expect(bytes() == 3_072_000)
    try archive.write("/proc/200/smaps_rollup", "Pss: 5 kB\n")
    seconds = 59
    #expect(bytes() == 3_072_000)
    seconds = 60
    #expect(bytes() == 5120)
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

  @Test func aProcThatIsNotThereIsAProblem() {
    let batch = Self.collect(ProcessCollector(root: "/nothing/here", matches: []))
    #expect(batch.records.isEmpty && batch.problems.count == 1)
  }

  @Test func descriptorsAreSound() {
    for collector in [ProcessCollector.descriptor, CgroupCollector.descriptor] {
      let names = collector.records.flatMap { $0.readings.map(\.name) }
      #expect(Set(names).count == names.count)
      for reading in collector.records.flatMap(\.readings) {
        #expect(reading.source.contains("; ") && reading.help.hasSuffix("."), "\(reading.name)")
        if let unit = reading.unit { #expect(reading.name.hasSuffix(unit), "\(reading.name)") }
      }
    }
  }
}

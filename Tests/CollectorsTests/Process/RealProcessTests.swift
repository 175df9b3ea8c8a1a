import Collectors
import Foundation
import PatternSyntax
import Testing

/// Real processes, started here, and what others say of them: `/proc` itself, and psutil where `JUDGE_PYTHON` has it.
@Suite struct RealProcessTests {
  /// A training that does what it is told, one line at a time: it starts workers, which work and wait; it ends them, and
  /// waits for them or not.
  private static let script = """
    import os, signal, sys, time
    workers = []
    def work(seconds):
        end = time.process_time() + seconds
        while time.process_time() < end:
            pass
    for line in sys.stdin:
        if line == "fork\\n":
            (ready, tell), (wait, let) = os.pipe(), os.pipe()
            worker = os.fork()
            if worker == 0:
                os.close(let)
                work(0.1)
                os.write(tell, b".")
                os.read(wait, 1)
                work(0.2)
                os._exit(0)
            os.read(ready, 1)
            for end in (ready, tell, wait):
                os.close(end)
            workers.append((worker, let))
        elif line == "end\\n":
            worker, let = workers.pop()
            os.close(let)
            os.waitpid(worker, 0)
        elif line == "short\\n":
            worker = os.fork()
            if worker == 0:
                work(0.1)
                os._exit(0)
            os.waitpid(worker, 0)
        print("done", flush=True)
    """

  /// It ends with its standard input, whatever becomes of the test.
  private final class Training {
    let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    let rank = UUID().uuidString

    init() throws {
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = ["python3", "-c", RealProcessTests.script]
      process.environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "RANK": rank]
      process.standardInput = input
      process.standardOutput = output
      try process.run()
      tell("begin")
    }

    deinit {
      try? input.fileHandleForWriting.close()
      process.waitUntilExit()
    }

    var id: String { String(process.processIdentifier) }

    func tell(_ command: String) {
      try? input.fileHandleForWriting.write(contentsOf: Data((command + "\n").utf8))
      var answer = Data()
      while answer.last != UInt8(ascii: "\n") {
        guard let more = try? output.fileHandleForReading.read(upToCount: 1), !more.isEmpty else { return }
        answer += more
      }
    }
  }

  private static let hasPython = FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")
  private static let python = ProcessInfo.processInfo.environment["JUDGE_PYTHON"]
  private static let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))

  private static func collector() throws -> ProcessCollector {
    let rank = FieldPattern(try Pattern(parsing: "{rank}"))
    return ProcessCollector(
      matches: [ProcessMatch(environment: [.init("RANK", rank)])],
      proportionalInterval: 0
    )
  }

  private static func read(_ collector: ProcessCollector, _ training: Training) throws -> [String: Double] {
    var batch = ReadingBatch()
    collector.collect(into: &batch)
    // Nobody else has this rank, and the workers belong to it.
    #expect(batch.records.count { $0.labels.last == training.rank } == 1)
    let record = try #require(batch.records.first { $0.labels.last == training.rank })
    #expect(record.labels[0] == training.id && record.captures == ["rank"])
    return try #require(batch.values(ProcessCollector.self, "process", training.id))
  }

  /// All CPU time, of the process and of the children that it waited for.
  private static func cpuSeconds(_ id: String) throws -> Double {
    let stat = try #require(
      try KernelFiles().read("/proc/\(id)/stat") { ProcessStat(parsing: $0) }
    )
    return Double(stat.userTicks + stat.systemTicks + stat.reapedUserTicks + stat.reapedSystemTicks) / ticks
  }

  @Test(.enabled(if: hasPython, "there is no /usr/bin/python3"))
  func aTrainingAndItsWorkers() throws {
    let training = try Training()
    let collector = try Self.collector()
    let alone = try Self.read(collector, training)
    #expect(alone["processes"] == 1 && (alone["threads"] ?? 0) >= 1 && (alone["memory.resident_bytes"] ?? 0) > 1e6)
    #expect(alone["start_time_seconds"].map { abs($0 - Date.now.timeIntervalSince1970) < 3600 } == true)
    // It may still be on its way to wait for the next line.
    #expect(abs((alone["cpu.seconds"] ?? 0) - (try Self.cpuSeconds(training.id))) <= 4 / Self.ticks)
    #expect(alone["cpu.usage_ratio"] == nil)

    training.tell("fork")
    training.tell("fork")
    let three = try Self.read(collector, training)
    #expect(three["processes"] == 3)
    #expect((three["cpu.seconds"] ?? 0) >= (alone["cpu.seconds"] ?? 0) + 0.15)
    #expect((three["cpu.usage_ratio"] ?? 0) > 0)
    // Pages that they share count in each of them, or with their shares.
    #expect((three["memory.proportional_bytes"] ?? 0) < (three["memory.resident_bytes"] ?? 0))

    // What a worker did before anybody looked, and what one did that nobody ever saw, comes with its parent's numbers.
    training.tell("end")
    training.tell("short")
    let two = try Self.read(collector, training)
    #expect(two["processes"] == 2)
    #expect((two["cpu.seconds"] ?? 0) >= (three["cpu.seconds"] ?? 0) + 0.25)

    training.tell("end")
    let last = try Self.read(collector, training)
    let truth = try Self.cpuSeconds(training.id)
    // Each process's numbers are whole ticks.
    #expect(abs((last["cpu.seconds"] ?? 0) - truth) <= 6 / Self.ticks, "\(last["cpu.seconds"] ?? 0), \(truth)")
    for counter in ["cpu.seconds", "io.read_call_bytes", "page_faults.minor", "context_switches.voluntary"] {
      let values = [alone, three, two, last].map { $0[counter] ?? 0 }
      #expect(values == values.sorted(), "\(counter): \(values)")
    }
  }

  @Test(.enabled(if: hasPython && hasPsutil, "JUDGE_PYTHON names no Python with psutil"))
  func psutilSaysTheSame() throws {
    let training = try Training()
    training.tell("fork")
    let ours = try Self.read(try Self.collector(), training)
    let theirs = try Self.psutil(training.id)
    #expect(!theirs.isEmpty)
    for (name, value) in theirs {
      let our = try #require(ours[name], "\(name)")
      // Pages may be taken back in between, and the training may still be on its way to wait for the next line.
      let difference =
        switch name.prefix(3) {
        // What it shares with other processes of the same program changes with how many there are.
        case "mem" where name.contains("proportional"): 0.5 * value
        case "mem": 0.05 * value
        case "cpu": 4 / Self.ticks
        case "con": 4.0
        default: 1e-6
        }
      #expect(abs(our - value) <= difference, "\(name): \(our), \(value)")
    }
  }

  private static let hasPsutil: Bool = {
    guard let python else { return false }
    let process = Process()
    process.executableURL = URL(filePath: python)
    process.arguments = ["-c", "import psutil"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  private static func psutil(_ id: String) throws -> [String: Double] {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: python ?? "")
    process.arguments = [
      "-c",
      """
      import json, psutil, sys
      root = psutil.Process(int(sys.argv[1]))
      tree = [root] + root.children(recursive=True)
      total = lambda read: sum(read(process) for process in tree)
      print(json.dumps({
          "processes": len(tree),
          "threads": total(lambda p: p.num_threads()),
          "open_files": total(lambda p: p.num_fds()),
          "memory.resident_bytes": total(lambda p: p.memory_info().rss),
          "memory.virtual_bytes": total(lambda p: p.memory_info().vms),
          "memory.proportional_bytes": total(lambda p: p.memory_full_info().pss),
          "memory.swap_bytes": total(lambda p: p.memory_full_info().swap),
          "cpu.user_seconds": total(lambda p: p.cpu_times().user + p.cpu_times().children_user),
          "cpu.system_seconds": total(lambda p: p.cpu_times().system + p.cpu_times().children_system),
          "io.read_call_bytes": total(lambda p: p.io_counters().read_chars),
          "io.written_bytes": total(lambda p: p.io_counters().write_bytes),
          "context_switches.voluntary": total(lambda p: p.num_ctx_switches().voluntary),
          "start_time_seconds": root.create_time(),
      }))
      """,
      id,
    ]
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return try JSONDecoder().decode([String: Double].self, from: data)
  }
}

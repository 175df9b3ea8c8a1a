import Collectors
import Glibc
import PatternSyntax

/// What it costs to look through the processes for trainings: none that matches, and some that do.
///
/// usage: bench-process-scan PROCESSES MATCHING SCANS
///
/// Starts so many sleeping processes, of which so many have a RANK, and says the CPU microseconds of a scan: the first
/// one, the best of the further ones, and the best with the details of those that match. It ends what it started.
@main enum Main {
  static func main() throws {
    let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    guard numbers.count == 3 else {
      say("usage: bench-process-scan PROCESSES MATCHING SCANS")
      exit(2)
    }
    let children = (0..<numbers[0]).compactMap { start(rank: $0 < numbers[1] ? $0 : nil) }
    defer {
      for child in children {
        kill(child, SIGKILL)
        waitpid(child, nil, 0)
      }
    }
    let count = try KernelFiles().numbers("/proc").count
    // By name, arguments and environment, so that the environment of each sleeper is looked at.
    let entry = ProcessMatch(
      commandLine: LinePattern(try Pattern(parsing: "sleep 1000")),
      environment: [.init("RANK", FieldPattern(try Pattern(parsing: "{rank}")))]
    )
    let nothing = ProcessMatch(commandLine: LinePattern(try Pattern(parsing: "no such training")))
    say("processes \(count), started \(children.count)")
    measure("none matches", [nothing], readings: nil, scans: numbers[2])
    measure("\(numbers[1]) match, stat alone", [entry], readings: ["cpu.seconds"], scans: numbers[2])
    measure("\(numbers[1]) match, all details", [entry], readings: nil, scans: numbers[2])
  }

  private static func measure(_ name: String, _ matches: [ProcessMatch], readings: Set<String>?, scans: Int) {
    let collector = ProcessCollector(matches: matches, readings: readings)
    var batch = ReadingBatch()
    var times: [Double] = []
    for _ in 0..<scans {
      batch.removeAll()
      let before = cpuSeconds()
      collector.collect(into: &batch)
      times.append((cpuSeconds() - before) * 1e6)
    }
    let further = times.dropFirst().sorted()
    let best = further.first ?? 0
    let middle = further.isEmpty ? 0 : further[further.count / 2]
    say("\(name): first \(Int(times[0])), best \(Int(best)), median \(Int(middle)) us; records \(batch.records.count)")
  }

  private static func start(rank: Int?) -> pid_t? {
    var child: pid_t = 0
    let arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("1000"), nil]
    let environment: [UnsafeMutablePointer<CChar>?] =
      [strdup("PATH=/usr/bin:/bin")] + (rank.map { [strdup("RANK=\($0)")] } ?? []) + [nil]
    defer { for text in arguments + environment { free(text) } }
    return posix_spawnp(&child, "sleep", nil, nil, arguments, environment) == 0 ? child : nil
  }

  private static func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func say(_ text: String) {
    let line = text + "\n"
    _ = write(1, line, line.utf8.count)
  }
}

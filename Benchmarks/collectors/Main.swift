import Collectors
import Glibc

/// What one collection costs.
///
/// usage: bench-collectors NAME COLLECTIONS
///
/// Collects so often, in five rounds, and says `cpu MILLISECONDS records COUNT readings COUNT`: the CPU time of one
/// collection in the round that took least, with all threads, and what one collection gave.
@main enum Main {
  /// A further collector is one more line here.
  private static let collectors: [String: @Sendable () -> any Collector] = [
    "system": { SystemCollector() },
    "system-without-file-systems": {
      SystemCollector(
        readings: Set(
          SystemCollector.descriptor.records.flatMap(\.readings).map(\.name)
            .filter { !$0.hasPrefix("file_system.") && !$0.hasPrefix("shared_memory.") }
        )
      )
    },
  ]
  private static let rounds = 5

  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let make = collectors[arguments[1]], let count = Int(arguments[2]), count > 0 else {
      say("usage: bench-collectors \(collectors.keys.sorted().joined(separator: "|")) COLLECTIONS")
      exit(2)
    }
    let collector = make()
    var batch = ReadingBatch()
    var best = Double.infinity
    for _ in 0..<rounds {
      let before = cpuSeconds()
      for _ in 0..<count {
        batch.removeAll()
        collector.collect(into: &batch)
      }
      best = min(best, (cpuSeconds() - before) / Double(count))
    }
    say("cpu \(best * 1e3) records \(batch.records.count) readings \(batch.values.filter { $0 != nil }.count)")
  }

  private static func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = write(1, bytes, bytes.count)
  }
}

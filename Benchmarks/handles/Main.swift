import Glibc
import MetricModel
import MetricRegistry
import Synchronization

/// What one update by an application costs.
///
/// usage: bench-handles UPDATES
///
/// Updates so often, in five rounds, and says a line for each case: its name, and the nanoseconds of CPU of one update in the
/// round that took least. `atomic` and `compare-and-swap` are the floors: what the processor needs to add to a word that
/// other threads may add to, as an integer and as a floating-point number.
@main enum Main {
  private static let rounds = 5

  static func main() throws {
    guard CommandLine.arguments.count == 2, let count = Int(CommandLine.arguments[1]), count > 0 else {
      say("usage: bench-handles UPDATES")
      exit(2)
    }
    let stage = LabelDescriptor(name: "stage", allowed: .list(["training", "inference"]))
    let status = LabelDescriptor(name: "status", allowed: .list(["success", "failed"]))
    let model = LabelDescriptor(name: "model", maxValues: 100)
    let registry = Registry(metrics: [
      MetricDescriptor(name: "i_total", type: .counter, help: "", labels: [stage, status]),
      MetricDescriptor(name: "g", type: .gauge, help: "", labels: [stage, status]),
      MetricDescriptor(name: "t_seconds", type: .histogram, help: "", labels: [model, stage]),
      MetricDescriptor(name: "s", type: .summary, help: "", labels: [model, stage, status]),
    ])
    let images = try registry.counter("i_total")
    let gauges = try registry.gauge("g")
    let times = try registry.histogram("t_seconds")
    let counter = images.handle("inference", "success")
    let gauge = gauges.handle("inference", "success")
    let histogram = times.handle("yolov11m-obb", "inference")

    let word = Atomic<UInt64>(0)
    measure("atomic", count) { word.wrappingAdd(1, ordering: .relaxed) }
    measure("compare-and-swap", count) {
      var current = word.load(ordering: .relaxed)
      while true {
        let desired = (Double(bitPattern: current) + 1).bitPattern
        let (exchanged, original) = word.weakCompareExchange(expected: current, desired: desired, ordering: .relaxed)
        if exchanged { break }
        current = original
      }
    }
    measure("inc", count) { counter.increment() }
    measure("set", count) { gauge.set(1) }
    measure("observe", count) { histogram.observe(0.03) }
    measure("lookup inc", count) { images.handle("inference", "success").increment() }
    measure("lookup open observe", count) { times.handle("yolov11m-obb", "inference").observe(0.03) }
    measure("with inc", count) { images.with("inference", "success")?.increment() }
    measure("time", count) { histogram.time {} }
  }

  @inline(__always)
  private static func measure(_ name: String, _ count: Int, _ update: () -> Void) {
    var best = Double.infinity
    for _ in 0..<rounds {
      let before = cpuSeconds()
      for _ in 0..<count { update() }
      best = min(best, (cpuSeconds() - before) / Double(count))
    }
    say("\(name): \((best * 1e11).rounded() / 100)")
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

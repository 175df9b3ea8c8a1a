import Glibc
import MetricRegistry
import Synchronization

/// What one update by an application costs, by the accessors that `generate swift` makes.
///
/// usage: bench-handles UPDATES
///
/// Updates so often, in five rounds, and says a line for each case: its name, and the nanoseconds of CPU of one update in
/// the round that took least. The first two are the floors: what the processor needs to add to a word that other threads
/// may add to.
@main enum Main {
  private static let rounds = 5

  static func main() throws {
    guard CommandLine.arguments.count == 2, let count = Int(CommandLine.arguments[1]), count > 0 else {
      say("usage: bench-handles UPDATES")
      exit(2)
    }
    let word = Atomic<UInt64>(0)
    measure("atomic integer", count) { word.wrappingAdd(1, ordering: .relaxed) }
    measure("atomic floating-point number", count) {
      var current = word.load(ordering: .relaxed)
      while true {
        let desired = (Double(bitPattern: current) + 1).bitPattern
        let (exchanged, original) = word.weakCompareExchange(expected: current, desired: desired, ordering: .relaxed)
        if exchanged { break }
        current = original
      }
    }

    let metrics = try Metrics()
    let images = metrics.imagesProcessedTotal
    let losses = metrics.trainingLoss
    let counter = images.with(stage: .inference, model: .yolov11mObb)
    let gauge = losses.with(run: "exp3", iouThreshold: ._0_5, deviceId: ._3, shift: ._0, step: 700)
    let histogram = metrics.startupSeconds
    measure("counter, kept", count) { counter.increment() }
    measure("gauge, kept", count) { gauge.set(1) }
    measure("histogram of 11 buckets, kept", count) { histogram.observe(0.03) }
    measure("counter without labels, looked up", count) { metrics.appStartsTotal.increment() }
    measure("counter, looked up by 2 labels", count) {
      images.with(stage: .inference, model: .yolov11mObb).increment()
    }
    measure("gauge, looked up by 5 labels", count) {
      losses.with(run: "exp3", iouThreshold: ._0_5, deviceId: ._3, shift: ._0, step: 700).set(1)
    }
    measure("time of an empty body, kept", count) { histogram.time {} }
  }

  @inline(__always)
  private static func measure(_ name: String, _ count: Int, _ update: () -> Void) {
    var best = Double.infinity
    for _ in 0..<rounds {
      let before = cpuSeconds()
      for _ in 0..<count { update() }
      best = min(best, (cpuSeconds() - before) / Double(count))
    }
    say("\(name): \((best * 1e10).rounded() / 10)")
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

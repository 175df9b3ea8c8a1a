/// `/proc/stat`. Pure: takes the file's bytes, and knows neither clock ticks nor what was there before.
struct ProcStat: Sendable {
  struct Core: Sendable {
    var number: Int
    var times: CPUTimes
  }

  /// Of all CPUs; nil: the line is not there.
  var all: CPUTimes?
  /// Those that are online.
  var cores: [Core] = []
  var contextSwitches: UInt64?
  var forks: UInt64?
  var interrupts: UInt64?
  /// Seconds since 1970.
  var bootTime: UInt64?
  var running: UInt64?
  var blocked: UInt64?

  /// Nil: nothing of it is there.
  init?(parsing bytes: UnsafeBufferPointer<UInt8>) {
    var scanner = ByteScanner(bytes)
    var isEmpty = true
    while var line = scanner.line() {
      guard let key = line.word() else { continue }
      if key.count >= 3, UnsafeBufferPointer(rebasing: key[..<3]).equals("cpu") {
        guard let times = CPUTimes(parsing: &line) else { continue }
        if key.count == 3 {
          all = times
        } else if let number = ByteScanner.integer(key[3...]).flatMap(Int.init(exactly:)) {
          cores.append(Core(number: number, times: times))
        } else {
          continue
        }
      } else if key.equals("ctxt") {
        contextSwitches = line.integer()
      } else if key.equals("processes") {
        forks = line.integer()
      } else if key.equals("intr") {
        interrupts = line.integer()
      } else if key.equals("btime") {
        bootTime = line.integer()
      } else if key.equals("procs_running") {
        running = line.integer()
      } else if key.equals("procs_blocked") {
        blocked = line.integer()
      } else {
        continue
      }
      isEmpty = false
    }
    if isEmpty { return nil }
  }
}

/// The ticks that one CPU, or all, spent in each mode since the machine started.
struct CPUTimes: Sendable, Hashable {
  /// In the order of the file. They tell all time apart: what guests take is in `user` and `nice`.
  static let modes = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"]
  static let idle = 3
  static let iowait = 4

  /// One for each mode, then `guest` and `guest_nice`, then zeros.
  var ticks: SIMD16<UInt64>

  /// Of the ticks in `user` and `nice`.
  var guestTicks: UInt64 { ticks[8] &+ ticks[9] }

  init(_ ticks: SIMD16<UInt64>) { self.ticks = ticks }

  /// Takes the numbers after the line's name. Old kernels have fewer modes; nil: these are less than any kernel has.
  init?(parsing line: inout ByteScanner) {
    ticks = .zero
    var count = 0
    while count < 10, let word = line.word() {
      guard let number = ByteScanner.integer(word) else { return nil }
      ticks[count] = number
      count += 1
    }
    if count < 4 { return nil }
  }
}

internal import MetricModel

/// `/proc/stat`: where CPU time went, and what the kernel counts beside it.
final class CPUPart: SystemPart {
  private enum Kind {
    static let cpu = 0
    static let mode = 1
    static let core = 2
    static let coreMode = 3
    static let kernel = 4
    static let possible = 5
  }

  private let files: KernelFiles
  private let ticksPerSecond: Double
  private var all: CPUClock?
  private var cores: [Int: CPUClock] = [:]
  private var names: [Int: String] = [:]
  private var interrupts = WrappingCounter()

  init(_ system: SystemSource) {
    files = system.files
    ticksPerSecond = system.ticksPerSecond
  }

  func collect(into batch: inout ReadingBatch, as kinds: RecordKinds) {
    if let kind = kinds[Kind.possible] { addPossible(to: &batch, kind) }
    guard let stat = files.parse("/proc/stat", into: &batch, { ProcStat(parsing: $0) }) else { return }
    observe(stat)
    if let all { add(all, to: &batch, kinds, online: stat.cores.count) }
    for core in stat.cores {
      guard let clock = cores[core.number] else { continue }
      let name = name(core.number)
      if let kind = kinds[Kind.core] {
        batch.add(kind, labels: [name], values: [clock.shares?.busy])
      }
      if let kind = kinds[Kind.coreMode] {
        for (index, mode) in CPUTimes.modes.enumerated() {
          batch.add(kind, labels: [name, mode], values: [seconds(clock.ticks[index])])
        }
      }
    }
    if let kind = kinds[Kind.kernel] {
      batch.add(
        kind,
        values: [
          stat.contextSwitches.map { Double($0) }, stat.forks.map { Double($0) },
          stat.interrupts.map { Double(interrupts.total($0)) }, stat.running.map { Double($0) },
          stat.blocked.map { Double($0) }, stat.bootTime.map { Double($0) },
        ]
      )
    }
  }

  private func observe(_ stat: ProcStat) {
    if let times = stat.all, all?.observe(times) == nil {
      all = CPUClock(times, restart: .onwards, ticksPerSecond: ticksPerSecond)
    }
    // A CPU that is not in the file is offline: what it counted before is nothing to go on from.
    if cores.count > stat.cores.count || stat.cores.contains(where: { cores[$0.number] == nil }) {
      let online = Set(stat.cores.map(\.number))
      cores = cores.filter { online.contains($0.key) }
    }
    for core in stat.cores where cores[core.number]?.observe(core.times) == nil {
      cores[core.number] = CPUClock(core.times, restart: .anew, ticksPerSecond: ticksPerSecond)
    }
  }

  private func add(_ all: CPUClock, to batch: inout ReadingBatch, _ kinds: RecordKinds, online: Int) {
    let busy = all.shares?.busy
    if let kind = kinds[Kind.cpu] {
      let guest = CPUTimes(all.ticks).guestTicks
      batch.add(
        kind,
        values: [busy.map { $0 * 100 }, busy, seconds(guest), online > 0 ? Double(online) : nil]
      )
    }
    guard let kind = kinds[Kind.mode] else { return }
    for (index, mode) in CPUTimes.modes.enumerated() {
      batch.add(kind, labels: [mode], values: [all.shares?[index], seconds(all.ticks[index])])
    }
  }

  private func addPossible(to batch: inout ReadingBatch, _ kind: Int) {
    let path = "/sys/devices/system/cpu/possible"
    guard let count = files.parse(path, into: &batch, { CPUList.count($0) }) else { return }
    batch.add(kind, values: [Double(count)])
  }

  private func seconds(_ ticks: UInt64) -> Double { Double(ticks) / ticksPerSecond }

  private func name(_ number: Int) -> String {
    if let name = names[number] { return name }
    let name = String(number)
    names[number] = name
    return name
  }
}

extension CPUPart {
  private static let source = "/proc/stat; Documentation/filesystems/proc.rst, section 1.7"
  private static let modeLabel = RecordDescriptor.Label(
    "mode",
    "user, nice, system, idle, iowait, irq, softirq, steal; what guests take is in user and nice."
  )
  private static let cpuLabel = RecordDescriptor.Label("cpu", "The CPU's number.")

  static let records = [
    RecordDescriptor(
      "cpu",
      help: "All CPUs together.",
      readings: [
        ReadingDescriptor(
          "cpu.usage_percent",
          .gauge,
          unit: "percent",
          help: "Time that was neither idle nor iowait since the last collection; psutil's cpu_percent. "
            + "Absent until there are two.",
          source: source,
          joining: .mean
        ),
        ReadingDescriptor(
          "cpu.usage_ratio",
          .gauge,
          unit: "ratio",
          help: "The same between 0 and 1.",
          source: source,
          joining: .mean
        ),
        ReadingDescriptor(
          "cpu.guest_seconds",
          .counter,
          unit: "seconds",
          help: "CPU time that virtual machines took; it is in user and nice, too.",
          source: source
        ),
        ReadingDescriptor("cpu.online", .gauge, help: "CPUs that are online.", source: source),
      ]
    ),
    RecordDescriptor(
      "cpu mode",
      help: "All CPUs together, by what they did.",
      labels: [modeLabel],
      readings: [
        ReadingDescriptor(
          "cpu.mode_ratio",
          .gauge,
          unit: "ratio",
          help: "Share of the time since the last collection. Absent until there are two.",
          source: source
        ),
        ReadingDescriptor(
          "cpu.seconds",
          .counter,
          unit: "seconds",
          help: "Time spent. It never falls: where the kernel's idle or iowait jump back, the old value is held, and "
            + "after a CPU was away it goes on.",
          source: source
        ),
      ]
    ),
    RecordDescriptor(
      "core",
      help: "One CPU that is online.",
      labels: [cpuLabel],
      readings: [
        ReadingDescriptor(
          "cpu.core_usage_ratio",
          .gauge,
          unit: "ratio",
          help: "Share of the time since the last collection that was neither idle nor iowait.",
          source: source,
          joining: .maximum
        )
      ]
    ),
    RecordDescriptor(
      "core mode",
      help: "One CPU that is online, by what it did.",
      labels: [cpuLabel, modeLabel],
      readings: [
        ReadingDescriptor(
          "cpu.core_seconds",
          .counter,
          unit: "seconds",
          help: "Time spent. It never falls, but begins anew with a CPU that was away; node_cpu_seconds_total.",
          source: source
        )
      ]
    ),
    RecordDescriptor(
      "kernel",
      help: "What the kernel counts beside CPU time.",
      readings: [
        ReadingDescriptor("kernel.context_switches", .counter, help: "Context switches.", source: source),
        ReadingDescriptor("kernel.forks", .counter, help: "Processes and threads that were started.", source: source),
        ReadingDescriptor(
          "kernel.interrupts",
          .counter,
          help: "Interrupts that were served; where the kernel's number falls by 2^32, it goes on.",
          source: source
        ),
        ReadingDescriptor(
          "tasks.running",
          .gauge,
          help: "Threads that run or wait for a CPU.",
          source: source
        ),
        ReadingDescriptor(
          "tasks.blocked",
          .gauge,
          help: "Threads that wait for I/O to finish.",
          source: source
        ),
        ReadingDescriptor(
          "boot.time_seconds",
          .gauge,
          unit: "seconds",
          help: "When the machine started, in seconds since 1970.",
          source: source,
          joining: .maximum
        ),
      ]
    ),
    RecordDescriptor(
      "possible CPUs",
      help: "What the machine may have.",
      readings: [
        ReadingDescriptor(
          "cpu.possible",
          .gauge,
          help: "CPUs that may ever come online.",
          source: "/sys/devices/system/cpu/possible; Documentation/admin-guide/cputopology.rst"
        )
      ]
    ),
  ]
}

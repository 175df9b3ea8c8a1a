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

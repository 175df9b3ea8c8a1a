internal import Glibc

/// What the kernel counts in.
struct ProcessUnits {
  let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
  let pageBytes = Double(max(1, sysconf(Int32(_SC_PAGESIZE))))
}

/// The values of one record, added up from a tree's processes. A reading that none of them has stays nil.
struct ProcessValues {
  private(set) var values: [Double?] = Array(repeating: nil, count: ProcessReading.allCases.count)
  private let units: ProcessUnits

  init(_ units: ProcessUnits) { self.units = units }

  private mutating func add(_ reading: ProcessReading, _ value: Double?) {
    guard let value else { return }
    values[reading.rawValue] = (values[reading.rawValue] ?? 0) + value
  }

  private mutating func add(_ reading: ProcessReading, _ value: UInt64?) { add(reading, value.map { Double($0) }) }

  /// The counters. Bytes and switches are left out until one of the tree's processes said them.
  mutating func set(_ total: ProcessLedger.Total, elapsed: Double?) {
    let counts = total.counts
    let user = Double(counts[.userTicks]) / units.ticksPerSecond
    let system = Double(counts[.systemTicks]) / units.ticksPerSecond
    add(.cpuUserSeconds, user)
    add(.cpuSystemSeconds, system)
    add(.cpuSeconds, Double(counts[.userTicks] &+ counts[.systemTicks]) / units.ticksPerSecond)
    add(.minorFaults, counts[.minorFaults])
    add(.majorFaults, counts[.majorFaults])
    if total.known.contains(.bytes) {
      add(.readBytes, counts[.readBytes])
      add(.writtenBytes, counts[.writtenBytes])
      add(.readCallBytes, counts[.readCallBytes])
      add(.writeCallBytes, counts[.writeCallBytes])
    }
    if total.known.contains(.switches) {
      add(.voluntarySwitches, counts[.voluntarySwitches])
      add(.involuntarySwitches, counts[.involuntarySwitches])
    }
    if let elapsed, elapsed > 0, let gain = total.gain {
      add(.cpuUsage, Double(gain[.userTicks] &+ gain[.systemTicks]) / units.ticksPerSecond / elapsed)
    }
  }

  mutating func setStart(_ ticks: UInt64, boot: Double?) {
    add(.startSeconds, boot.map { $0 + Double(ticks) / units.ticksPerSecond })
  }

  /// The moment's values. A process that has ended, but was not waited for, has nothing any more.
  mutating func add(_ stat: ProcessStat, _ details: ProcessDetails?) {
    add(.processes, stat.isZombie ? 0.0 : 1)
    add(.zombies, stat.isZombie ? 1.0 : 0)
    add(.blocked, stat.isBlocked ? 1.0 : 0)
    guard !stat.isZombie else { return }
    add(.threads, stat.threads)
    add(.residentBytes, Double(stat.residentPages) * units.pageBytes)
    add(.virtualBytes, stat.virtualBytes)
    guard let details else { return }
    add(.anonymousBytes, details.status?.anonymousBytes)
    add(.sharedMemoryBytes, details.status?.sharedMemoryBytes)
    add(.swapBytes, details.status?.swapBytes)
    add(.openFiles, details.openFiles.map { Double($0) })
    add(.proportionalBytes, details.proportionalBytes)
    if let badness = details.badness {
      let place = ProcessReading.badness.rawValue
      values[place] = max(values[place] ?? 0, Double(badness))
    }
  }
}

extension ProcessLedger.Entry {
  /// - Parameter details: nil: only what `stat` says is known.
  init(_ process: ProcessTable.Process, _ details: ProcessDetails?, tree: Int?) {
    let stat = process.stat
    var own = ProcessLedger.Counts.zero
    own[.userTicks] = stat.userTicks
    own[.systemTicks] = stat.systemTicks
    own[.minorFaults] = stat.minorFaults
    own[.majorFaults] = stat.majorFaults
    own[.readBytes] = details?.io?.readBytes ?? 0
    own[.writtenBytes] = details?.io?.writtenBytes ?? 0
    own[.readCallBytes] = details?.io?.readCallBytes ?? 0
    own[.writeCallBytes] = details?.io?.writeCallBytes ?? 0
    own[.voluntarySwitches] = details?.status?.voluntarySwitches ?? 0
    own[.involuntarySwitches] = details?.status?.involuntarySwitches ?? 0
    var reaped = ProcessLedger.Counts.zero
    reaped[.userTicks] = stat.reapedUserTicks
    reaped[.systemTicks] = stat.reapedSystemTicks
    reaped[.minorFaults] = stat.reapedMinorFaults
    reaped[.majorFaults] = stat.reapedMajorFaults
    var known: ProcessLedger.Known = []
    if details?.io?.readCallBytes != nil { known.insert(.bytes) }
    if details?.status?.voluntarySwitches != nil { known.insert(.switches) }
    self.init(
      identity: process.identity,
      parent: stat.parent,
      own: own,
      reaped: reaped,
      tree: tree,
      known: known
    )
  }
}

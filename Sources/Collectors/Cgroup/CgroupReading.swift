internal import MetricModel

/// What the `cgroup` collector offers. The readings of a group stand in the order of `CgroupReading`.
enum CgroupReading: Int, CaseIterable {
  case currentBytes, workingSetBytes, limitBytes, limitUsage, highBytes, peakBytes
  case anonymousBytes, fileBytes, sharedMemoryBytes, kernelBytes, swapBytes, swapLimitBytes
  case lowEvents, highEvents, maxEvents, oomEvents, oomKills
  case cpuSeconds, cpuUserSeconds, cpuSystemSeconds, cpuUsage, cpuLimit, cpuLimitUsage
  case throttledSeconds, periods, throttledPeriods
  case pids, pidsLimit

  var name: String { Self.record.readings[rawValue].name }

  static let group = RecordDescriptor.Label("cgroup", "The group's path.")

  static let record = RecordDescriptor(
    "cgroup",
    help: "A control group: a container, a slice, a job.",
    labels: [group],
    readings: allCases.map(\.descriptor)
  )

  private var descriptor: ReadingDescriptor {
    switch self {
    case .currentBytes: memory("current_bytes", "Memory in use, the page cache included.", "memory.current")
    case .workingSetBytes:
      memory(
        "working_set_bytes",
        "Memory in use without file pages that were not used of late: what counts against the limit.",
        "memory.current, memory.stat (inactive_file)"
      )
    case .limitBytes:
      memory("limit_bytes", "The lowest limit of the group and its ancestors; absent: there is none.", "memory.max")
    case .limitUsage:
      ReadingDescriptor(
        "memory.limit_usage_ratio",
        .gauge,
        unit: "ratio",
        help:
          "The working set as a share of the limit: the group's, or that of the ancestor that is nearest to its own.",
        source: Self.memorySource("memory.current, memory.stat (inactive_file), memory.max"),
        joining: .maximum
      )
    case .highBytes:
      memory("high_bytes", "Above it the group is slowed down, the lowest of its ancestors'.", "memory.high")
    case .peakBytes: memory("peak_bytes", "The most memory that was in use.", "memory.peak")
    case .anonymousBytes: memory("anonymous_bytes", "Memory that belongs to no file.", "memory.stat (anon)")
    case .fileBytes: memory("file_bytes", "Page cache, shared memory included.", "memory.stat (file)")
    case .sharedMemoryBytes: memory("shmem_bytes", "Shared memory and tmpfs, as /dev/shm.", "memory.stat (shmem)")
    case .kernelBytes: memory("kernel_bytes", "Memory of the kernel for the group.", "memory.stat (kernel)")
    case .swapBytes: memory("swap_bytes", "Swap in use.", "memory.swap.current")
    case .swapLimitBytes:
      memory("swap_limit_bytes", "The lowest limit of swap; absent: there is none.", "memory.swap.max")
    case .lowEvents: event("low", "Times that memory below `memory.low` was taken back.")
    case .highEvents: event("high", "Times that the group was slowed down above `memory.high`.")
    case .maxEvents: event("max", "Times that memory was about to exceed the limit.")
    case .oomEvents: event("oom", "Times that the limit was reached and an allocation was about to fail.")
    case .oomKills: event("oom_kill", "Processes that were killed for want of memory.")
    case .cpuSeconds: cpuSeconds("seconds", "CPU time.", "usage_usec")
    case .cpuUserSeconds: cpuSeconds("user_seconds", "CPU time in programs.", "user_usec")
    case .cpuSystemSeconds: cpuSeconds("system_seconds", "CPU time in the kernel.", "system_usec")
    case .cpuUsage:
      cpu("usage_ratio", "CPUs kept busy between the last two collections: 1 is one of them.", "cpu.stat", "ratio")
    case .cpuLimit: cpu("limit_cores", "The lowest limit of the group and its ancestors, in CPUs.", "cpu.max", nil)
    case .cpuLimitUsage:
      cpu("limit_usage_ratio", "The CPUs kept busy as a share of the limit.", "cpu.stat, cpu.max", "ratio", .maximum)
    case .throttledSeconds: cpuSeconds("throttled_seconds", "Time in which the limit held CPUs up.", "throttled_usec")
    case .periods: cpuCounter("periods", "Periods of the limit in which there was something to do.", "nr_periods")
    case .throttledPeriods: cpuCounter("throttled_periods", "Periods in which the limit was met.", "nr_throttled")
    case .pids:
      ReadingDescriptor(
        "pids.current",
        .gauge,
        help: "Processes and threads.",
        source: "pids.current; \(Self.document), PID Interface Files"
      )
    case .pidsLimit:
      ReadingDescriptor(
        "pids.limit",
        .gauge,
        help: "The lowest limit of processes and threads; absent: there is none.",
        source: "pids.max; \(Self.document), PID Interface Files"
      )
    }
  }

  private static let document = "Documentation/admin-guide/cgroup-v2.rst"
  private static func memorySource(_ file: String) -> String { "\(file); \(document), Memory Interface Files" }
  private static func cpuSource(_ file: String) -> String { "\(file); \(document), CPU Interface Files" }

  private func memory(_ name: String, _ help: String, _ file: String) -> ReadingDescriptor {
    ReadingDescriptor("memory." + name, .gauge, unit: "bytes", help: help, source: Self.memorySource(file))
  }

  private func event(_ key: String, _ help: String) -> ReadingDescriptor {
    let source = Self.memorySource("memory.events (\(key))")
    return ReadingDescriptor("memory.events.\(key)", .counter, help: help, source: source)
  }

  private func cpuSeconds(_ name: String, _ help: String, _ key: String) -> ReadingDescriptor {
    let source = Self.cpuSource("cpu.stat (\(key))")
    return ReadingDescriptor("cpu." + name, .counter, unit: "seconds", help: help, source: source)
  }

  private func cpuCounter(_ name: String, _ help: String, _ key: String) -> ReadingDescriptor {
    ReadingDescriptor("cpu." + name, .counter, help: help, source: Self.cpuSource("cpu.stat (\(key))"))
  }

  private func cpu(
    _ name: String,
    _ help: String,
    _ file: String,
    _ unit: String?,
    _ joining: ReadingDescriptor.Joining = .sum
  ) -> ReadingDescriptor {
    ReadingDescriptor(
      "cpu." + name,
      .gauge,
      unit: unit,
      help: help,
      source: Self.cpuSource(file),
      joining: joining
    )
  }

  static let device = RecordDescriptor(
    "cgroup_device",
    help: "A block device that a control group uses.",
    labels: [group, .init("device", "Its name, as `nvme0n1`; its numbers where it has none.")],
    readings: [
      io("read_bytes", "bytes", "Bytes read.", "rbytes"),
      io("written_bytes", "bytes", "Bytes written.", "wbytes"),
      io("read_operations", nil, "Reads.", "rios"),
      io("write_operations", nil, "Writes.", "wios"),
    ]
  )

  private static func io(_ name: String, _ unit: String?, _ help: String, _ key: String) -> ReadingDescriptor {
    let source = "io.stat (\(key)); \(document), IO Interface Files"
    return ReadingDescriptor("io." + name, .counter, unit: unit, help: help, source: source)
  }

  static let pressure = RecordDescriptor(
    "cgroup_pressure",
    help: "Time that a control group's threads were held up for want of a resource; version 2 has it.",
    labels: [group, .init("resource", "cpu, memory or io.")],
    readings: [
      waiting("some_seconds", .counter, "Time in which at least one thread waited."),
      waiting("full_seconds", .counter, "Time in which all threads that had work waited, so that nothing was done."),
      waiting("some_ratio", .gauge, "Share of the last ten seconds in which at least one thread waited."),
      waiting("full_ratio", .gauge, "Share of the last ten seconds in which all threads that had work waited."),
    ]
  )

  private static func waiting(_ name: String, _ kind: ReadingDescriptor.Kind, _ help: String) -> ReadingDescriptor {
    ReadingDescriptor(
      "pressure." + name,
      kind,
      unit: kind == .counter ? "seconds" : "ratio",
      help: help,
      source: "cpu.pressure, memory.pressure, io.pressure; Documentation/accounting/psi.rst",
      joining: kind == .counter ? .sum : .maximum
    )
  }
}

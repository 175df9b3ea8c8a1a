internal import MetricModel

/// The readings of a tree of processes, in the order of its record's values.
enum ProcessReading: Int, CaseIterable {
  case cpuSeconds, cpuUserSeconds, cpuSystemSeconds, cpuUsage
  case residentBytes, virtualBytes, anonymousBytes, sharedMemoryBytes, swapBytes, proportionalBytes
  case processes, blocked, zombies, threads, openFiles
  case readBytes, writtenBytes, readCallBytes, writeCallBytes
  case minorFaults, majorFaults, voluntarySwitches, involuntarySwitches
  case startSeconds, badness

  static let record = RecordDescriptor(
    "process",
    help: "A process that matches, with its descendants.",
    labels: [
      .init("pid", "Its id."),
      .init("name", "Its name, as the kernel shows it.", identifies: false),
    ],
    readings: allCases.map(\.descriptor)
  )

  var name: String { Self.record.readings[rawValue].name }

  private var descriptor: ReadingDescriptor {
    switch self {
    case .cpuSeconds: cpu("seconds", "CPU time, of user and system.", "utime, stime, cutime and cstime")
    case .cpuUserSeconds: cpu("user_seconds", "CPU time in programs.", "utime and cutime")
    case .cpuSystemSeconds: cpu("system_seconds", "CPU time in the kernel.", "stime and cstime")
    case .cpuUsage:
      ReadingDescriptor(
        "cpu.usage_ratio",
        .gauge,
        unit: "ratio",
        help: "CPUs kept busy between the last two collections: 1 is one of them.",
        source: Self.stat("utime, stime, cutime and cstime")
      )
    case .residentBytes:
      memory("resident", "Memory in use; what several processes share counts in each of them.", Self.stat("rss"))
    case .virtualBytes: memory("virtual", "Address space.", Self.stat("vsize"))
    case .anonymousBytes:
      memory("anonymous", "Resident memory that belongs to no file.", Self.status("RssAnon"))
    case .sharedMemoryBytes:
      memory("shmem", "Resident shared memory; it counts in each process that has it.", Self.status("RssShmem"))
    case .swapBytes: memory("swap", "Memory that is swapped out.", Self.status("VmSwap"))
    case .proportionalBytes:
      memory(
        "proportional",
        "Memory in use, of which each process has its share; wants `proportional_memory`.",
        "/proc/[pid]/smaps_rollup (Pss); Documentation/ABI/testing/procfs-smaps_rollup"
      )
    case .processes: number("processes", "Processes.", "/proc; proc(5)")
    case .blocked:
      number("processes.blocked", "Processes whose first thread waits for a device (D).", Self.stat("state"))
    case .zombies: number("processes.zombie", "Processes that ended and were not waited for (Z).", Self.stat("state"))
    case .threads: number("threads", "Threads.", Self.stat("num_threads"))
    case .openFiles: number("open_files", "Open files and sockets.", "/proc/[pid]/fd; proc_pid_fd(5)")
    case .readBytes: io("read_bytes", "Bytes read from storage.", "read_bytes")
    case .writtenBytes: io("written_bytes", "Bytes written to storage.", "write_bytes")
    case .readCallBytes: io("read_call_bytes", "Bytes that calls read, the page cache's included.", "rchar")
    case .writeCallBytes: io("write_call_bytes", "Bytes that calls wrote, the page cache's included.", "wchar")
    case .minorFaults:
      counter("page_faults.minor", "Page faults without reading from storage.", Self.stat("minflt and cminflt"))
    case .majorFaults:
      counter("page_faults.major", "Page faults that read from storage.", Self.stat("majflt and cmajflt"))
    case .voluntarySwitches:
      counter(
        "context_switches.voluntary",
        "Waits of the processes' first threads.",
        Self.status("voluntary_ctxt_switches")
      )
    case .involuntarySwitches:
      counter(
        "context_switches.involuntary",
        "Times that the CPU was taken from the processes' first threads.",
        Self.status("nonvoluntary_ctxt_switches")
      )
    case .startSeconds:
      ReadingDescriptor(
        "start_time_seconds",
        .gauge,
        unit: "seconds",
        help: "When it started, since 1970.",
        source: Self.stat("starttime"),
        joining: .minimum
      )
    case .badness:
      ReadingDescriptor(
        "oom_score",
        .gauge,
        help: "How likely the kernel ends it for want of memory, between 0 and 2000; the likeliest of the tree.",
        source: "/proc/[pid]/oom_score; Documentation/filesystems/proc.rst, 3.2",
        joining: .maximum
      )
    }
  }

  private func cpu(_ name: String, _ help: String, _ fields: String) -> ReadingDescriptor {
    ReadingDescriptor("cpu." + name, .counter, unit: "seconds", help: help, source: Self.stat(fields))
  }

  private func memory(_ name: String, _ help: String, _ source: String) -> ReadingDescriptor {
    ReadingDescriptor("memory.\(name)_bytes", .gauge, unit: "bytes", help: help, source: source)
  }

  private func number(_ name: String, _ help: String, _ source: String) -> ReadingDescriptor {
    ReadingDescriptor(name, .gauge, help: help, source: source)
  }

  private func counter(_ name: String, _ help: String, _ source: String) -> ReadingDescriptor {
    ReadingDescriptor(name, .counter, help: help, source: source)
  }

  private func io(_ name: String, _ help: String, _ field: String) -> ReadingDescriptor {
    let source = "/proc/[pid]/io (\(field)); Documentation/filesystems/proc.rst, 3.3"
    return ReadingDescriptor("io." + name, .counter, unit: "bytes", help: help, source: source)
  }

  private static func stat(_ fields: String) -> String {
    "/proc/[pid]/stat (\(fields)); Documentation/filesystems/proc.rst, 1.1"
  }

  private static func status(_ field: String) -> String {
    "/proc/[pid]/status (\(field)); Documentation/filesystems/proc.rst, 1.1"
  }
}

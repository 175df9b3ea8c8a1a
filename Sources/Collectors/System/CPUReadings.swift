internal import MetricModel

/// What `CPUPart` reads.
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

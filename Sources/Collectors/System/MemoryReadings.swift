internal import MetricModel

/// What `MemoryPart` reads.
extension MemoryPart {
  private static let source = "/proc/meminfo; Documentation/filesystems/proc.rst, section 1.7, meminfo"
  private static let eventsSource = "/proc/vmstat; Documentation/filesystems/proc.rst, section 1.7"

  static let records = [memory, swap, hugePages, events]

  private static func bytes(_ name: String, _ help: String) -> ReadingDescriptor {
    ReadingDescriptor(name, .gauge, unit: "bytes", help: help, source: source)
  }

  private static let memory = RecordDescriptor(
    "memory",
    help: "The machine's memory.",
    readings: [
      bytes("memory.total_bytes", "Memory that the kernel has to give."),
      bytes(
        "memory.available_bytes",
        "What programs can have without new swapping (MemAvailable). Without that line free and cached memory; in an "
          + "LXC container that shows more than the total, free memory."
      ),
      bytes(
        "memory.used_bytes",
        "Total less available, as psutil 7.2 and free of procps 4 have it; older versions and top have other formulas."
      ),
      bytes("memory.free_bytes", "Memory that nothing uses at all."),
      bytes("memory.buffers_bytes", "Blocks of devices that are kept in memory."),
      bytes(
        "memory.cached_bytes",
        "Files that are kept in memory, and kernel memory that can be taken back (Cached and SReclaimable, as free and "
          + "psutil have it; node_memory_Cached_bytes is without the second)."
      ),
      bytes("memory.shared_bytes", "Shared memory and tmpfs, such as what data loaders pass on; it is in cached, too."),
      bytes("memory.dirty_bytes", "Memory that waits to be written to disks."),
      bytes("memory.writeback_bytes", "Memory that is being written to disks."),
      bytes("memory.committed_bytes", "Memory that programs asked for, used or not."),
    ]
  )

  private static let swap = RecordDescriptor(
    "swap",
    help: "Swap space of all devices and files.",
    readings: [
      bytes("swap.total_bytes", "Swap space there is."),
      bytes("swap.used_bytes", "Total less free."),
      bytes("swap.free_bytes", "Swap space that is free."),
    ]
  )

  private static let hugePages = RecordDescriptor(
    "huge pages",
    help: "Huge pages of the default size that were set aside.",
    readings: [
      bytes("huge_pages.total_bytes", "Memory set aside for them."),
      bytes("huge_pages.free_bytes", "Of it what nobody uses."),
    ]
  )

  private static let events = RecordDescriptor(
    "memory events",
    help: "What the kernel did when memory was short.",
    readings: [
      ReadingDescriptor(
        "memory.oom_kills",
        .counter,
        help: "Processes that were killed since memory ran out, of the machine or of a cgroup.",
        source: eventsSource
      ),
      ReadingDescriptor(
        "memory.major_faults",
        .counter,
        help: "Accesses to memory that had to wait for a disk.",
        source: eventsSource
      ),
      ReadingDescriptor(
        "swap.in_bytes",
        .counter,
        unit: "bytes",
        help: "Memory that was read back from swap.",
        source: eventsSource
      ),
      ReadingDescriptor(
        "swap.out_bytes",
        .counter,
        unit: "bytes",
        help: "Memory that was written to swap.",
        source: eventsSource
      ),
    ]
  )
}

internal import Collectors
internal import MetricModel

/// The families `process_*`, with the names and the help texts that client libraries have, off one reading. What could
/// not be read is left out.
enum ProcessMetrics {
  static func families(_ reading: ProcessReader.Reading) -> [MetricFamily] {
    [
      family(
        "cpu_seconds_total",
        .counter,
        "Total user and system CPU time spent in seconds.",
        reading.cpuSeconds
      ),
      family("open_fds", .gauge, "Number of open file descriptors.", reading.openDescriptors),
      family("max_fds", .gauge, "Maximum number of open file descriptors.", reading.descriptorsMax),
      family("virtual_memory_bytes", .gauge, "Virtual memory size in bytes.", reading.virtualBytes),
      family(
        "virtual_memory_max_bytes",
        .gauge,
        "Maximum amount of virtual memory available in bytes.",
        reading.virtualBytesMax
      ),
      family("resident_memory_bytes", .gauge, "Resident memory size in bytes.", reading.residentBytes),
      family(
        "start_time_seconds",
        .gauge,
        "Start time of the process since unix epoch in seconds.",
        reading.startSeconds
      ),
      family("threads", .gauge, "Number of OS threads in the process.", reading.threads),
    ]
  }

  private static func family(_ name: String, _ type: MetricType, _ help: String, _ value: Double?) -> MetricFamily {
    MetricFamily(
      name: "process_" + name,
      type: type,
      help: help,
      unit: MetricFamily.unit(ofName: name),
      samples: value.map { [Sample(value: $0)] } ?? []
    )
  }
}

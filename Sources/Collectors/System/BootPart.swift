internal import MetricModel

/// `/proc/uptime` and the machine's clock. When it started is in `/proc/stat`, which `CPUPart` reads.
final class BootPart: SystemPart {
  private let files: KernelFiles
  private let now: () -> Double

  init(_ system: SystemSource) {
    files = system.files
    now = system.now
  }

  func collect(into batch: inout ReadingBatch, as kinds: RecordKinds) {
    if let kind = kinds[0] {
      let uptime = files.parse("/proc/uptime", into: &batch) { bytes -> Double? in
        var scanner = ByteScanner(bytes)
        return scanner.decimal()
      }
      if let uptime { batch.add(kind, values: [uptime]) }
    }
    if let kind = kinds[1] { batch.add(kind, values: [now()]) }
  }

  static let records = [
    RecordDescriptor(
      "uptime",
      help: "How long the machine has been up.",
      readings: [
        ReadingDescriptor(
          "boot.uptime_seconds",
          .gauge,
          unit: "seconds",
          help: "Time since the machine started, sleep included; in an LXC container since that started.",
          source: "/proc/uptime; Documentation/filesystems/proc.rst, section 1",
          joining: .maximum
        )
      ]
    ),
    RecordDescriptor(
      "clock",
      help: "The machine's clock.",
      readings: [
        ReadingDescriptor(
          "clock.time_seconds",
          .gauge,
          unit: "seconds",
          help: "Its time in seconds since 1970: beside the time of the scrape it shows a clock that is wrong.",
          source: "clock_gettime(CLOCK_REALTIME); clock_gettime(2)",
          joining: .maximum
        )
      ]
    ),
  ]
}

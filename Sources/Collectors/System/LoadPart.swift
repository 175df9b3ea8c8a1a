internal import MetricModel

/// `/proc/loadavg`.
final class LoadPart: SystemPart {
  private let files: KernelFiles

  init(_ system: SystemSource) { files = system.files }

  func collect(into batch: inout ReadingBatch, as kinds: RecordKinds) {
    guard let kind = kinds[0], let load = files.parse("/proc/loadavg", into: &batch, { ProcLoad(parsing: $0) })
    else { return }
    batch.add(kind, values: [load.oneMinute, load.fiveMinutes, load.fifteenMinutes, Double(load.tasks)])
  }

  private static let source = "/proc/loadavg; Documentation/filesystems/proc.rst, section 1"

  static let records = [
    RecordDescriptor(
      "load",
      help: "Threads that run, wait for a CPU, or wait for I/O without being interruptible.",
      readings: [
        ReadingDescriptor(
          "load.average_1m",
          .gauge,
          help: "Load average over a minute.",
          source: source,
          joining: .maximum
        ),
        ReadingDescriptor(
          "load.average_5m",
          .gauge,
          help: "Load average over five minutes.",
          source: source,
          joining: .maximum
        ),
        ReadingDescriptor(
          "load.average_15m",
          .gauge,
          help: "Load average over fifteen minutes.",
          source: source,
          joining: .maximum
        ),
        ReadingDescriptor("tasks.total", .gauge, help: "Threads that exist.", source: source),
      ]
    )
  ]
}

/// `0.20 0.18 0.12 1/80 11206`. Pure.
struct ProcLoad: Sendable, Hashable {
  var oneMinute: Double
  var fiveMinutes: Double
  var fifteenMinutes: Double
  var tasks: UInt64

  init?(parsing bytes: UnsafeBufferPointer<UInt8>) {
    var scanner = ByteScanner(bytes)
    guard let one = scanner.decimal(), let five = scanner.decimal(), let fifteen = scanner.decimal(),
      let tasks = scanner.word(), let slash = tasks.firstIndex(of: UInt8(ascii: "/")),
      let total = ByteScanner.integer(tasks[(slash + 1)...])
    else { return nil }
    (oneMinute, fiveMinutes, fifteenMinutes, self.tasks) = (one, five, fifteen, total)
  }
}

internal import MetricModel

/// `/proc/pressure`: how much of the time threads were held up for want of something. It is not there on kernels that
/// do not measure it.
final class PressurePart: SystemPart {
  private let files: KernelFiles

  init(_ system: SystemSource) { files = system.files }

  func collect(into batch: inout ReadingBatch, as kinds: RecordKinds) {
    guard let kind = kinds[0] else { return }
    for (resource, path) in Self.resources {
      guard let pressure = files.parse(path, into: &batch, { PressureStall(parsing: $0) }) else { continue }
      batch.add(
        kind,
        labels: [resource],
        values: [pressure.some?.seconds, pressure.full?.seconds, pressure.some?.ratio, pressure.full?.ratio]
      )
    }
  }

  private static let resources = ["cpu", "memory", "io", "irq"].map { ($0, "/proc/pressure/\($0)") }
  private static let source = "/proc/pressure/*; Documentation/accounting/psi.rst"

  static let records = [
    RecordDescriptor(
      "pressure",
      help: "Time that threads were held up for want of a resource.",
      labels: [RecordDescriptor.Label("resource", "cpu, memory, io, or irq.")],
      readings: [
        ReadingDescriptor(
          "pressure.some_seconds",
          .counter,
          unit: "seconds",
          help: "Time in which at least one thread waited.",
          source: source
        ),
        ReadingDescriptor(
          "pressure.full_seconds",
          .counter,
          unit: "seconds",
          help: "Time in which all threads that had work waited, so that nothing was done.",
          source: source
        ),
        ReadingDescriptor(
          "pressure.some_ratio",
          .gauge,
          unit: "ratio",
          help: "Share of the last ten seconds in which at least one thread waited, as the kernel averages it.",
          source: source,
          joining: .maximum
        ),
        ReadingDescriptor(
          "pressure.full_ratio",
          .gauge,
          unit: "ratio",
          help: "Share of the last ten seconds in which all threads that had work waited.",
          source: source,
          joining: .maximum
        ),
      ]
    )
  ]
}

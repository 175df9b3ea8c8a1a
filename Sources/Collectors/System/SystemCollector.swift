package import MetricModel

/// The machine: CPU, memory, pressure, disks, network, file systems, from `/proc` and `/sys`.
///
/// It is a list of parts, each with its own files and readings. A part that fails says so and takes nothing from the
/// others; what the kernel does not have is left out. Values are the machine's, also inside a container.
package final class SystemCollector: Collector {
  /// A further part is one more line here.
  private static var kinds: [any SystemPart.Type] {
    [
      CPUPart.self, LoadPart.self, PressurePart.self, MemoryPart.self, DiskPart.self, NetworkPart.self, RDMAPart.self,
      FileSystemPart.self, FileDescriptorPart.self, BootPart.self,
    ]
  }

  package static let descriptor = CollectorDescriptor(
    name: "system",
    help: "The machine, from /proc and /sys: CPU, memory, pressure, disks, network, file systems.",
    records: kinds.flatMap { $0.records }
  )

  private let parts: [(part: any SystemPart, kinds: RecordKinds)]

  /// - Parameter readings: the names of those that somebody wants; nil: all. Records without any are not made, and files
  ///   that only they need are not read, which counts on machines with hundreds of CPUs.
  package init(_ system: SystemSource = SystemSource(), readings: Set<String>? = nil) {
    var first = 0
    parts = Self.kinds.compactMap { kind in
      let kinds = RecordKinds(first: first, records: kind.records, readings: readings)
      first += kind.records.count
      return kinds.wantsAny ? (kind.init(system), kinds) : nil
    }
  }

  package func collect(into batch: inout ReadingBatch) {
    for (part, kinds) in parts { part.collect(into: &batch, as: kinds) }
  }
}

/// Some files, and the readings that come from them.
protocol SystemPart: AnyObject {
  static var records: [RecordDescriptor] { get }

  init(_ system: SystemSource)

  /// - Parameter kinds: what the part's records are called in the batch.
  func collect(into batch: inout ReadingBatch, as kinds: RecordKinds)
}

/// Where a part's records are among all of the collector's, and which of them are wanted.
struct RecordKinds {
  private let first: Int
  private let wanted: [Bool]

  init(first: Int, records: [RecordDescriptor], readings: Set<String>?) {
    self.first = first
    wanted = records.map { record in
      readings.map { readings in record.readings.contains { readings.contains($0.name) } } ?? true
    }
  }

  var wantsAny: Bool { wanted.contains(true) }

  /// The place in the batch of the part's record at `record`; nil: nobody wants it.
  subscript(record: Int) -> Int? { wanted[record] ? first + record : nil }
}

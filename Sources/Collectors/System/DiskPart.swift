internal import MetricModel

/// `/proc/diskstats`: what whole disks read and wrote.
final class DiskPart: SystemPart {
  private let files: KernelFiles
  private var kinds: DiskKinds
  private var clocks: [String: Clocks] = [:]

  /// The kernel shows times in 32 bits, which seven weeks of work fill.
  private struct Clocks {
    var reads: UInt64 = 0
    var writes: UInt64 = 0
    var read = WrappingCounter()
    var write = WrappingCounter()
    var busy = WrappingCounter()
    var weighted = WrappingCounter()
    var discard = WrappingCounter()
    var flush = WrappingCounter()
  }

  init(_ system: SystemSource) {
    files = system.files
    kinds = DiskKinds(files)
  }

  func collect(into batch: inout ReadingBatch, as kinds: RecordKinds) {
    guard let disks = files.parse("/proc/diskstats", into: &batch, { ProcDisk.all(parsing: $0) }) else { return }
    let names = disks.map(\.name)
    if clocks.keys.contains(where: { !names.contains($0) }) {
      // Another disk may come by the same name.
      clocks = clocks.filter { names.contains($0.key) }
    }
    for (disk, what) in zip(disks, self.kinds.kinds(of: names)) {
      switch what {
      case .disk:
        if let kind = kinds[0] { batch.add(kind, labels: [disk.name], values: values(of: disk)) }
      case .volume(let name):
        if let kind = kinds[1] {
          batch.add(kind, labels: [disk.name, name], values: Array(values(of: disk).prefix(Self.volumeReadings)))
        }
      case .other: break
      }
    }
  }

  /// In the order of the descriptors.
  private func values(of disk: ProcDisk) -> [Double?] {
    var clock = clocks[disk.name] ?? Clocks()
    // What is 64 bits wide does not wrap: it is another disk by the same name.
    if disk.reads < clock.reads || disk.writes < clock.writes { clock = Clocks() }
    (clock.reads, clock.writes) = (disk.reads, disk.writes)
    let values: [Double?] = [
      disk.readBytes, disk.writtenBytes, Double(disk.reads), Double(disk.writes),
      Self.seconds(&clock.read, disk.readMilliseconds), Self.seconds(&clock.write, disk.writeMilliseconds),
      Self.seconds(&clock.busy, disk.busyMilliseconds), Self.seconds(&clock.weighted, disk.weightedMilliseconds),
      Double(disk.inFlight),
      disk.hasDiscards ? disk.discardedBytes : nil, disk.hasDiscards ? Double(disk.discards) : nil,
      disk.hasDiscards ? Self.seconds(&clock.discard, disk.discardMilliseconds) : nil,
      disk.hasFlushes ? Double(disk.flushes) : nil,
      disk.hasFlushes ? Self.seconds(&clock.flush, disk.flushMilliseconds) : nil,
    ]
    clocks[disk.name] = clock
    return values
  }

  private static func seconds(_ counter: inout WrappingCounter, _ milliseconds: UInt64) -> Double {
    Double(counter.total(milliseconds)) / 1e3
  }
}

extension DiskPart {
  private static let source = "/proc/diskstats; Documentation/admin-guide/iostats.rst"

  /// Volumes have the first of the disks' readings.
  private static let volumeReadings = 9

  static let records = [
    RecordDescriptor(
      "disk",
      help: "A whole disk that is a device of its own (/sys/block/*/device): no partitions, nothing in memory, nothing "
        + "that is made of other disks, no hidden path of an NVMe multipath disk. So the sum over disks counts each "
        + "byte once, which psutil's disk_io_counters() does not where there are dm, md or loop devices. On a machine "
        + "without any such disk: whole block devices that are not made of others.",
      labels: [RecordDescriptor.Label("device", "The kernel's name: sda, nvme0n1.")],
      readings: readings("disk", "")
    ),
    RecordDescriptor(
      "volume",
      help: "A whole block device that lies above disks, or is made by software: device-mapper (LVM, LUKS, multipath), "
        + "md, nbd, bcache. What it reads and writes shows in its disks again, so nothing is to be added up.",
      labels: [
        RecordDescriptor.Label("device", "The kernel's name: dm-0, md127."),
        RecordDescriptor.Label("volume", "The name that device-mapper has for it: vg0-data; else the kernel's."),
      ],
      readings: Array(readings("volume", " of the volume").prefix(volumeReadings))
    ),
  ]

  private static func readings(_ prefix: String, _ whose: String) -> [ReadingDescriptor] {
    func reading(
      _ name: String,
      _ unit: String?,
      _ help: String,
      _ kind: ReadingDescriptor.Kind = .counter
    ) -> ReadingDescriptor {
      ReadingDescriptor("\(prefix).\(name)", kind, unit: unit, help: help, source: source)
    }
    return [
      reading("read_bytes", "bytes", "Bytes read\(whose)."),
      reading("written_bytes", "bytes", "Bytes written\(whose)."),
      reading("reads", nil, "Reads that were finished\(whose)."),
      reading("writes", nil, "Writes that were finished\(whose)."),
      reading("read_seconds", "seconds", "Time that reads took\(whose), added up."),
      reading("write_seconds", "seconds", "Time that writes took\(whose), added up."),
      reading("busy_seconds", "seconds", "Time with at least one request in flight\(whose)."),
      reading("weighted_seconds", "seconds", "Time that requests took\(whose), those in flight included."),
      reading("in_flight", nil, "Requests in flight\(whose).", .gauge),
      reading("discarded_bytes", "bytes", "Bytes discarded (TRIM)."),
      reading("discards", nil, "Discards that were finished."),
      reading("discard_seconds", "seconds", "Time that discards took, added up."),
      reading("flushes", nil, "Flushes that were finished, as fsync(2) asks for them."),
      reading("flush_seconds", "seconds", "Time that flushes took, added up."),
    ]
  }
}

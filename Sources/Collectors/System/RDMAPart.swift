internal import MetricModel

/// `/sys/class/infiniband`: what passes InfiniBand and RoCE ports by RDMA, as GPUs of several machines talk to each other.
/// None of it is in `/proc/net/dev`.
final class RDMAPart: SystemPart {
  private let files: KernelFiles

  init(_ system: SystemSource) { files = system.files }

  func collect(into batch: inout ReadingBatch, as kinds: RecordKinds) {
    guard let kind = kinds[0] else { return }
    for device in entries(Self.folder, &batch) {
      for port in entries("\(Self.folder)/\(device)/ports", &batch) {
        let path = "\(Self.folder)/\(device)/ports/\(port)"
        var values: [Double?] = Self.counters.map { counter in
          count("\(path)/counters/\(counter.file)", &batch).map { $0 * counter.factor }
        }
        values.append(files.parse("\(path)/state", into: &batch) { $0.first == UInt8(ascii: "4") ? 1 : 0 })
        values.append(files.parse("\(path)/rate", into: &batch) { Self.rate($0) })
        batch.add(kind, labels: [device, port], values: values)
      }
    }
  }

  private func entries(_ path: String, _ batch: inout ReadingBatch) -> [String] {
    do throws(KernelFiles.Failure) {
      return try files.entries(path)
    } catch {
      if case .unreadable(let reason) = error { batch.fail(reason) }
      return []
    }
  }

  /// Nil: the port does not count it, and says so (`N/A (no PMA)`).
  private func count(_ path: String, _ batch: inout ReadingBatch) -> Double? {
    let count = files.parse(path, into: &batch) { bytes -> UInt64?? in
      var scanner = ByteScanner(bytes)
      return .some(scanner.integer())
    }
    return (count ?? nil).map { Double($0) }
  }

  /// `100 Gb/sec (4X EDR)` as bytes a second.
  static func rate(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    var scanner = ByteScanner(bytes)
    return scanner.decimal().map { $0 * 1e9 / 8 }
  }

  private static let folder = "/sys/class/infiniband"

  /// In the order of the descriptors. The kernel counts data in units of four bytes.
  private static let counters: [(file: String, factor: Double)] = [
    ("port_rcv_data", 4), ("port_xmit_data", 4), ("port_rcv_packets", 1), ("port_xmit_packets", 1),
    ("port_rcv_errors", 1), ("port_xmit_discards", 1), ("link_downed", 1),
  ]

  private static let source = "/sys/class/infiniband/*/ports/*; Documentation/ABI/stable/sysfs-class-infiniband"

  private static func reading(
    _ name: String,
    _ help: String,
    unit: String? = nil,
    _ kind: ReadingDescriptor.Kind = .counter,
    joining: ReadingDescriptor.Joining = .sum
  ) -> ReadingDescriptor {
    ReadingDescriptor("rdma." + name, kind, unit: unit, help: help, source: source, joining: joining)
  }

  static let records = [
    RecordDescriptor(
      "RDMA port",
      help: "A port of an InfiniBand or RoCE device.",
      labels: [
        RecordDescriptor.Label("device", "The device's name: mlx5_0."),
        RecordDescriptor.Label("port", "The port's number, from 1."),
      ],
      readings: [
        reading("received_bytes", "Bytes received.", unit: "bytes"),
        reading("sent_bytes", "Bytes sent.", unit: "bytes"),
        reading("received_packets", "Packets received."),
        reading("sent_packets", "Packets sent."),
        reading("received_errors", "Packets that were received broken."),
        reading("sent_drops", "Packets that were dropped on their way out, since the port was down or congested."),
        reading("link_downs", "How often the link failed."),
        reading("up", "1 while the port is active, else 0.", .gauge, joining: .minimum),
        reading("speed_bytes", "Bytes a second that the link can carry each way.", unit: "bytes", .gauge),
      ]
    )
  ]
}

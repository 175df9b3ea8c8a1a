internal import MetricModel

/// `/proc/net/dev`: what network interfaces received and sent, of the network namespace that the exporter is in.
final class NetworkPart: SystemPart {
  private let files: KernelFiles
  private var names: [String] = []
  private var counted: [Bool] = []

  init(_ system: SystemSource) { files = system.files }

  func collect(into batch: inout ReadingBatch, as kinds: RecordKinds) {
    guard let interfaces = files.parse("/proc/net/dev", into: &batch, { ProcInterface.all(parsing: $0) }) else {
      return
    }
    for (interface, isCounted) in zip(interfaces, counted(interfaces.map(\.name))) where isCounted {
      if let kind = kinds[0] {
        batch.add(kind, labels: [interface.name], values: interface.counts.map { Double($0) })
      }
      if let kind = kinds[1], let speed = speed(interface.name) {
        batch.add(kind, labels: [interface.name], values: [speed])
      }
    }
  }

  /// The kernel says megabits a second; -1, or an error, while the interface is down, and where it has no speed.
  private func speed(_ name: String) -> Double? {
    let read = try? files.read(Self.path(name) + "/speed") { bytes -> UInt64? in
      var scanner = ByteScanner(bytes)
      return scanner.integer()
    }
    guard let megabits = read ?? nil, megabits > 0, megabits < UInt32.max else { return nil }
    return Double(megabits) * 1e6 / 8
  }

  /// Whether each is to be counted; the answer is kept while the names stay.
  private func counted(_ names: [String]) -> [Bool] {
    if names == self.names { return counted }
    self.names = names
    // The master of a bond is no device. Where it is one (Azure, virtio failover) it counts what its slaves carry.
    counted = names.map {
      files.exists(Self.path($0) + "/device") && !files.exists(Self.path($0) + "/master/device")
    }
    if !counted.contains(true) { counted = names.map { name in !Self.virtual.contains(where: name.hasPrefix) } }
    return counted
  }

  private static func path(_ name: String) -> String { "/sys/class/net/" + name }

  /// Prefixes of what is not counted where no interface is a device, as in a container.
  private static let virtual = ["lo", "veth", "docker", "br-", "ifb", "dummy", "virbr", "cni", "flannel", "cali"]
}

extension NetworkPart {
  private static let source = "/proc/net/dev; Documentation/networking/statistics.rst"

  private static let label = RecordDescriptor.Label("device", "The interface's name: eth0.")

  static let records = [
    RecordDescriptor(
      "network interface",
      help: "A network interface that is a device (/sys/class/net/*/device): no loopback, bridge, bond, VLAN or veth, "
        + "which carry the same packets again. In a container, where none is a device: all but lo, veth*, docker*, "
        + "br-*, ifb*, dummy*, virbr*, cni*, flannel*, cali*. psutil's net_io_counters() adds up all. RDMA bypasses "
        + "these counters.",
      labels: [label],
      readings: [
        counter("network.received_bytes", "bytes", "Bytes received."),
        counter("network.sent_bytes", "bytes", "Bytes sent."),
        counter("network.received_packets", nil, "Packets received."),
        counter("network.sent_packets", nil, "Packets sent."),
        counter("network.received_errors", nil, "Packets that were received broken."),
        counter("network.sent_errors", nil, "Packets that could not be sent."),
        counter("network.received_drops", nil, "Packets that were received and dropped, or missed for want of room."),
        counter("network.sent_drops", nil, "Packets that were dropped on their way out."),
      ]
    ),
    RecordDescriptor(
      "network link",
      help: "The link of a network interface as above. It is read from the driver, and only if it is wanted.",
      labels: [label],
      readings: [
        ReadingDescriptor(
          "network.speed_bytes",
          .gauge,
          unit: "bytes",
          help: "Bytes a second that the link can carry each way. Absent while it is down.",
          source: "/sys/class/net/*/speed; Documentation/ABI/testing/sysfs-class-net"
        )
      ]
    ),
  ]

  private static func counter(_ name: String, _ unit: String?, _ help: String) -> ReadingDescriptor {
    ReadingDescriptor(name, .counter, unit: unit, help: help, source: source)
  }
}

import Foundation
import Machines
import Testing

@testable import Collectors

/// psutil and node_exporter say of the same machine what the collector says.
///
/// Of captured machines exactly that. Of the real one, a look is taken before and one after theirs, and theirs has to
/// lie between. They are there in `make test`, which names psutil's Python by `JUDGE_PYTHON`.
@Suite(.serialized) struct SystemAgreementTests {
  private static let python = ProcessInfo.processInfo.environment["JUDGE_PYTHON"]
  private static let nodeExporter = "prometheus-node-exporter"
  private static let hasNodeExporter = python != nil || Command.isInstalled(nodeExporter)
  /// Memory that other programs may take or give back between two looks.
  private static let memorySlack = 256.0 * 1024 * 1024
  /// Rounding, and idle time that jumps back.
  private static let cpuSlack = 0.3
  /// A busy machine may change more than that within a look; not each time.
  private static let looks = 10

  // MARK: psutil

  /// Says what psutil reads, as one JSON object. `PROC` may be captured; with a second one, of a later moment, the use
  /// of the CPU is that between the two.
  private static let script = """
    import json, sys, psutil
    psutil.PROCFS_PATH = sys.argv[1]
    psutil.cpu_percent()
    psutil.PROCFS_PATH = sys.argv[-1]
    print(json.dumps({
        "percent": psutil.cpu_percent(),
        "times": psutil.cpu_times()._asdict(),
        "memory": psutil.virtual_memory()._asdict(),
        "swap": psutil.swap_memory()._asdict(),
        "disks": {name: disk._asdict() for name, disk in psutil.disk_io_counters(perdisk=True).items()},
        "net": {name: nic._asdict() for name, nic in psutil.net_io_counters(pernic=True).items()},
        "load": psutil.getloadavg(),
        "boot": psutil.boot_time(),
        "root": psutil.disk_usage("/")._asdict(),
    }))
    """

  private static func psutil(_ folders: String...) throws -> [String: Any] {
    let output = try Command.run([python ?? "python3", "-c", script] + folders)
    return try JSONSerialization.jsonObject(with: output) as? [String: Any] ?? [:]
  }

  @Test(.enabled(if: python != nil, "JUDGE_PYTHON names no Python with psutil"), arguments: ["virtual-machine", "lxc"])
  func psutilSaysTheSameOfACapture(name: String) throws {
    let (before, archive) = (try KernelArchive(capture: name), try KernelArchive(capture: name))
    // psutil cannot read the lines of a kernel without guests.
    let stat = try String(contentsOfFile: archive.root + "/proc/stat", encoding: .utf8)
      .replacing(/(?m)^cpu\d*(?: +\d+){8}$/) { "\($0.0) 0 0" }
    try before.write("/proc/stat", stat)
    // The second look: 123 ticks more of each of the first modes, 45 of system.
    let later = stat.replacing(/(?m)^(cpu\d*) +(\d+) (\d+) (\d+) (\d+) (\d+)/) { line in
      let (user, nice, system) = (Int(line.2) ?? 0, line.3, Int(line.4) ?? 0)
      return "\(line.1) \(user + 123) \(nice) \(system + 45) \((Int(line.5) ?? 0) + 678) \((Int(line.6) ?? 0) + 9)"
    }
    let collector = systemCollector(archive)
    _ = collector.collected()
    try archive.write("/proc/stat", later)
    let ours = collector.collected()
    let theirs = try Self.psutil(before.root + "/proc", archive.root + "/proc")

    let memory = theirs["memory"] as? [String: Double] ?? [:]
    for (reading, key) in [
      ("total", "total"), ("available", "available"), ("used", "used"), ("free", "free"), ("buffers", "buffers"),
      ("cached", "cached"),
    ] { #expect(ours.system("memory.\(reading)_bytes") == memory[key], "\(reading)") }
    let percent = try #require(ours.system("cpu.usage_percent"))
    #expect((percent * 10).rounded() / 10 == theirs["percent"] as? Double)
    let times = theirs["times"] as? [String: Double] ?? [:]
    for mode in CPUTimes.modes { #expect(ours.system("cpu.seconds", mode) == times[mode], "\(mode)") }
    let disks = theirs["disks"] as? [String: [String: Double]] ?? [:]
    #expect(!ours.devices("disk.read_bytes").isEmpty)
    for disk in ours.devices("disk.read_bytes") {
      #expect(ours.system("disk.read_bytes", disk) == disks[disk]?["read_bytes"])
      #expect(ours.system("disk.written_bytes", disk) == disks[disk]?["write_bytes"])
      #expect(ours.system("disk.reads", disk) == disks[disk]?["read_count"])
      #expect(ours.system("disk.busy_seconds", disk).map { $0 * 1e3 } == disks[disk]?["busy_time"])
    }
    let interfaces = theirs["net"] as? [String: [String: Double]] ?? [:]
    #expect(!ours.devices("network.sent_bytes").isEmpty)
    for interface in ours.devices("network.sent_bytes") {
      #expect(ours.system("network.received_bytes", interface) == interfaces[interface]?["bytes_recv"])
      #expect(ours.system("network.sent_packets", interface) == interfaces[interface]?["packets_sent"])
      #expect(ours.system("network.received_drops", interface) == interfaces[interface]?["dropin"])
    }
    #expect(ours.system("boot.time_seconds") == theirs["boot"] as? Double)
  }

  @Test(.enabled(if: python != nil, "JUDGE_PYTHON names no Python with psutil"))
  func psutilSaysTheSameOfThisMachine() throws {
    try expectAgreement { _ in
      let said = try Self.psutil("/proc")
      var theirs = Theirs()
      let memory = said["memory"] as? [String: Double] ?? [:]
      theirs.add("memory.total_bytes", [], memory["total"])
      theirs.add("memory.available_bytes", [], memory["available"], slack: Self.memorySlack)
      theirs.add("memory.used_bytes", [], memory["used"], slack: Self.memorySlack)
      theirs.add("memory.cached_bytes", [], memory["cached"], slack: Self.memorySlack)
      theirs.add("swap.total_bytes", [], (said["swap"] as? [String: Double])?["total"])
      for (mode, seconds) in said["times"] as? [String: Double] ?? [:] where CPUTimes.modes.contains(mode) {
        theirs.add("cpu.seconds", [mode], seconds, slack: Self.cpuSlack)
      }
      for (name, disk) in said["disks"] as? [String: [String: Double]] ?? [:] {
        theirs.add("disk.read_bytes", [name], disk["read_bytes"])
        theirs.add("disk.written_bytes", [name], disk["write_bytes"])
      }
      for (name, interface) in said["net"] as? [String: [String: Double]] ?? [:] {
        theirs.add("network.received_bytes", [name], interface["bytes_recv"])
        theirs.add("network.sent_bytes", [name], interface["bytes_sent"])
      }
      for (name, load) in zip(["1m", "5m", "15m"], said["load"] as? [Double] ?? []) {
        theirs.add("load.average_\(name)", [], load, slack: 0.01)
      }
      theirs.add("boot.time_seconds", [], said["boot"] as? Double, slack: 1)
      let root = said["root"] as? [String: Double] ?? [:]
      theirs.add("file_system.size_bytes", ["/"], root["total"])
      theirs.add("file_system.available_bytes", ["/"], root["free"], slack: Self.memorySlack)
      return theirs
    }
  }

  // MARK: node_exporter

  @Test(.enabled(if: hasNodeExporter, "there is no prometheus-node-exporter"))
  func nodeExporterSaysTheSameOfThisMachine() throws {
    let node = try NodeExporter(Self.nodeExporter)
    try expectAgreement { _ in
      var theirs = Theirs()
      for sample in try node.scrape() {
        guard let reading = Self.readings[sample.name] else { continue }
        let labels = reading.labels.map { sample.labels[$0] ?? "" }
        theirs.add(reading.name, labels + reading.more, sample.value, slack: reading.slack)
      }
      return theirs
    }
  }

  struct Counterpart {
    var name: String
    /// Theirs in the order of ours.
    var labels: [String] = []
    /// Values of ours that theirs has in the metric's name.
    var more: [String] = []
    var slack = 0.0
  }

  /// node_exporter's metrics, and which reading each is.
  static let readings: [String: Counterpart] = [
    "node_cpu_seconds_total": Counterpart(name: "cpu.core_seconds", labels: ["cpu", "mode"], slack: cpuSlack),
    "node_context_switches_total": Counterpart(name: "kernel.context_switches"),
    "node_forks_total": Counterpart(name: "kernel.forks"),
    "node_intr_total": Counterpart(name: "kernel.interrupts"),
    "node_boot_time_seconds": Counterpart(name: "boot.time_seconds", slack: 1),
    "node_load1": Counterpart(name: "load.average_1m"),
    "node_load5": Counterpart(name: "load.average_5m"),
    "node_load15": Counterpart(name: "load.average_15m"),
    "node_memory_MemTotal_bytes": Counterpart(name: "memory.total_bytes"),
    "node_memory_MemAvailable_bytes": Counterpart(name: "memory.available_bytes", slack: memorySlack),
    "node_memory_MemFree_bytes": Counterpart(name: "memory.free_bytes", slack: memorySlack),
    "node_memory_Shmem_bytes": Counterpart(name: "memory.shared_bytes", slack: memorySlack),
    "node_memory_SwapTotal_bytes": Counterpart(name: "swap.total_bytes"),
    "node_vmstat_oom_kill": Counterpart(name: "memory.oom_kills"),
    "node_vmstat_pgmajfault": Counterpart(name: "memory.major_faults"),
    "node_disk_read_bytes_total": Counterpart(name: "disk.read_bytes", labels: ["device"]),
    "node_disk_written_bytes_total": Counterpart(name: "disk.written_bytes", labels: ["device"]),
    "node_disk_reads_completed_total": Counterpart(name: "disk.reads", labels: ["device"]),
    "node_disk_writes_completed_total": Counterpart(name: "disk.writes", labels: ["device"]),
    "node_disk_read_time_seconds_total": Counterpart(name: "disk.read_seconds", labels: ["device"], slack: 0.001),
    "node_disk_write_time_seconds_total": Counterpart(name: "disk.write_seconds", labels: ["device"], slack: 0.001),
    "node_disk_io_time_seconds_total": Counterpart(name: "disk.busy_seconds", labels: ["device"], slack: 0.1),
    "node_network_receive_bytes_total": Counterpart(name: "network.received_bytes", labels: ["device"]),
    "node_network_transmit_bytes_total": Counterpart(name: "network.sent_bytes", labels: ["device"]),
    "node_network_receive_packets_total": Counterpart(name: "network.received_packets", labels: ["device"]),
    "node_network_transmit_errs_total": Counterpart(name: "network.sent_errors", labels: ["device"]),
    "node_network_receive_drop_total": Counterpart(name: "network.received_drops", labels: ["device"]),
    "node_pressure_cpu_waiting_seconds_total": Counterpart(name: "pressure.some_seconds", more: ["cpu"], slack: 1e-6),
    "node_pressure_io_waiting_seconds_total": Counterpart(name: "pressure.some_seconds", more: ["io"], slack: 1e-6),
    "node_pressure_io_stalled_seconds_total": Counterpart(name: "pressure.full_seconds", more: ["io"], slack: 1e-6),
    "node_pressure_memory_waiting_seconds_total": Counterpart(
      name: "pressure.some_seconds",
      more: ["memory"],
      slack: 1e-6
    ),
    "node_filesystem_size_bytes": Counterpart(name: "file_system.size_bytes", labels: ["mountpoint"]),
    "node_filesystem_avail_bytes": Counterpart(
      name: "file_system.available_bytes",
      labels: ["mountpoint"],
      slack: memorySlack
    ),
    "node_filefd_maximum": Counterpart(name: "files.max"),
    "node_infiniband_port_data_received_bytes_total": Counterpart(
      name: "rdma.received_bytes",
      labels: ["device", "port"]
    ),
    "node_infiniband_port_data_transmitted_bytes_total": Counterpart(
      name: "rdma.sent_bytes",
      labels: ["device", "port"]
    ),
    "node_infiniband_link_downed_total": Counterpart(name: "rdma.link_downs", labels: ["device", "port"]),
    "node_infiniband_rate_bytes_per_second": Counterpart(name: "rdma.speed_bytes", labels: ["device", "port"]),
  ]

  // MARK: node_exporter's own fixtures

  /// node_exporter's test data and what it says of it (`collector/fixtures`): `proc`, `sys.ttar` and `e2e-output.txt` in
  /// the folder that `LINUX_FIXTURES` names. They are other people's, and not among these files.
  private static let fixtures = ProcessInfo.processInfo.environment["LINUX_FIXTURES"]

  @Test(.enabled(if: fixtures != nil, "LINUX_FIXTURES names no folder with node_exporter's fixtures"))
  func nodeExportersFixturesGiveWhatItSays() throws {
    let folder = URL(filePath: Self.fixtures ?? "")
    let archive = try KernelArchive(text: "")
    try FileManager.default.copyItem(at: folder.appending(path: "proc"), to: URL(filePath: archive.root + "/proc"))
    let devices = try KernelArchive(text: String(contentsOf: folder.appending(path: "sys.ttar"), encoding: .utf8))
    try FileManager.default.createDirectory(atPath: archive.root + "/sys/class", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: archive.root + "/sys/class/infiniband",
      withDestinationPath: devices.root + "/sys/class/infiniband"
    )
    let batch = systemCollector(archive).collected()
    #expect(batch.problems.isEmpty)
    var compared: [String: Int] = [:]
    let expected = try String(contentsOf: folder.appending(path: "e2e-output.txt"), encoding: .utf8)
    for sample in NodeExporter.samples(expected) {
      guard let reading = Self.readings[sample.name] else { continue }
      let labels = reading.labels.map { sample.labels[$0] ?? "" } + reading.more
      guard let ours = batch.system(reading.name, labels) else { continue }
      compared[reading.name, default: 0] += 1
      #expect(abs(ours - sample.value) <= 1e-6 + 1e-9 * abs(ours), "\(reading.name) \(labels)")
    }
    #expect(compared["cpu.core_seconds"] == 64)
    #expect(compared["pressure.some_seconds"] == 3)
    #expect((compared["disk.read_bytes"] ?? 0) > 5)
    #expect((compared["rdma.received_bytes"] ?? 0) > 1)
    #expect(compared["memory.total_bytes"] == 1)
  }

  // MARK: what both share

  struct Theirs {
    var values: [(reading: String, labels: [String], value: Double, slack: Double)] = []

    mutating func add(_ reading: String, _ labels: [String], _ value: Double?, slack: Double = 0) {
      guard let value else { return }
      values.append((reading, labels, value, slack))
    }
  }

  /// Looks before and after theirs, until all of theirs that we have, too, lie between, or often enough.
  private func expectAgreement(_ ask: (Int) throws -> Theirs) throws {
    let collector = SystemCollector()
    var wrong: [String] = []
    for look in 0..<Self.looks {
      let before = collector.collected()
      let theirs = try ask(look)
      let after = collector.collected()
      var compared = Set<String>()
      wrong = theirs.values.compactMap { reading, labels, value, slack in
        guard let low = before.system(reading, labels), let high = after.system(reading, labels) else { return nil }
        compared.insert(reading)
        if value >= min(low, high) - slack, value <= max(low, high) + slack { return nil }
        return "\(reading) \(labels): \(value) is not between \(low) and \(high)"
      }
      // Of each thing that is here there is something.
      for reading in ["disk.read_bytes", "network.received_bytes"] where !before.devices(reading).isEmpty {
        #expect(compared.contains(reading), "\(reading) was not compared")
      }
      #expect(compared.isSuperset(of: ["memory.total_bytes", "load.average_1m"]))
      #expect(compared.contains("cpu.seconds") || compared.contains("cpu.core_seconds"))
      if wrong.isEmpty { return }
    }
    Issue.record("\(wrong.joined(separator: "\n"))")
  }
}

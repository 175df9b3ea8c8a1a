import Foundation
import LogStations
import Machines
import Testing

@testable import Collectors

/// Files that are missing, cut, unreadable, huge or garbage: one part says so at most, and takes nothing from the others.
struct SystemFaultTests {
  /// The files, each with the readings that nothing else gives.
  static let files = [
    ("/proc/stat", "cpu.seconds"), ("/proc/loadavg", "load.average_1m"), ("/proc/meminfo", "memory.used_bytes"),
    ("/proc/vmstat", "memory.oom_kills"), ("/proc/diskstats", "disk.read_bytes"),
    ("/proc/net/dev", "network.received_bytes"), ("/proc/pressure/io", "pressure.some_seconds"),
    ("/sys/devices/system/cpu/possible", "cpu.possible"), ("/proc/uptime", "boot.uptime_seconds"),
    ("/proc/sys/fs/file-nr", "files.open"), ("/proc/self/mountinfo", "file_system.hung"),
    ("/sys/class/infiniband/mlx5_0/ports/1/rate", "rdma.speed_bytes"),
  ]

  /// Those whose readings other files like them give, too.
  static let shared = ["/proc/pressure/io", "/sys/class/infiniband/mlx5_0/ports/1/rate"]

  /// Whether every file but one gives what it gives.
  private func expectOthers(_ batch: ReadingBatch, but path: String, _ comment: Comment) {
    for (other, reading) in Self.files where other != path && !Self.shared.contains(other) {
      #expect(!batch.devices(reading).isEmpty || batch.system(reading) != nil, "\(comment): \(other)")
    }
  }

  private func replace(_ path: String, _ bytes: some Sequence<UInt8>) throws {
    try Data(bytes).write(to: URL(filePath: path))
  }

  @Test(arguments: files)
  func whatIsMissingIsLeftOut(path: String, reading: String) throws {
    let archive = try KernelArchive(capture: "training-server")
    try archive.remove(path)
    let batch = systemCollector(archive).collected()
    #expect(batch.problems.isEmpty)
    if !Self.shared.contains(path) { #expect(batch.system(reading) == nil && batch.devices(reading).isEmpty) }
    expectOthers(batch, but: path, "\(path) is missing")
  }

  @Test(arguments: files)
  func whatCannotBeReadIsAProblem(path: String, reading: String) throws {
    let archive = try KernelArchive(capture: "training-server")
    try archive.remove(path)
    // A folder opens, and cannot be read.
    try archive.write(path + "/x", "")
    let batch = systemCollector(archive).collected()
    #expect(batch.problems.count == 1 && batch.problems.allSatisfy { $0.hasPrefix(path + ": ") })
    expectOthers(batch, but: path, "\(path) is unreadable")
  }

  @Test(arguments: files)
  func whatIsCutAnywhereDoesNoHarm(path: String, reading: String) throws {
    let archive = try KernelArchive(capture: "training-server")
    let whole = Array(try Data(contentsOf: URL(filePath: archive.root + path)))
    let (alone, all) = (systemCollector(archive, readings: [reading]), systemCollector(archive))
    // Each look at file systems changes threads, which takes long on a busy machine.
    for count in stride(from: 0, through: whole.count, by: reading == "file_system.hung" ? 16 : 1) {
      try replace(archive.root + path, whole[..<count])
      #expect(alone.collected().problems.count <= 1)
      if count % 96 == 0 { expectOthers(all.collected(), but: path, "\(path) has \(count) bytes") }
    }
    try replace(archive.root + path, whole)
    #expect(all.collected().problems.isEmpty)
  }

  @Test(arguments: files)
  func garbageDoesNoHarm(path: String, reading: String) throws {
    let archive = try KernelArchive(capture: "training-server")
    let whole = Array(try Data(contentsOf: URL(filePath: archive.root + path)))
    let (alone, all) = (systemCollector(archive, readings: [reading]), systemCollector(archive))
    let seed = UInt64.random(in: 0..<1_000_000)
    var random = SplitMix(state: seed)
    for round in 0..<200 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.insert(contentsOf: Array("18446744073709551615".utf8), at: index)
        case 2: bytes.remove(at: index)
        default: bytes[index] = [0, 0x0A, 0x20, 0x2D, 0x39].randomElement(using: &random) ?? 0
        }
        if bytes.isEmpty { bytes = [0] }
      }
      try replace(archive.root + path, bytes)
      if round % 20 == 0 { expectOthers(all.collected(), but: path, "seed \(seed)") }
      let batch = alone.collected()
      #expect(batch.values.allSatisfy { $0?.isFinite != false }, "\(path), seed \(seed)")
    }
  }

  @Test(arguments: files)
  func whatIsHugeIsAProblem(path: String, reading: String) throws {
    let archive = try KernelArchive(capture: "training-server")
    truncate(archive.root + path, 1 << 30)
    let batch = systemCollector(archive).collected()
    #expect(batch.problems == ["\(path): more than \(KernelFiles.bytesMax) bytes"])
    expectOthers(batch, but: path, "\(path) is huge")
  }
}

import Testing

@testable import Collectors

/// All readings of captured machines.
struct SystemGoldenTests {
  @Test(arguments: ["virtual-machine", "training-server", "lxc"])
  func aCaptureGivesTheseReadings(name: String) throws {
    let archive = try KernelArchive(capture: name)
    let batch = systemCollector(
      archive,
      status: { path in
        .space(
          FileSystemStatus.Space(
            sizeBytes: 1_000_000,
            freeBytes: 400_000,
            availableBytes: 300_000,
            inodes: path.hasSuffix("/") ? 1_000 : nil,
            freeInodes: path.hasSuffix("/") ? 900 : nil,
            isReadOnly: path.hasSuffix("/mnt/datasets")
          )
        )
      }
    ).collected()
    try expectGoldenReadings(batch.systemText, name)
  }

  @Test func namesAreOfOneReadingAndEndInTheirUnit() {
    let records = SystemCollector.descriptor.records
    let readings = records.flatMap(\.readings)
    #expect(Set(readings.map(\.name)).count == readings.count)
    #expect(Set(records.map(\.name)).count == records.count)
    for reading in readings {
      #expect(reading.name.wholeMatch(of: /[a-z_]+\.[a-z0-9_]+/) != nil, "\(reading.name)")
      if let unit = reading.unit { #expect(reading.name.hasSuffix(unit), "\(reading.name)") }
      if reading.kind == .counter { #expect(reading.joining == .sum, "\(reading.name)") }
      #expect(reading.source.contains("; ") && reading.help.hasSuffix("."), "\(reading.name)")
    }
    for name in [
      "cpu.usage_percent", "memory.used_bytes", "memory.available_bytes", "disk.read_bytes", "disk.written_bytes",
    ] {
      #expect(readings.contains { $0.name == name })
    }
  }

  @Test func whatNobodyWantsIsNotMade() throws {
    let archive = try KernelArchive(capture: "training-server")
    let batch = systemCollector(archive, readings: ["disk.read_bytes", "cpu.usage_ratio"]).collected()
    #expect(Set(batch.records.map { SystemCollector.descriptor.records[$0.kind].name }) == ["cpu", "disk"])
    #expect(batch.system("disk.read_bytes", "sdb") == 40_960_000.0)
    #expect(systemCollector(archive, readings: []).collected().records.isEmpty)
  }
}

import Testing

@testable import Collectors

/// Which disks and interfaces count, and how their counters go on.
struct SystemDiskTests {
  private func line(_ name: String, reads: UInt64 = 1, busy: UInt64 = 1) -> String {
    "8 0 \(name) \(reads) 0 8 1 1 0 16 1 0 \(busy) 1\n"
  }

  @Test func onlyWholeDisksOfTheirOwnAddUp() throws {
    let archive = try KernelArchive(capture: "training-server")
    let batch = systemCollector(archive).collected()
    #expect(batch.devices("disk.read_bytes") == ["sda", "sdb", "sr0", "nvme0n1"])
    #expect(batch.devices("volume.read_bytes") == ["md0", "dm-0", "dm-1", "nbd0"])
  }

  @Test func withoutAnyDeviceWhatIsNotMadeOfOthersCounts() throws {
    let archive = try KernelArchive(
      text: """
        Directory: sys/block/xvda
        Directory: sys/block/dm-0/slaves/xvda1
        Directory: sys/block/cciss!c0d0/slaves
        Directory: sys/block/loop0
        """
    )
    let names = ["xvda", "xvda1", "dm-0", "cciss/c0d0", "loop0", "zram0"]
    try archive.write("/proc/diskstats", names.map { line($0) }.joined())
    let batch = systemCollector(archive).collected()
    #expect(batch.devices("disk.read_bytes") == ["xvda", "cciss/c0d0"])
    #expect(batch.devices("volume.read_bytes") == ["dm-0"])
  }

  @Test(arguments: [
    ("sda", true), ("sda1", false), ("vdb", true), ("vdb12", false), ("xvda3", false), ("nvme0n1", true),
    ("nvme0n1p2", false), ("mmcblk0", true), ("mmcblk0p1", false), ("sr0", true), ("dm-3", false), ("md127", false),
    ("md0p1", false), ("loop4", false), ("ram1", false), ("zram0", false), ("nbd0", false), ("p1", true), ("7", true),
  ])
  func namesAloneTellDisks(name: String, isDisk: Bool) {
    #expect((DiskKinds.byName(name) == .disk) == isDisk)
  }

  @Test func timesGoOnOverTheirWrapAndAnotherDiskBeginsAnew() throws {
    let archive = try KernelArchive(text: "Directory: sys/block/sda/device")
    let collector = systemCollector(archive)
    try archive.write("/proc/diskstats", line("sda", reads: 100, busy: 4_294_967_000))
    #expect(collector.collected().system("disk.busy_seconds", "sda") == 4_294_967)
    try archive.write("/proc/diskstats", line("sda", reads: 101, busy: 704))
    #expect(collector.collected().system("disk.busy_seconds", "sda") == 4_294_968)
    try archive.write("/proc/diskstats", line("sda", reads: 3, busy: 5))
    #expect(collector.collected().system("disk.busy_seconds", "sda") == 0.005)
    // It goes, and another comes with more reads.
    try archive.write("/proc/diskstats", line("sda", reads: 200, busy: 4_294_967_000))
    _ = collector.collected()
    try archive.write("/proc/diskstats", line("sdb", reads: 1))
    #expect(collector.collected().system("disk.busy_seconds", "sda") == nil)
    try archive.write("/proc/diskstats", line("sda", reads: 300, busy: 1_000))
    #expect(collector.collected().system("disk.busy_seconds", "sda") == 1)
  }

  @Test func aDiskThatComesLaterIsSeen() throws {
    let archive = try KernelArchive(text: "Directory: sys/block/sda/device")
    let collector = systemCollector(archive)
    try archive.write("/proc/diskstats", line("sda"))
    #expect(collector.collected().devices("disk.read_bytes") == ["sda"])
    try archive.write("/sys/block/sdb/device/model", "x\n")
    try archive.write("/proc/diskstats", line("sda") + line("sdb"))
    #expect(collector.collected().devices("disk.read_bytes") == ["sda", "sdb"])
  }

  @Test func aMachineWithoutDisksHasNoProblem() throws {
    let archive = try KernelArchive(text: "")
    try archive.write("/proc/diskstats", "")
    #expect(systemCollector(archive).collected().problems.isEmpty)
  }

  @Test func onlyDevicesThatNoOtherCountsForAreInterfaces() throws {
    let archive = try KernelArchive(capture: "training-server")
    let batch = systemCollector(archive).collected()
    #expect(batch.devices("network.received_bytes") == ["eno1", "eno2", "ib0", "eth0"])
  }
}

import Collectors
import Foundation
import Testing

@Suite struct CgroupCollectorTests {
  private static func collect(
    _ archive: KernelArchive,
    paths: [String] = []
  ) -> (batch: ReadingBatch, collector: CgroupCollector) {
    let collector = CgroupCollector(root: archive.root, paths: paths, clock: { 0 })
    var batch = ReadingBatch()
    collector.collect(into: &batch)
    return (batch, collector)
  }

  @Test func aContainerOfVersion2() throws {
    let (batch, _) = Self.collect(try KernelArchive(capture: "cgroup-v2-container"))
    #expect(batch.problems == [])
    let working = 2_046_820_352.0 - 201_326_592
    let expected: [String: Double] = [
      "memory.current_bytes": 2_046_820_352, "memory.working_set_bytes": working,
      "memory.limit_bytes": 2_147_483_648, "memory.limit_usage_ratio": working / 2_147_483_648,
      "memory.peak_bytes": 2_147_479_552, "memory.anonymous_bytes": 1_610_612_736, "memory.file_bytes": 402_653_184,
      "memory.shmem_bytes": 134_217_728, "memory.kernel_bytes": 33_554_432, "memory.swap_bytes": 0,
      "memory.swap_limit_bytes": 0, "memory.events.low": 0, "memory.events.high": 0, "memory.events.max": 41,
      "memory.events.oom": 3, "memory.events.oom_kill": 2, "cpu.seconds": 120.5, "cpu.user_seconds": 100,
      "cpu.system_seconds": 20.5, "cpu.limit_cores": 1.5, "cpu.throttled_seconds": 4.5, "cpu.periods": 900,
      "cpu.throttled_periods": 90, "pids.current": 37, "pids.limit": 1024,
    ]
    #expect(batch.values(CgroupCollector.self, "cgroup", "/") == expected)
    #expect(
      batch.values(CgroupCollector.self, "cgroup_device", "/", "nvme0n1") == [
        "io.read_bytes": 1_459_200, "io.written_bytes": 314_773_504, "io.read_operations": 192,
        "io.write_operations": 353,
      ]
    )
    // Its name is nowhere, and the kernel wrote another device before it.
    #expect(batch.values(CgroupCollector.self, "cgroup_device", "/", "8:0")?["io.read_bytes"] == 4096)
    #expect(batch.records.count == 1 + 2 + 3)
    #expect(
      batch.values(CgroupCollector.self, "cgroup_pressure", "/", "cpu") == [
        "pressure.some_seconds": 2.5, "pressure.full_seconds": 1, "pressure.some_ratio": 0.015,
        "pressure.full_ratio": 0.005,
      ]
    )
  }

  @Test func limitsAreThoseOfTheAncestorsToo() throws {
    let (batch, _) = Self.collect(try KernelArchive(capture: "cgroup-v2-slice"))
    #expect(batch.problems == [])
    let values = try #require(batch.values(CgroupCollector.self, "cgroup", "/system.slice/exporter.service"))
    #expect(values["memory.limit_bytes"] == 4_294_967_296 && values["memory.high_bytes"] == 3_221_225_472)
    #expect(values["memory.swap_limit_bytes"] == nil)
    #expect(values["cpu.limit_cores"] == 4 && values["pids.limit"] == 200)
    // The two files disagree for a moment: never below 0.
    #expect(values["memory.working_set_bytes"] == 0)
    // Siblings have filled the slice that holds the group's limit: the next one that is killed may be this one.
    #expect(values["memory.limit_usage_ratio"] == (1_073_741_824.0 - 201_326_592) / 4_294_967_296)
  }

  @Test func givenGroupsAreReadInstead() throws {
    let archive = try KernelArchive(capture: "cgroup-v2-slice")
    let (batch, _) = Self.collect(archive, paths: ["/system.slice", "/none", "/system.slice/../system.slice", "/"])
    #expect(batch.problems.count == 2 && batch.problems.allSatisfy { $0.contains("no such cgroup") })
    let slice = try #require(batch.values(CgroupCollector.self, "cgroup", "/system.slice"))
    #expect(slice["memory.current_bytes"] == 1_073_741_824 && slice["memory.limit_bytes"] == 4_294_967_296)
    #expect(slice["cpu.limit_cores"] == nil && slice["pids.limit"] == nil)
    #expect(batch.values(CgroupCollector.self, "cgroup", "/")?["cpu.seconds"] == 999)
    #expect(batch.values(CgroupCollector.self, "cgroup", "/system.slice/exporter.service") == nil)
  }

  @Test func aContainerOfVersion1() throws {
    let (batch, _) = Self.collect(try KernelArchive(capture: "cgroup-v1-container"))
    #expect(batch.problems == [])
    let working = 1_073_741_824.0 - 268_435_456
    let expected: [String: Double] = [
      "memory.current_bytes": 1_073_741_824, "memory.working_set_bytes": working,
      "memory.limit_bytes": 2_147_483_648, "memory.limit_usage_ratio": working / 2_147_483_648,
      "memory.peak_bytes": 2_147_483_648, "memory.anonymous_bytes": 402_653_184, "memory.file_bytes": 536_870_912,
      "memory.shmem_bytes": 67_108_864, "memory.kernel_bytes": 8_388_608, "memory.swap_bytes": 4096,
      "memory.events.max": 17, "memory.events.oom_kill": 4, "cpu.seconds": 60.5, "cpu.user_seconds": 50,
      "cpu.system_seconds": 10.5, "cpu.limit_cores": 0.5, "cpu.throttled_seconds": 1.5, "cpu.periods": 300,
      "cpu.throttled_periods": 30, "pids.current": 12,
    ]
    #expect(batch.values(CgroupCollector.self, "cgroup", "/docker/3f") == expected)
    #expect(
      batch.values(CgroupCollector.self, "cgroup_device", "/docker/3f", "8:0") == [
        "io.read_bytes": 4096, "io.written_bytes": 8192, "io.read_operations": 1, "io.write_operations": 2,
      ]
    )
  }

  @Test func bothVersionsTogether() throws {
    let (batch, _) = Self.collect(try KernelArchive(capture: "cgroup-hybrid"))
    #expect(batch.problems == [])
    let values = try #require(batch.values(CgroupCollector.self, "cgroup", "/a b"))
    #expect(values["memory.current_bytes"] == 1_073_741_824 && values["memory.limit_bytes"] == nil)
    #expect(values["cpu.seconds"] == 60.5 && values["cpu.limit_cores"] == nil)
    #expect(batch.values(CgroupCollector.self, "cgroup_pressure", "/a b", "cpu")?["pressure.some_seconds"] == 2.5)
  }

  @Test func usageIsThatBetweenTwoCollections() throws {
    let archive = try KernelArchive(capture: "cgroup-v2-container")
    var seconds = 100.0
    let collector = CgroupCollector(root: archive.root, clock: { seconds })
    func usage() -> [Double?] {
      var batch = ReadingBatch()
      collector.collect(into: &batch)
      let values = batch.values(CgroupCollector.self, "cgroup", "/")
      return [values?["cpu.usage_ratio"], values?["cpu.limit_usage_ratio"]]
    }
    #expect(usage() == [nil, nil])
    seconds += 10
    try archive.write("/sys/fs/cgroup/cpu.stat", "usage_usec 129500000\n")
    let second = usage()
    #expect(abs((second[0] ?? 0) - 0.9) < 1e-9 && abs((second[1] ?? 0) - 0.6) < 1e-9)
    // The same moment again, and a group that was made anew.
    #expect(usage() == [nil, nil])
    seconds += 10
    try archive.write("/sys/fs/cgroup/cpu.stat", "usage_usec 5\n")
    #expect(usage() == [nil, nil])
    seconds += 10
    try archive.write("/sys/fs/cgroup/cpu.stat", "usage_usec 10000005\n")
    #expect(usage()[0] == 1)
  }

  @Test func readingsThatNobodyWantsAreNotRead() throws {
    let archive = try KernelArchive(capture: "cgroup-v2-container")
    try archive.write("/sys/fs/cgroup/memory.current", "broken")
    let collector = CgroupCollector(root: archive.root, readings: ["io.read_bytes"], clock: { 0 })
    var batch = ReadingBatch()
    collector.collect(into: &batch)
    #expect(batch.problems == [] && batch.records.allSatisfy { $0.kind == 1 } && batch.records.count == 2)
  }

  @Test func withoutCgroupsThereIsNothing() throws {
    let (batch, _) = Self.collect(try KernelArchive(text: "Path: proc/self/cgroup\nLines: 0\n"))
    #expect(batch.records.isEmpty && batch.problems.isEmpty)
  }
}

/// What the parsers make of bytes that the kernel never wrote.
@Suite struct CgroupFaultTests {
  private static let captures = [
    "cgroup-v2-container", "cgroup-v2-slice", "cgroup-v1-container", "cgroup-hybrid",
  ]

  private static func files(_ archive: KernelArchive) throws -> [String] {
    let root = URL(filePath: archive.root).resolvingSymlinksInPath().path
    let all = try #require(FileManager.default.enumerator(atPath: root))
    return all.compactMap { $0 as? String }.filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: root + "/" + name, isDirectory: &isFolder) && !isFolder.boolValue
    }.sorted()
  }

  private static func collect(_ archive: KernelArchive) -> ReadingBatch {
    var batch = ReadingBatch()
    let collector = CgroupCollector(root: archive.root, clock: { 0 })
    collector.collect(into: &batch)
    return batch
  }

  private static func expectSound(_ batch: ReadingBatch, _ comment: String) {
    for value in batch.values.compactMap({ $0 }) where !(value >= 0 && value.isFinite) {
      Issue.record("\(comment): \(value)")
    }
  }

  /// Each file missing, cut in several places, and replaced by what makes no sense.
  @Test(arguments: captures)
  func aFileThatIsNotWhatItShouldBeSpoilsNoOther(capture: String) throws {
    let archive = try KernelArchive(capture: capture)
    for name in try Self.files(archive) {
      let path = "/" + name
      let whole = try String(contentsOfFile: archive.root + path, encoding: .utf8)
      try archive.remove(path)
      Self.expectSound(Self.collect(archive), "\(path) missing")
      let bytes = Array(whole.utf8)
      for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 6)) {
        try archive.write(path, String(decoding: bytes[..<count], as: UTF8.self))
        Self.expectSound(Self.collect(archive), "\(path) cut at \(count)")
      }
      let garbage = [
        "-1\n", "99999999999999999999999\n", "nan nan\n", "\0\0\0", "\n\n \n", ":::\n::\n:", "max 0\n", "0 0\n",
        "some avg10=nan total=x\n", "8:0 rbytes= wbytes=-1 =\n= =\n", "1:\n", String(repeating: "9 ", count: 100_000),
        "0::/../../..\n", "1 1 1:1 / /\\ rw - cgroup2\n", "1 1 1:1 / \\057\\377\\04 rw - cgroup2 x x\n",
      ]
      for text in garbage {
        try archive.write(path, text)
        Self.expectSound(Self.collect(archive), "\(path): \(text.prefix(40).debugDescription)")
      }
      try archive.write(path, whole)
    }
    #expect(Self.collect(archive).problems == [])
  }

  @Test func whatCannotBeUnderstoodIsSaid() throws {
    let archive = try KernelArchive(capture: "cgroup-v2-container")
    try archive.write("/sys/fs/cgroup/memory.max", "broken\n")
    let batch = Self.collect(archive)
    #expect(batch.problems == ["/sys/fs/cgroup/memory.max: it is not what the kernel writes there"])
    let values = try #require(batch.values(CgroupCollector.self, "cgroup", "/"))
    #expect(values["memory.limit_bytes"] == nil && values["memory.current_bytes"] == 2_046_820_352)
  }

  @Test func parsersBearEveryCut() throws {
    let files = [
      "12:pids:/docker/3f (deleted)\n9:cpu,cpuacct:/a:b\n0::/../c\n",
      "32 29 0:28 /docker/3f /sys/fs/cgroup/cpu\\040x rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct\n",
      "some avg10=1.50 avg60=0.20 avg300=0.00 total=2500000\nfull avg10=0.50 avg60=0.00 avg300=0.00 total=1\n",
      "8:16 8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n", "8:0 Read 4096\n8:0 Write 8192\nTotal 9\n",
      "150000 100000\n", "max 100000\n", "anon 1\nfile 18446744073709551616\n",
    ]
    for file in files {
      for count in 0...file.utf8.count {
        withBytes(String(decoding: file.utf8.prefix(count), as: UTF8.self)) { bytes in
          _ = CgroupMounts(cgroup: bytes, mounts: bytes)
          _ = PressureStall(parsing: bytes)
          _ = CgroupDeviceIO.parse(unified: bytes)
          var devices: [CgroupDeviceIO] = []
          CgroupDeviceIO.parse(bytes: bytes, into: &devices, read: \.readBytes, write: \.writtenBytes)
          #expect(devices.count <= 1)
          _ = (
            CgroupFiles.cores(parsing: bytes), CgroupFiles.limit(parsing: bytes), CgroupFiles.numbers(parsing: bytes)
          )
        }
      }
    }
  }
}

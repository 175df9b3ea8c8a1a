import Collectors
import Foundation
import Machines
import Testing

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

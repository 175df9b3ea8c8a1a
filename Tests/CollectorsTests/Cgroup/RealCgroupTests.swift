import Collectors
import Foundation
import Testing

/// The control groups of this machine. A test makes one of its own, and removes it.
@Suite struct RealCgroupTests {
  private static let mounts: CgroupMounts? = {
    let files = KernelFiles()
    guard let cgroup = try? files.read("/proc/self/cgroup", { Array($0) }) else { return nil }
    return try? files.read("/proc/self/mountinfo") { mounts in
      cgroup.withUnsafeBufferPointer { CgroupMounts(cgroup: $0, mounts: mounts) }
    }
  }()

  private static var memory: CgroupMounts.Hierarchy? { mounts?.hierarchy(of: "memory") }
  private static var limitFile: String { memory?.isUnified == true ? "/memory.max" : "/memory.limit_in_bytes" }

  /// A group below this process's own, with its path below the mount.
  private final class Group {
    let folder: String
    let path: String

    init?(in parent: String, named name: String = "training-exporter-\(UUID().uuidString)") {
      guard let memory = RealCgroupTests.memory else { return nil }
      folder = parent + "/" + name
      path = String(folder.dropFirst(memory.mountPoint.count))
      guard mkdir(folder, 0o755) == 0 else { return nil }
    }

    deinit { rmdir(folder) }

    func write(_ name: String, _ text: String) -> Bool {
      guard let file = FileHandle(forWritingAtPath: folder + name) else { return false }
      return (try? file.write(contentsOf: Data(text.utf8))) != nil
    }
  }

  private static let mayLimit: Bool = {
    guard let memory, let group = Group(in: memory.ownFolder) else { return false }
    return group.write(limitFile, "134217728")
  }()

  @Test(.enabled(if: mayLimit, "no cgroup with a memory limit can be made here"))
  func aLimitIsTheLowestOfAllAncestors() throws {
    let memory = try #require(Self.memory)
    let outer = try #require(Group(in: memory.ownFolder))
    #expect(outer.write(Self.limitFile, "134217728"))
    if memory.isUnified { _ = outer.write("/cgroup.subtree_control", "+memory") }
    let inner = try #require(Group(in: outer.folder, named: "inner"))
    if FileManager.default.fileExists(atPath: inner.folder + Self.limitFile) {
      _ = inner.write(Self.limitFile, "268435456")
    }
    var batch = ReadingBatch()
    CgroupCollector(paths: [inner.path, outer.path]).collect(into: &batch)
    for group in [inner, outer] {
      let values = try #require(batch.values(CgroupCollector.self, "cgroup", group.path))
      #expect(values["memory.limit_bytes"] == 134_217_728)
      #expect((values["memory.working_set_bytes"] ?? 0) < 1_048_576)
    }
  }

  @Test(.enabled(if: memory != nil, "there are no cgroups here"))
  func thisProcesssGroupIsRead() throws {
    let collector = CgroupCollector()
    var batch = ReadingBatch()
    collector.collect(into: &batch)
    #expect(batch.problems == [])
    let path = try #require(Self.mounts?.ownPath)
    let values = try #require(batch.values(CgroupCollector.self, "cgroup", path))
    #expect((values["cpu.seconds"] ?? 1) > 0)
    // A root group of version 2 has none of it.
    if let current = values["memory.current_bytes"] { #expect(current > 1e6) }
    if let working = values["memory.working_set_bytes"], let current = values["memory.current_bytes"] {
      #expect(working <= current)
    }
  }
}

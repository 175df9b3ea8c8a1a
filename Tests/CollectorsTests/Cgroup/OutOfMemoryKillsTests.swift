import Collectors
import Foundation
import Machines
import Testing

@Suite struct OutOfMemoryKillsTests {
  private static let mounts = "31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"

  private static func archive() throws -> KernelArchive {
    let archive = try KernelArchive(text: "")
    try archive.write("/proc/self/mountinfo", mounts)
    try archive.write("/proc/42/cgroup", "0::/training.slice/run-1.scope\n")
    try archive.write("/proc/vmstat", "oom_kill 7\n")
    try count(archive, "training.slice", 2)
    try count(archive, "training.slice/run-1.scope", 1)
    return archive
  }

  private static func count(_ archive: KernelArchive, _ group: String, _ kills: Int) throws {
    try archive.write("/sys/fs/cgroup/\(group)/memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill \(kills)\n")
  }

  private static func shown(_ kills: OutOfMemoryKills) -> String {
    kills.sinceThen().map { "\($0.group ?? "machine"): \($0.count)" } ?? "unknown"
  }

  @Test func theDeepestGroupThatIsLeftCounts() throws {
    let archive = try Self.archive()
    let kills = OutOfMemoryKills(of: 42, root: archive.root)
    #expect(Self.shown(kills) == "/training.slice/run-1.scope: 0")
    try Self.count(archive, "training.slice/run-1.scope", 3)
    #expect(Self.shown(kills) == "/training.slice/run-1.scope: 2")
    // Groups go with their last process.
    try archive.remove("/sys/fs/cgroup/training.slice/run-1.scope")
    try Self.count(archive, "training.slice", 4)
    #expect(Self.shown(kills) == "/training.slice: 2")
    try archive.remove("/sys/fs/cgroup/training.slice")
    try archive.write("/proc/vmstat", "oom_kill 8\n")
    #expect(Self.shown(kills) == "machine: 1")
    try archive.remove("/proc/vmstat")
    #expect(Self.shown(kills) == "unknown")
  }

  @Test func versionOneHasAFileOfItsOwn() throws {
    let archive = try KernelArchive(text: "")
    try archive.write("/proc/self/mountinfo", "31 23 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n")
    try archive.write("/proc/42/cgroup", "4:memory:/docker/a\n")
    func count(_ kills: Int) throws {
      let text = "oom_kill_disable 0\nunder_oom 0\noom_kill \(kills)\n"
      try archive.write("/sys/fs/cgroup/memory/docker/a/memory.oom_control", text)
    }
    try count(5)
    let kills = OutOfMemoryKills(of: 42, root: archive.root)
    try count(6)
    #expect(Self.shown(kills) == "/docker/a: 1")
  }

  @Test func ofThisProcessTheKernelSays() {
    // Whichever groups there are here: the machine counts since Linux 4.13.
    #expect(OutOfMemoryKills(of: UInt64(getpid())).sinceThen() != nil)
  }
}

/// How many processes the kernel has killed for want of memory in the control group of a process, since it was looked at
/// first. Groups go with their last process, so those above are counted, too, and the machine.
package struct OutOfMemoryKills: Sendable {
  private struct Level {
    /// nil: the machine.
    var group: String?
    var path: String
    var count: UInt64
  }

  /// Deepest first.
  private let levels: [Level]
  private let root: String

  /// Reads the counts as they are now.
  ///
  /// Sources: `memory.events` (Documentation/admin-guide/cgroup-v2.rst, `oom_kill`), `memory.oom_control` of version 1, and
  /// `/proc/vmstat`.
  ///
  /// - Parameters:
  ///   - id: the process.
  ///   - root: what stands in for `/`.
  package init(of id: UInt64, root: String = "") {
    let files = KernelFiles(root: root)
    var levels: [Level] = []
    func add(_ group: String?, _ path: String) {
      guard let count = Self.count(files, path) else { return }
      levels.append(Level(group: group, path: path, count: count))
    }
    let own = (try? files.read("/proc/\(id)/cgroup") { Array($0) }) ?? []
    let mounts = try? files.read("/proc/self/mountinfo") { mounts in
      own.withUnsafeBufferPointer { CgroupMounts(cgroup: $0, mounts: mounts) }
    }
    if let hierarchy = mounts?.hierarchy(of: "memory") {
      for folder in hierarchy.folders(from: hierarchy.ownFolder) {
        let shown = String(folder.dropFirst(hierarchy.mountPoint.count))
        add(shown.isEmpty ? "/" : shown, folder + (hierarchy.isUnified ? "/memory.events" : "/memory.oom_control"))
      }
    }
    add(nil, "/proc/vmstat")
    self.levels = levels
    self.root = root
  }

  /// How many there were since, in the deepest group that is still there; nil: the kernel does not say.
  package func sinceThen() -> (group: String?, count: UInt64)? {
    let files = KernelFiles(root: root)
    for level in levels {
      if let count = Self.count(files, level.path) {
        return (level.group, count >= level.count ? count - level.count : count)
      }
    }
    return nil
  }

  private static let key = "oom_kill"

  private static func count(_ files: KernelFiles, _ path: String) -> UInt64? {
    (try? files.read(path, CgroupFiles.numbers))?[key]
  }
}

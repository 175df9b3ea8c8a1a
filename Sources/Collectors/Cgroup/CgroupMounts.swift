/// Where the control groups are: which hierarchy has which controller, where it is mounted, and which group of it this
/// process is in. Pure: takes `/proc/self/cgroup` and `/proc/self/mountinfo`.
package struct CgroupMounts: Sendable, Hashable {
  package struct Hierarchy: Sendable, Hashable {
    /// Version 2; without: version 1.
    package var isUnified: Bool
    /// The folder it is mounted at, without a trailing slash.
    package var mountPoint: String
    /// The folder of this process's own group, at or below it.
    package var ownFolder: String
  }

  /// By the controller's name; version 1.
  package private(set) var controllers: [String: Hierarchy] = [:]
  package private(set) var unified: Hierarchy?
  /// As `/proc/self/cgroup` says it, `/` in a namespace of its own; that of version 2 where there is one.
  package private(set) var ownPath = "/"

  /// `/proc/self/mountinfo` has a line for each mount of this process's view; a machine full of containers has thousands.
  package static let mountsMax = 1 << 16

  package init(cgroup: UnsafeBufferPointer<UInt8>, mounts: UnsafeBufferPointer<UInt8>) {
    let mounts = Self.parse(mounts: mounts)
    var unifiedPath: String?
    var memoryPath: String?
    var lines = ByteScanner(cgroup)
    while let line = lines.line() {
      // `4:memory:/a`, `0::/a`; a path may have colons.
      let parts = line.rest.split(separator: UInt8(ascii: ":"), maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      var path = String(decoding: parts[2], as: UTF8.self)
      // A group that is removed while processes are still in it.
      if path.hasSuffix(" (deleted)") { path.removeLast(10) }
      guard path.hasPrefix("/") else { continue }
      let names = String(decoding: parts[1], as: UTF8.self)
      if names.isEmpty {
        unifiedPath = path
        unified = Self.resolve(path, mounts.filter(\.isUnified))
      }
      for name in names.split(separator: ",").map(String.init) where !name.hasPrefix("name=") {
        if name == "memory" { memoryPath = path }
        controllers[name] = Self.resolve(path, mounts.filter { !$0.isUnified && $0.options.contains(name) })
      }
    }
    // Where both are there, what version 1 does not have is all that version 2 is asked for.
    ownPath = (controllers.isEmpty ? unifiedPath : memoryPath ?? unifiedPath) ?? "/"
  }

  /// All that there are.
  package var hierarchies: [Hierarchy] { Array(controllers.values) + (unified.map { [$0] } ?? []) }

  /// The hierarchy that has a controller: version 1's own, else the common one of version 2.
  package func hierarchy(of controller: String) -> Hierarchy? { controllers[controller] ?? unified }

  private struct Mount {
    var isUnified: Bool
    /// The group that is seen at the mount point.
    var root: String
    var point: String
    var options: [String]
  }

  private static func parse(mounts bytes: UnsafeBufferPointer<UInt8>) -> [Mount] {
    var mounts: [Mount] = []
    var count = 0
    var lines = ByteScanner(bytes)
    while count < mountsMax, var line = lines.line() {
      count += 1
      // `31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw`: any number of words before the dash.
      var fields: [UnsafeBufferPointer<UInt8>] = []
      while fields.count < 5, let word = line.word() { fields.append(word) }
      while let word = line.word() { if word.equals("-") { break } }
      guard fields.count == 5, let type = line.word(), type.equals("cgroup") || type.equals("cgroup2") else { continue }
      _ = line.word()
      let options = line.text() ?? ""
      mounts.append(
        Mount(
          isUnified: type.equals("cgroup2"),
          root: unescape(fields[3]),
          point: unescape(fields[4]),
          options: options.split(separator: ",").map(String.init)
        )
      )
    }
    return mounts
  }

  /// `\040` stands for a blank, and so on.
  private static func unescape(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let digits = bytes[(index + 1)..<max(index + 1, min(index + 4, bytes.count))]
      if bytes[index] == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (0x30...0x37).contains($0) }) {
        result.append(digits.reduce(0) { $0 &* 8 &+ ($1 & 7) })
        index += 4
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// A container that sees the host's paths has its own group mounted as the root; one with a namespace of its own is
  /// at `/`. A path that leads out of what is mounted (`/../a`) is not followed.
  private static func resolve(_ path: String, _ mounts: [Mount]) -> Hierarchy? {
    guard let mount = mounts.first(where: { below($0.root, path) != nil }) ?? mounts.first else { return nil }
    let rest = below(mount.root, path) ?? ""
    let point = mount.point == "/" ? "" : mount.point
    return Hierarchy(
      isUnified: mount.isUnified,
      mountPoint: point,
      ownFolder: isPlain(rest) ? point + rest : point
    )
  }

  /// What of `path` is below `root`: empty, or with a slash first; nil: it is not below it.
  private static func below(_ root: String, _ path: String) -> String? {
    if root == "/" { return path == "/" ? "" : path }
    guard path.hasPrefix(root) else { return nil }
    let rest = String(path.dropFirst(root.count))
    return rest.isEmpty || rest.hasPrefix("/") ? rest : nil
  }

  /// Whether no part of a path leads up.
  package static func isPlain(_ path: String) -> Bool {
    !path.split(separator: "/").contains { $0 == ".." || $0 == "." }
  }
}

extension CgroupMounts.Hierarchy {
  /// The group's folder and those of its ancestors, itself first, as far as they are seen here.
  package func folders(from folder: String) -> [String] {
    var folders = [folder]
    var folder = folder
    while folder.count > mountPoint.count, folders.count < Self.depthMax, let slash = folder.lastIndex(of: "/") {
      folder = String(folder[..<slash])
      folders.append(folder)
    }
    return folders
  }

  /// Folder of a group by its path below the mount; nil: it leads up.
  package func folder(of path: String) -> String? {
    guard CgroupMounts.isPlain(path) else { return nil }
    let parts = path.split(separator: "/")
    return parts.isEmpty ? mountPoint : mountPoint + "/" + parts.joined(separator: "/")
  }

  /// Deeper than any that a container runtime makes; each costs some files.
  private static let depthMax = 64
}

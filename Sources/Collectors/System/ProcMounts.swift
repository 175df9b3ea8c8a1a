/// One line of `/proc/self/mountinfo`. Pure.
struct ProcMount: Sendable, Hashable {
  /// Unique among what is mounted.
  var id: String
  /// `8:1`; the same for all mounts of one file system.
  var number: String
  /// The folder of the file system that is mounted.
  var root: String
  var path: String
  var type: String
  var device: String

  /// Nil: it is no such line.
  init?(parsing line: inout ByteScanner) {
    guard let id = line.text(), line.word() != nil, let number = line.text(), let root = line.word(),
      let path = line.word(), line.word() != nil
    else { return nil }
    // Optional fields, as many as there are, up to a dash.
    while let field = line.word(), !field.equals("-") {}
    guard let type = line.text(), let device = line.word() else { return nil }
    self.id = id
    self.number = number
    self.root = Self.text(root)
    self.path = Self.text(path)
    self.type = type
    self.device = Self.text(device)
  }

  /// All lines; nil: there are some, and none is understood.
  static func all(parsing bytes: UnsafeBufferPointer<UInt8>) -> [ProcMount]? {
    var mounts: [ProcMount] = []
    var scanner = ByteScanner(bytes)
    while var line = scanner.line() {
      if let mount = ProcMount(parsing: &line) { mounts.append(mount) }
    }
    return mounts.isEmpty ? nil : mounts
  }

  /// Blanks, line ends and backslashes stand there as three octal digits: `\040`.
  private static func text(_ word: UnsafeBufferPointer<UInt8>) -> String {
    guard word.contains(UInt8(ascii: "\\")) else { return String(decoding: word, as: UTF8.self) }
    var bytes: [UInt8] = []
    var index = 0
    while index < word.count {
      if word[index] == UInt8(ascii: "\\"), index + 3 < word.count {
        let digits = word[(index + 1)...(index + 3)].map { $0 &- UInt8(ascii: "0") }
        if digits.allSatisfy({ $0 < 8 }), digits[0] < 4 {
          bytes.append(digits[0] << 6 | digits[1] << 3 | digits[2])
          index += 4
          continue
        }
      }
      bytes.append(word[index])
      index += 1
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Those that data lies on, each file system once: what is mounted at several places, as containers do with single
  /// files, at its most general place. What another mount covers is left out.
  static func withData(_ mounts: [ProcMount]) -> [ProcMount] {
    var last: [String: Int] = [:]
    for (index, mount) in mounts.enumerated() { last[mount.path] = index }
    var best: [String: Int] = [:]
    for (index, mount) in mounts.enumerated() where last[mount.path] == index && mount.holdsData {
      if let other = best[mount.number], !mount.isMoreGeneral(than: mounts[other]) { continue }
      best[mount.number] = index
    }
    return best.values.sorted().map { mounts[$0] }
  }

  private func isMoreGeneral(than other: ProcMount) -> Bool {
    if (root == "/") != (other.root == "/") { return root == "/" }
    return path.utf8.count < other.path.utf8.count
  }

  private var holdsData: Bool {
    // A container's root is one.
    if type == "overlay" { return path == "/" }
    if Self.typesWithoutData.contains(type) || Self.files.contains(path) { return false }
    return !Self.foldersWithoutData.contains { path == $0 || path.hasPrefix($0 + "/") }
  }

  /// What node_exporter leaves out, and memory, and views of something else.
  private static let typesWithoutData: Set<String> = [
    "autofs", "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "devtmpfs", "efivarfs",
    "fusectl", "fuse.gvfsd-fuse", "fuse.lxcfs", "fuse.portal", "hugetlbfs", "iso9660", "mqueue", "nsfs", "overlay",
    "proc", "pstore", "ramfs", "resctrl", "rpc_pipefs", "securityfs", "selinuxfs", "squashfs", "sysfs", "tmpfs",
    "tracefs", "erofs",
  ]
  private static let foldersWithoutData = [
    "/dev", "/proc", "/sys", "/run/credentials", "/var/lib/docker", "/var/lib/containers/storage", "/var/lib/kubelet",
  ]
  /// Single files that containers have mounted.
  private static let files: Set<String> = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"]
}

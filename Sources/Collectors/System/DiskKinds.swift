/// Tells disks apart by `/sys/block`: which are a machine's own, so that the sum over them counts every byte once, and
/// which lie above those. It remembers the answer while the names stay.
struct DiskKinds {
  enum Kind: Equatable {
    /// A whole disk that is a device of its own.
    case disk
    /// A whole block device that is made of others, or by software: device-mapper, md, nbd, bcache. With the name that
    /// people gave it, where it has one.
    case volume(name: String)
    /// A partition, or nothing that holds data: loop, ram, zram; a path below an NVMe multipath disk.
    case other
  }

  private let files: KernelFiles
  private var names: [String] = []
  private var kinds: [Kind] = []

  init(_ files: KernelFiles) { self.files = files }

  /// One for each name of `/proc/diskstats`.
  mutating func kinds(of names: [String]) -> [Kind] {
    if names == self.names { return kinds }
    self.names = names
    kinds = files.exists("/sys/block") ? names.map(bySystem) : names.map(Self.byName)
    if !kinds.contains(.disk) {
      // Some virtual machines have no device behind their disks.
      kinds = zip(names, kinds).map { name, kind in
        if case .volume = kind, slaves(name).isEmpty { return .disk }
        return kind
      }
    }
    return kinds
  }

  private func bySystem(_ name: String) -> Kind {
    let path = Self.path(name)
    guard files.exists(path), !Self.isInMemory(name), (try? files.text(path + "/hidden")) != "1" else { return .other }
    if files.exists(path + "/device") { return .disk }
    return .volume(name: (try? files.text(path + "/dm/name")) ?? name)
  }

  private func slaves(_ name: String) -> [String] { (try? files.entries(Self.path(name) + "/slaves")) ?? [] }

  private static func path(_ name: String) -> String { "/sys/block/" + name.replacing("/", with: "!") }

  /// Where `/sys` is not to be seen: what the kernel's names tell.
  static func byName(_ name: String) -> Kind {
    if isInMemory(name) || isPartition(name) { return .other }
    return ["dm-", "md", "nbd", "bcache", "drbd"].contains(where: name.hasPrefix) ? .volume(name: name) : .disk
  }

  private static func isInMemory(_ name: String) -> Bool { ["loop", "ram", "zram"].contains(where: name.hasPrefix) }

  /// `sda1`, `vda1`, and `nvme0n1p1`, `mmcblk0p1`, `md0p1`.
  private static func isPartition(_ name: String) -> Bool {
    let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty else { return false }
    let stem = name.dropLast(digits.count)
    if ["sd", "hd", "vd", "xvd"].contains(where: stem.hasPrefix) { return true }
    return stem.last == "p" && stem.dropLast().last?.isNumber == true
  }
}

/// Tells devices whose files change without inotify hearing of it: network and user-space file systems.
struct RemoteDevices {
  private var known: [UInt64: Bool] = [:]
  private let mountInfoPath: LogPath
  private let files: any FileSystem
  /// A machine with many containers has some thousand mounts of about 200 bytes.
  private static let mountInfoBytesMax = 4 << 20

  private static let remoteTypes: Set<String> = [
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "glusterfs", "beegfs", "gpfs", "orangefs",
    "virtiofs", "vboxsf", "coda", "ocfs2", "gfs2", "wekafs", "fuse",
  ]

  init(mountInfoPath: String = "/proc/self/mountinfo", files: any FileSystem = RealFileSystem()) {
    self.files = files
    self.mountInfoPath = LogPath(mountInfoPath)
  }

  mutating func contains(_ device: UInt64) -> Bool {
    if let isRemote = known[device] { return isRemote }
    for (device, isRemote) in Self.parse(readMountInfo()) { known[device] = isRemote }
    let isRemote = known[device] ?? false
    known[device] = isRemote
    return isRemote
  }

  /// Lines such as `36 35 98:0 / /mnt rw,noatime shared:1 - nfs4 server:/export rw`.
  static func parse(_ text: String) -> [UInt64: Bool] {
    var devices: [UInt64: Bool] = [:]
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 2, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else { continue }
      let numbers = fields[2].split(separator: ":").compactMap { UInt64($0) }
      guard numbers.count == 2 else { continue }
      let type = String(fields[dash + 1])
      let device =
        (numbers[1] & 0xFF) | (numbers[0] & 0xFFF) << 8 | (numbers[1] & ~0xFF) << 12 | (numbers[0] & ~0xFFF) << 32
      devices[device] = remoteTypes.contains(type) || type.hasPrefix("fuse.")
    }
    return devices
  }

  private func readMountInfo() -> String {
    guard let descriptor = try? files.open(mountInfoPath) else { return "" }
    defer { files.close(descriptor) }
    var text: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while text.count < Self.mountInfoBytesMax {
      let count = piece.withUnsafeMutableBytes { (try? files.read(descriptor, into: $0, at: text.count)) ?? 0 }
      if count == 0 { break }
      text += piece[..<count]
    }
    return String(decoding: text, as: UTF8.self)
  }
}

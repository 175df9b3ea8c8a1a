internal import MetricModel

/// Space on mounted file systems, by `/proc/self/mountinfo` and statvfs(3), and in `/dev/shm`. It never waits for long
/// for one that hangs.
final class FileSystemPart: SystemPart {
  private enum Kind {
    static let fileSystem = 0
    static let hung = 1
    static let sharedMemory = 2
  }

  /// Far more than a machine for training has; each is asked every time.
  static let mountsMax = 512

  private let files: KernelFiles
  private let inquiry: MountInquiry

  init(_ system: SystemSource) {
    files = system.files
    inquiry = MountInquiry(timeout: system.statusTimeout, status: system.status)
  }

  func collect(into batch: inout ReadingBatch, as kinds: RecordKinds) {
    guard let all = files.parse("/proc/self/mountinfo", into: &batch, { ProcMount.all(parsing: $0) }) else { return }
    let areWanted = kinds[Kind.fileSystem] != nil || kinds[Kind.hung] != nil
    var mounts = areWanted ? ProcMount.withData(all) : []
    if mounts.count > Self.mountsMax {
      batch.fail("/proc/self/mountinfo: of \(mounts.count) file systems only \(Self.mountsMax) are looked at")
      mounts.removeLast(mounts.count - Self.mountsMax)
    }
    let sharedMemory = kinds[Kind.sharedMemory].flatMap { _ in all.last { $0.path == "/dev/shm" } }
    let asked = mounts + (sharedMemory.map { [$0] } ?? [])
    let answers = inquiry.ask(
      asked.map { MountInquiry.Question(key: "\($0.id) \($0.path)", path: files.root + $0.path) }
    )
    var silent: [String] = []
    for (mount, answer) in zip(asked, answers) {
      switch answer {
      case .space(let space)?:
        add(space, of: mount, to: &batch, kinds, isSharedMemory: mount.path == "/dev/shm")
      case .unreadable(let reason)?: batch.fail("\(mount.path): \(reason)")
      case .absent?: break
      case nil: silent.append(mount.path)
      }
    }
    if let kind = kinds[Kind.hung] { batch.add(kind, values: [Double(silent.count)]) }
    if !silent.isEmpty {
      batch.fail("file systems that do not answer: \(silent.prefix(Self.namesMax).joined(separator: ", "))")
    }
  }

  /// As many as a message is still read with.
  private static let namesMax = 5

  private func add(
    _ space: FileSystemStatus.Space,
    of mount: ProcMount,
    to batch: inout ReadingBatch,
    _ kinds: RecordKinds,
    isSharedMemory: Bool
  ) {
    let used = max(0, space.sizeBytes - space.freeBytes)
    if isSharedMemory {
      if let kind = kinds[Kind.sharedMemory] { batch.add(kind, values: [space.sizeBytes, used, space.availableBytes]) }
    } else if let kind = kinds[Kind.fileSystem] {
      batch.add(
        kind,
        labels: [mount.path, mount.device, mount.type],
        values: [
          space.sizeBytes, space.freeBytes, space.availableBytes, used, space.inodes, space.freeInodes,
          space.isReadOnly ? 1 : 0,
        ]
      )
    }
  }
}

extension FileSystemPart {
  private static let source = "/proc/self/mountinfo and statvfs(3); Documentation/filesystems/proc.rst, section 3.5"

  private static func bytes(_ name: String, _ help: String) -> ReadingDescriptor {
    ReadingDescriptor(name, .gauge, unit: "bytes", help: help, source: source)
  }

  static let records = [
    RecordDescriptor(
      "file system",
      help: "A mounted file system that data lies on, once, wherever else it is mounted, too. Without the types and "
        + "folders that node_exporter leaves out, and without tmpfs; the overlay at / is there, as a container's root.",
      labels: [
        RecordDescriptor.Label("mountpoint", "Where it is mounted."),
        RecordDescriptor.Label("device", "What is mounted: /dev/nvme0n1p2, server:/export."),
        RecordDescriptor.Label("fs_type", "The file system's type: ext4, xfs, nfs4."),
      ],
      readings: [
        bytes("file_system.size_bytes", "The size."),
        bytes("file_system.free_bytes", "What is free, for root too."),
        bytes("file_system.available_bytes", "What is free for users."),
        bytes("file_system.used_bytes", "The size less what is free."),
        ReadingDescriptor("file_system.inodes", .gauge, help: "Files that there is room for.", source: source),
        ReadingDescriptor("file_system.free_inodes", .gauge, help: "Files that there is room for yet.", source: source),
        ReadingDescriptor(
          "file_system.read_only",
          .gauge,
          help: "1 where nothing can be written, as after errors of the disk, else 0.",
          source: source,
          joining: .maximum
        ),
      ]
    ),
    RecordDescriptor(
      "hung file systems",
      help: "File systems that do not answer.",
      readings: [
        ReadingDescriptor(
          "file_system.hung",
          .gauge,
          help: "Mounted file systems that do not answer, such as those of an NFS server that is gone. They are left "
            + "out, and asked again once they have answered.",
          source: source
        )
      ]
    ),
    RecordDescriptor(
      "shared memory",
      help: "/dev/shm, where PyTorch's data loaders pass batches on; in a container it is small unless told otherwise.",
      readings: [
        bytes("shared_memory.size_bytes", "What it can hold."),
        bytes("shared_memory.used_bytes", "What it holds."),
        bytes("shared_memory.available_bytes", "What it can hold yet."),
      ]
    ),
  ]
}

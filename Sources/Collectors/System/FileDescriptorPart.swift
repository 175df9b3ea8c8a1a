internal import MetricModel

/// `/proc/sys/fs/file-nr`: open files of all processes together.
final class FileDescriptorPart: SystemPart {
  private let files: KernelFiles

  init(_ system: SystemSource) { files = system.files }

  func collect(into batch: inout ReadingBatch, as kinds: RecordKinds) {
    guard let kind = kinds[0] else { return }
    let counts = files.parse("/proc/sys/fs/file-nr", into: &batch) { bytes -> [Double?]? in
      var scanner = ByteScanner(bytes)
      // The second has been zero since kernel 2.6.
      guard let allocated = scanner.integer(), scanner.integer() != nil, let max = scanner.integer() else { return nil }
      return [Double(allocated), Double(max)]
    }
    if let counts { batch.add(kind, values: counts) }
  }

  private static let source = "/proc/sys/fs/file-nr; Documentation/admin-guide/sysctl/fs.rst"

  static let records = [
    RecordDescriptor(
      "open files",
      help: "Open files of all processes together.",
      readings: [
        ReadingDescriptor("files.open", .gauge, help: "Files that are open.", source: source),
        ReadingDescriptor(
          "files.max",
          .gauge,
          help: "How many may be open; by default as good as no limit.",
          source: source
        ),
      ]
    )
  ]
}

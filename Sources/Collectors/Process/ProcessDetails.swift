/// What is read of a process that belongs to a tree, besides its `stat`. What may not be read is nil.
struct ProcessDetails {
  var status: ProcessStatus?
  var io: ProcessIO?
  var openFiles: Int?
  var badness: UInt64?
  var proportionalBytes: UInt64?
}

/// Reads details, and only from files whose readings somebody wants. It keeps the proportional memory, which is read
/// less often than the rest.
final class ProcessDetailReader {
  private let files: KernelFiles
  private let own: UInt64?
  private let readsStatus: Bool
  private let readsIO: Bool
  private let readsOpenFiles: Bool
  private let readsBadness: Bool
  private let proportionalInterval: Double?
  private var proportional: [ProcessTable.Identity: Proportional] = [:]

  private struct Proportional {
    var bytes: UInt64?
    var seconds: Double
  }

  init(_ files: KernelFiles, own: UInt64?, wanted: Set<ProcessReading>, proportionalInterval: Double?) {
    self.files = files
    self.own = own
    let wants = { (readings: Set<ProcessReading>) in !wanted.isDisjoint(with: readings) }
    readsStatus = wants([.anonymousBytes, .sharedMemoryBytes, .swapBytes, .voluntarySwitches, .involuntarySwitches])
    readsIO = wants([.readBytes, .writtenBytes, .readCallBytes, .writeCallBytes])
    readsOpenFiles = wants([.openFiles])
    readsBadness = wants([.badness])
    self.proportionalInterval = wants([.proportionalBytes]) ? proportionalInterval : nil
  }

  /// Nil: the process is gone.
  func read(_ identity: ProcessTable.Identity, at seconds: Double) -> ProcessDetails? {
    let folder = "/proc/\(identity.id)"
    var isMissing = false
    func read<Result>(_ name: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
      do {
        return try files.read(folder + name, body)
      } catch {
        if error == .absent { isMissing = true }
        return nil
      }
    }
    var details = ProcessDetails()
    // First, because of what `ProcessLedger` makes of children that end meanwhile.
    if readsIO { details.io = read("/io") { ProcessIO(parsing: $0) } }
    if readsStatus { details.status = read("/status") { ProcessStatus(parsing: $0) } }
    if readsOpenFiles { details.openFiles = try? files.openFiles(folder + "/fd", isOwn: identity.id == own) }
    if readsBadness {
      details.badness =
        read("/oom_score") { bytes in
          var scanner = ByteScanner(bytes)
          return scanner.integer()
        } ?? nil
    }
    if let proportionalInterval {
      let known = proportional[identity]
      if let known, seconds - known.seconds < proportionalInterval {
        details.proportionalBytes = known.bytes
      } else {
        details.proportionalBytes = read("/smaps_rollup") { ProcessMemoryMap.proportionalBytes(parsing: $0) } ?? nil
        proportional[identity] = Proportional(bytes: details.proportionalBytes, seconds: seconds)
      }
    }
    // A kernel may be built without one of the files.
    if isMissing, !files.exists(folder) { return nil }
    return details
  }

  /// Forgets what is kept of others.
  func keep(_ alive: some Sequence<ProcessTable.Identity>) {
    guard !proportional.isEmpty else { return }
    let alive = Set(alive)
    proportional = proportional.filter { alive.contains($0.key) }
  }
}

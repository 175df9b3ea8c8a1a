internal import CNVML
internal import Glibc

/// Instances of a divided GPU, and processes on either. It keeps nothing: handles of instances may stand for others
/// after each change.
struct NVMLInstances {
  struct Instance {
    var calls: NVMLCalls
    var uuid: String
    var labels: [String]
  }

  /// A GPU has at most 7 instances with 7 compute instances together; a larger number is none.
  static let instancesMax = 64

  /// Those that there are now. Numbers may be free in between.
  static func of(_ calls: NVMLCalls, name: String) -> [Instance] {
    guard let mode = calls.pair(.nvmlDeviceGetMigMode), mode.0 == 1,
      let count = calls.number(.nvmlDeviceGetMaxMigDeviceCount)
    else { return [] }
    return (0..<min(Int(count), instancesMax)).compactMap { number in
      let none: OpaquePointer? = nil
      guard let handle = calls.get(.nvmlDeviceGetMigDeviceHandleByIndex, UInt32(number), into: none) ?? nil
      else { return nil }
      let calls = NVMLCalls(calls.library, handle, name: "\(name), instance \(number)")
      guard let uuid = calls.text(.nvmlDeviceGetUUID) else { return nil }
      let ids = [NVMLSymbol.nvmlDeviceGetGpuInstanceId, .nvmlDeviceGetComputeInstanceId].map { symbol in
        calls.number(symbol).map { String(Int($0)) } ?? NVMLDevice.unnamed
      }
      return Instance(calls: calls, uuid: uuid, labels: [uuid] + ids + [profile(calls)])
    }
  }

  /// The driver names an instance after its GPU and its profile: `NVIDIA H100 80GB HBM3 MIG 3g.40gb`.
  private static func profile(_ calls: NVMLCalls) -> String {
    guard let name = calls.text(.nvmlDeviceGetName) else { return NVMLDevice.unnamed }
    let words = name.split(separator: " ")
    guard let mark = words.lastIndex(of: "MIG"), mark + 1 < words.count else { return name }
    return words[(mark + 1)...].joined(separator: " ")
  }
}

/// Processes that use a GPU or an instance.
struct NVMLProcesses {
  struct Process {
    var types: [String]
    /// Nil: the driver does not know.
    var memoryUsedBytes: Double?
  }

  /// Of one GPU; a machine has at most 4 million processes, and none so many on a GPU.
  static let processesMax = 1 << 16
  /// Processes that come between two calls are met by more room and another call, so often.
  static let attemptsMax = 5

  /// The second version before the third: its entries have the same form in every driver, while those of the third are
  /// longer in some (535.43 to 535.86) that do not say so.
  private static let kinds: [(type: String, symbols: [NVMLSymbol])] = [
    (
      "compute",
      [
        .nvmlDeviceGetComputeRunningProcessesV2, .nvmlDeviceGetComputeRunningProcessesV3,
        .nvmlDeviceGetComputeRunningProcesses,
      ]
    ),
    (
      "graphics",
      [
        .nvmlDeviceGetGraphicsRunningProcessesV2, .nvmlDeviceGetGraphicsRunningProcessesV3,
        .nvmlDeviceGetGraphicsRunningProcesses,
      ]
    ),
    (
      "mps",
      [
        .nvmlDeviceGetMPSComputeRunningProcessesV2, .nvmlDeviceGetMPSComputeRunningProcessesV3,
        .nvmlDeviceGetMPSComputeRunningProcesses,
      ]
    ),
  ]

  /// By process, in order. One that is in several lists has one entry.
  static func of(_ calls: NVMLCalls) -> [(pid: UInt32, process: Process)] {
    var processes: [UInt32: Process] = [:]
    for kind in kinds {
      guard let symbol = calls.library.first(kind.symbols) else { continue }
      // The first version of the functions has another structure.
      let found =
        symbol == kind.symbols.last
        ? list(calls, symbol, CNVMLProcess()).map { ($0.pid, $0.usedMemory) }
        : list(calls, symbol, CNVMLProcessV3()).map { ($0.pid, $0.usedMemory) }
      for (pid, bytes) in found {
        // All ones stand for memory that is not known.
        let memory = bytes == .max ? nil : Double(bytes)
        var process = processes[pid] ?? Process(types: [])
        if !process.types.contains(kind.type) { process.types.append(kind.type) }
        process.memoryUsedBytes = [process.memoryUsedBytes, memory].compactMap { $0 }.max()
        processes[pid] = process
      }
    }
    return processes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private static func list<Entry: BitwiseCopyable>(_ calls: NVMLCalls, _ symbol: NVMLSymbol, _ empty: Entry) -> [Entry]
  {
    guard calls.verdict == .working else { return [] }
    var capacity = 64
    for _ in 0..<attemptsMax {
      var entries = [Entry](repeating: empty, count: capacity)
      var count = UInt32(capacity)
      let result = entries.withUnsafeMutableBytes { buffer in
        withUnsafeMutablePointer(to: &count) { calls.library.call(symbol, calls.handle, $0, buffer.baseAddress) }
      }
      if result == .insufficientSize {
        // Room for what comes meanwhile; the number may be the one that is needed, or none at all.
        capacity = min(max(capacity * 2, Int(count) + 64), processesMax)
        continue
      }
      return calls.check(result, symbol) ? Array(entries.prefix(Int(min(count, UInt32(capacity))))) : []
    }
    _ = calls.check(.insufficientSize, symbol)
    return []
  }
}

/// Names of processes, where NVML's numbers are this process's too. It keeps one answer about its own namespace.
struct ProcessNames {
  private let files: KernelFiles
  private let isInitial: Bool

  /// Inode of the namespace that a machine starts with (`PROC_PID_INIT_INO`).
  private static let initialNamespace = "pid:[4026531836]"

  /// - Parameter root: what stands in for `/`.
  init(root: String) {
    files = KernelFiles(root: root)
    var target = [CChar](repeating: 0, count: 64)
    let count = readlink(root + "/proc/self/ns/pid", &target, target.count)
    let text = String(decoding: target.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    isInitial = text == Self.initialNamespace
  }

  /// In a container the driver's number is the machine's, which here may stand for another process: then it is unknown.
  func name(_ pid: UInt32) -> String {
    guard isInitial, let name = try? files.text("/proc/\(pid)/comm"), !name.isEmpty else { return NVMLDevice.unnamed }
    return name
  }
}

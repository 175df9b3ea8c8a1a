import Collectors
import Foundation
import Synchronization
import Testing

/// A library of our own that stands in for NVIDIA's, scripted line by line (`Tests/FakeNVML/fake_nvml.c`). Each one is
/// a file of its own, so that tests that run at the same time share nothing; the file goes with it.
final class FakeNVML: @unchecked Sendable {
  let path: String
  private let library: UnsafeMutableRawPointer
  private var lines: [String: String]

  /// - Parameter isOld: whether it has the oldest functions alone.
  init(_ lines: [String: String], isOld: Bool = false) throws {
    let built = try #require(isOld ? Self.old : Self.new, "no C compiler made the library")
    path = Self.folder.appending(path: "\(UUID().uuidString).so").path
    try FileManager.default.copyItem(atPath: built, toPath: path)
    self.lines = lines
    library = try #require(dlopen(path, RTLD_NOW | RTLD_LOCAL))
    send()
  }

  deinit {
    dlclose(library)
    try? FileManager.default.removeItem(atPath: path)
  }

  subscript(key: String) -> String? {
    get { lines[key] }
    set {
      lines[key] = newValue
      send()
    }
  }

  private func send() {
    let text = lines.map { "\($0) = \($1)" }.joined(separator: "\n")
    call("fake_script", as: (@convention(c) (UnsafePointer<CChar>) -> Void).self) { $0(text) }
  }

  func calls(_ name: String) -> UInt64 {
    call("fake_calls", as: (@convention(c) (UnsafePointer<CChar>) -> UInt64).self) { $0(name) } ?? 0
  }

  /// How often it is initialized and not shut down.
  var initialized: Int32 {
    call("fake_initialized", as: (@convention(c) () -> Int32).self) { $0() } ?? -1
  }

  /// How often a call began while another one hung.
  var overlaps: Int32 { call("fake_overlaps", as: (@convention(c) () -> Int32).self) { $0() } ?? -1 }

  /// From now on the function does not return; an empty name: all do.
  func hang(_ name: String) {
    call("fake_hang", as: (@convention(c) (UnsafePointer<CChar>) -> Void).self) { $0(name) }
  }

  /// Waits until a call hangs.
  func waitForHang() { call("fake_wait_for_hang", as: (@convention(c) () -> Void).self) { $0() } }

  /// Waits until the function has been called so often.
  func waitForCalls(_ name: String, _ count: UInt64) {
    call("fake_wait_for_calls", as: (@convention(c) (UnsafePointer<CChar>, UInt64) -> Void).self) { $0(name, count) }
  }

  func event(device: Int32, xid: UInt64) {
    call("fake_event", as: (@convention(c) (Int32, UInt64) -> Void).self) { $0(device, xid) }
  }

  @discardableResult
  private func call<Function, Result>(_ name: String, as: Function.Type, _ body: (Function) -> Result) -> Result? {
    dlsym(library, name).map { body(unsafeBitCast($0, to: Function.self)) }
  }

  // MARK: Building

  private static let folder = {
    let folder = FileManager.default.temporaryDirectory.appending(path: "fake-nvml-\(getpid())")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    removeAtExit(folder.path)
    return folder
  }()
  private static let new = build("new.so", [])
  private static let old = build("old.so", ["-DOLD"])

  /// Clang comes with the Swift toolchain; a machine where it has another name has `cc`.
  private static func build(_ name: String, _ flags: [String]) -> String? {
    let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "FakeNVML/fake_nvml.c")
    let output = folder.appending(path: name)
    for compiler in ["clang", "cc"] {
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments =
        [compiler, "-shared", "-fPIC", "-O1", "-pthread"] + flags + [source.path, "-o", output.path]
      guard (try? process.run()) != nil else { continue }
      process.waitUntilExit()
      if process.terminationStatus == 0 { return output.path }
    }
    return nil
  }
}

/// The folder goes with the process.
private nonisolated(unsafe) var folderToRemove = ""
private func removeAtExit(_ path: String) {
  folderToRemove = path
  atexit { try? FileManager.default.removeItem(atPath: folderToRemove) }
}

/// A clock that a test turns.
final class TurnedClock: Sendable {
  private let time = Mutex(ContinuousClock.now)
  var now: ContinuousClock.Instant { time.withLock { $0 } }
  func advance(_ duration: Duration) { time.withLock { $0 += duration } }
}

/// A collector before a fake library, and what it gave last.
final class GPUBench {
  let library: FakeNVML
  let clock = TurnedClock()
  let collector: NVMLCollector
  private(set) var batch = ReadingBatch()

  init(
    _ lines: [String: String],
    isOld: Bool = false,
    sampleInterval: Duration? = nil,
    wanted: Set<String>? = nil,
    root: String = "/nothing/here"
  ) throws {
    library = try FakeNVML(lines, isOld: isOld)
    collector = NVMLCollector(
      sampleInterval: sampleInterval,
      wanted: wanted,
      libraries: [library.path],
      root: root,
      clock: { [clock] in clock.now }
    )
  }

  /// Collects after so long.
  @discardableResult
  func collect(after duration: Duration = .zero) -> ReadingBatch {
    clock.advance(duration)
    batch.removeAll()
    collector.collect(into: &batch)
    return batch
  }

  /// Readings of a GPU, which stand for whatever it has.
  func gpu(_ number: Int) -> [String: Double]? { batch.values(NVMLCollector.self, "gpu", String(number)) }

  /// All records of a kind, each as its labels after the GPU's own and its values.
  func parts(_ record: String, of number: Int = 0) -> [[String]: [String: Double]] {
    let records = NVMLCollector.descriptor.records
    guard let kind = records.firstIndex(where: { $0.name == record }) else { return [:] }
    let names = records[kind].readings.map(\.name)
    let found = batch.records.filter { $0.kind == kind && $0.labels.first == String(number) }
    return Dictionary(
      found.map { record in
        let values = zip(names, batch.values[record.values]).compactMap { name, value in value.map { (name, $0) } }
        return (Array(record.labels.dropFirst(4)), Dictionary(values, uniquingKeysWith: { first, _ in first }))
      },
      uniquingKeysWith: { first, _ in first }
    )
  }

  /// A GPU that has little.
  static func plain(_ number: Int) -> [String: String] {
    [
      "\(number) nvmlDeviceGetUUID": "GPU-\(number)",
      "\(number) nvmlDeviceGetName": "Plain",
      "\(number) nvmlDeviceGetPciInfo_v3": "00000000:0\(number):00.0",
      "\(number) nvmlDeviceGetUtilizationRates": "\(10 * (number + 1)) 5",
      "\(number) nvmlDeviceGetPowerUsage": "\(100_000 * (number + 1))",
    ]
  }

  /// Two of them.
  static let two = plain(0).merging(plain(1)) { first, _ in first }.merging(["nvmlDeviceGetCount": "2"]) { $1 }
}

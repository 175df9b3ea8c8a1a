import Foundation

/// A library of our own that stands in for NVIDIA's, scripted line by line (`fake_nvml.c`). Each one is
/// a file of its own, so that tests that run at the same time share nothing; the file goes with it.
package final class FakeNVML: @unchecked Sendable {
  package let path: String
  private let library: UnsafeMutableRawPointer
  private var lines: [String: String]

  struct Failure: Error {
    var description: String
  }

  /// - Parameter isOld: whether it has the oldest functions alone.
  package init(_ lines: [String: String], isOld: Bool = false) throws {
    guard let built = isOld ? Self.old : Self.new else { throw Failure(description: "no C compiler made the library") }
    path = Self.folder.appending(path: "\(UUID().uuidString).so").path
    try FileManager.default.copyItem(atPath: built, toPath: path)
    guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else { throw Failure(description: "\(path) is no library") }
    self.lines = lines
    self.library = library
    send()
  }

  deinit {
    dlclose(library)
    try? FileManager.default.removeItem(atPath: path)
  }

  /// All lines together.
  package var script: [String: String] {
    get { lines }
    set {
      lines = newValue
      send()
    }
  }

  package subscript(key: String) -> String? {
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

  package func calls(_ name: String) -> UInt64 {
    call("fake_calls", as: (@convention(c) (UnsafePointer<CChar>) -> UInt64).self) { $0(name) } ?? 0
  }

  /// How often it is initialized and not shut down.
  package var initialized: Int32 {
    call("fake_initialized", as: (@convention(c) () -> Int32).self) { $0() } ?? -1
  }

  /// How often a call began while another one hung.
  package var overlaps: Int32 { call("fake_overlaps", as: (@convention(c) () -> Int32).self) { $0() } ?? -1 }

  /// From now on the function does not return; an empty name: all do.
  package func hang(_ name: String) {
    call("fake_hang", as: (@convention(c) (UnsafePointer<CChar>) -> Void).self) { $0(name) }
  }

  /// Waits until a call hangs.
  package func waitForHang() { call("fake_wait_for_hang", as: (@convention(c) () -> Void).self) { $0() } }

  /// Waits until the function has been called so often.
  package func waitForCalls(_ name: String, _ count: UInt64) {
    call("fake_wait_for_calls", as: (@convention(c) (UnsafePointer<CChar>, UInt64) -> Void).self) { $0(name, count) }
  }

  package func event(device: Int32, xid: UInt64) {
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
    let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "fake_nvml.c")
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

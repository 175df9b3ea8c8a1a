import Foundation
import Glibc

/// A program started by a test, its output in files. It never uses pipes: a child that something else starts at the same
/// moment would inherit their ends and keep them open.
final class ChildProcess {
  struct Exit: Equatable {
    /// The exit status; 128 and the signal's number where a signal ended it, like a shell says it.
    var status: Int32
    /// As last looked at, every few milliseconds.
    var peakMemoryBytes: Int
  }

  struct TimedOut: Error, CustomStringConvertible {
    var description: String
  }

  let arguments: [String]
  let id: pid_t
  private let folder: TemporaryFolder
  private var exit: Exit?
  private var peakMemoryBytes = 0

  /// Starts `arguments[0]`, found by `PATH` where it has no slash.
  init(_ arguments: [String], input: String = "/dev/null") throws {
    self.arguments = arguments
    folder = try TemporaryFolder()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, folder.path("stdout"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, folder.path("stderr"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
    // What other tests have open, or open at this moment, is not the child's: it would take up its descriptors, and keep
    // sockets open that they close.
    let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.compactMap { Int32($0) } ?? []
    for descriptor in 3...(open.max() ?? 3) + 100 { posix_spawn_file_actions_addclose(&actions, descriptor) }
    // The threads of tests block all signals, which the child would inherit: a shell gives it none that are blocked.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var pointers = arguments.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    var id = pid_t()
    let failure = posix_spawnp(&id, arguments[0], &actions, &attributes, pointers, environ)
    guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EINVAL) }
    self.id = id
  }

  deinit {
    guard exit == nil else { return }
    kill(id, SIGKILL)
    waitpid(id, nil, 0)
  }

  var output: [UInt8] { (try? Data(contentsOf: folder.url("stdout"))).map(Array.init) ?? [] }
  var standardOutput: String { String(decoding: output, as: UTF8.self) }
  var standardError: String {
    String(decoding: (try? Data(contentsOf: folder.url("stderr"))) ?? Data(), as: UTF8.self)
  }

  /// Resident memory at this moment, in bytes.
  var residentBytes: Int { memory("VmRSS:") }

  private func memory(_ field: String) -> Int {
    let status = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix(field) }
    return line.flatMap { Int($0.split(whereSeparator: \.isWhitespace).dropLast().last ?? "") }.map { $0 * 1024 } ?? 0
  }

  func signal(_ number: Int32) {
    if exit == nil { kill(id, number) }
  }

  func hasEnded() -> Exit? {
    if let exit { return exit }
    // Not by wait4: its figure is never below the memory of this process, which started the child.
    peakMemoryBytes = max(peakMemoryBytes, memory("VmHWM:"))
    var status: Int32 = 0
    guard waitpid(id, &status, WNOHANG) == id else { return nil }
    let signal = status & 0x7f
    exit = Exit(status: signal == 0 ? (status >> 8) & 0xff : 128 + signal, peakMemoryBytes: peakMemoryBytes)
    return exit
  }

  @discardableResult
  func waitForExit(within limit: Duration = .seconds(120)) async throws -> Exit {
    try await eventually("\(arguments.joined(separator: " ")) ends", within: limit) { self.hasEnded() }
  }
}

/// Asks until there is an answer, with time enough for a machine that runs all tests at once; fails with `what` and the last error when time is up.
@discardableResult
func eventually<Answer>(
  _ what: String,
  within limit: Duration = .seconds(60),
  _ ask: () async throws -> Answer?
) async throws -> Answer {
  let end = ContinuousClock.now + limit
  while true {
    var lastError: (any Error)?
    do {
      if let answer = try await ask() { return answer }
    } catch {
      lastError = error
    }
    guard ContinuousClock.now < end else {
      throw ChildProcess.TimedOut(
        description: "not within \(limit): \(what)" + (lastError.map { " (\($0))" } ?? "")
      )
    }
    try await Task.sleep(for: .milliseconds(5))
  }
}

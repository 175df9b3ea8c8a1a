internal import Clocks
internal import Glibc

/// What another program says: run without a shell, with nothing on its standard input, for a limited time and with a
/// limited output.
struct ChildOutput {
  enum Problem: Error {
    /// There is no such program.
    case missing
    case failed(String)
    case tookTooLong
    case tooMuch
  }

  /// The exit status; 128 and the signal's number where a signal ended it.
  var status: Int32
  var bytes: [UInt8]
  /// The beginning of standard error.
  var errors: String

  static let secondsMax: Int64 = 10
  /// A message is a few lines.
  private static let errorBytesMax = 16 << 10

  /// - Parameter arguments: the program, found by `PATH`, and its arguments.
  static func run(
    _ arguments: [String],
    unsetting unset: [String] = [],
    setting set: [String: String] = [:],
    bytesMax: Int,
    clock: TimeSource = .system
  ) throws(Problem) -> ChildOutput {
    var output = try Pipe()
    var errors = try Pipe()
    let child = try spawn(arguments, environment(unset, set), output, errors)
    output.closeWriting()
    errors.closeWriting()
    var result = ChildOutput(status: 0, bytes: [], errors: "")
    var said: [UInt8] = []
    do throws(Problem) {
      try read(output, errors, bytesMax, clock, into: &result.bytes, &said)
    } catch {
      kill(child, SIGKILL)
      _ = wait(child)
      throw error
    }
    result.status = wait(child)
    result.errors = String(decoding: said, as: UTF8.self)
    return result
  }

  private static func spawn(
    _ words: [String],
    _ variables: [String],
    _ output: borrowing Pipe,
    _ errors: borrowing Pipe
  ) throws(Problem) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.writing, 1)
    posix_spawn_file_actions_adddup2(&actions, errors.writing, 2)
    var arguments = words.map { strdup($0) } + [nil]
    var environment = variables.map { strdup($0) } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var child = pid_t()
    let failure = posix_spawnp(&child, words[0], &actions, nil, &arguments, &environment)
    if failure == ENOENT { throw .missing }
    guard failure == 0 else { throw .failed(String(cString: strerror(failure))) }
    return child
  }

  private static func environment(_ unset: [String], _ set: [String: String]) -> [String] {
    var variables: [String] = []
    var entry = environ
    while let text = entry.pointee {
      let variable = String(cString: text)
      let name = String(variable.prefix { $0 != "=" })
      if !unset.contains(name), set[name] == nil { variables.append(variable) }
      entry += 1
    }
    return variables + set.map { "\($0)=\($1)" }
  }

  /// Reads both to their ends.
  private static func read(
    _ output: borrowing Pipe,
    _ errors: borrowing Pipe,
    _ bytesMax: Int,
    _ clock: TimeSource,
    into bytes: inout [UInt8],
    _ said: inout [UInt8]
  ) throws(Problem) {
    let end = clock.now.monotonic + secondsMax * 1_000_000_000
    var waiting = [
      pollfd(fd: output.reading, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errors.reading, events: Int16(POLLIN), revents: 0),
    ]
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while waiting.contains(where: { $0.fd >= 0 }) {
      let left = (end - clock.now.monotonic) / 1_000_000
      guard left > 0 else { throw .tookTooLong }
      guard poll(&waiting, 2, Int32(left)) > 0 else { continue }
      for index in waiting.indices where waiting[index].fd >= 0 && waiting[index].revents != 0 {
        let count = Glibc.read(waiting[index].fd, &chunk, chunk.count)
        if count < 0, errno == EINTR { continue }
        if count <= 0 {
          waiting[index].fd = -1
        } else if index == 0 {
          bytes += chunk[..<count]
          guard bytes.count <= bytesMax else { throw .tooMuch }
        } else {
          said += chunk[..<min(count, errorBytesMax - said.count)]
        }
      }
    }
  }

  private static func wait(_ child: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 { guard errno == EINTR else { return -1 } }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }
}

/// A pipe whose ends no other program inherits.
private struct Pipe: ~Copyable {
  let reading: Int32
  let writing: Int32
  private var isWritingOpen = true

  init() throws(ChildOutput.Problem) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw .failed(String(cString: strerror(errno))) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    reading = ends[0]
    writing = ends[1]
  }

  mutating func closeWriting() {
    guard isWritingOpen else { return }
    isWritingOpen = false
    Glibc.close(writing)
  }

  deinit {
    Glibc.close(reading)
    if isWritingOpen { Glibc.close(writing) }
  }
}

internal import Glibc

/// Reads a stream that a person named in place of a file: standard input, a pipe, or what a shell makes of `<(command)`.
/// It waits for the writer, but neither for ever nor for more than the limit. Devices are not read, except for a
/// terminal at standard input.
package enum StreamFile {
  /// The name that stands for standard input.
  package static let standardInput = "-"
  /// A writer that has nothing for so long has hung, or there is none. Whoever types at a terminal is waited for.
  package static let silenceSecondsMax = 60

  /// What messages call a file or stream that has no other name.
  package static func name(of path: String) -> String { path == standardInput ? "<stdin>" : path }

  /// Whether the path names a stream, so that it can be read only once.
  package static func isNamed(by path: String) -> Bool {
    var status = stat()
    return path == standardInput || isDescriptor(path)
      || stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  /// Whether the path is no place in the file system, but a descriptor of this process.
  package static func isDescriptor(_ path: String) -> Bool {
    path == "/dev/stdin" || path.hasPrefix("/dev/fd/") || path.hasPrefix("/proc/self/fd/")
  }

  package static func read(
    path: String,
    bytesMax: Int,
    silenceSecondsMax: Int = silenceSecondsMax
  ) throws(RegularFile.Problem) -> [UInt8] {
    if path == standardInput { return try read(STDIN_FILENO, bytesMax, silenceSecondsMax) }
    // Without O_NONBLOCK opening a FIFO waits for a writer.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw RegularFile.problem(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw RegularFile.problem(errno) }
    if status.st_mode & S_IFMT != S_IFIFO, let kind = RegularFile.kind(of: status) { throw .wrongKind(kind) }
    return try read(descriptor, bytesMax, silenceSecondsMax)
  }

  /// A FIFO that nobody has opened yet is like one whose writer is silent; once a writer was there, its end is the end.
  private static func read(
    _ descriptor: Int32,
    _ bytesMax: Int,
    _ silenceSecondsMax: Int
  ) throws(RegularFile.Problem) -> [UInt8] {
    let isTerminal = isatty(descriptor) == 1
    do throws(RegularFile.Problem) {
      return try RegularFile.readAll(descriptor, bytesMax: bytesMax) { () throws(RegularFile.Problem) in
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let count = poll(&waited, 1, isTerminal ? -1 : Int32(silenceSecondsMax * 1_000))
        if count == 0 { throw .silent(seconds: silenceSecondsMax) }
        if count < 0, errno != EINTR { throw RegularFile.problem(errno) }
      }
    } catch {
      if case .tooLarge = error { throw .tooLong(bytesMax: bytesMax) }
      throw error
    }
  }
}

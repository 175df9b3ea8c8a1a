import ArgumentParser
import Glibc

/// Writes to standard output, whole, whatever the pipe takes at a time.
func writeToStandardOutput(_ text: String) throws {
  try writeToStandardOutput(Array(text.utf8))
}

/// Writes to standard output, whole, whatever the pipe takes at a time. Ends the command with status 1 where it cannot.
func writeToStandardOutput(_ bytes: [UInt8]) throws {
  let error = write(bytes, to: STDOUT_FILENO)
  guard error != 0 else { return }
  let why = strerror(error).map { String(cString: $0) } ?? "error \(error)"
  writeToStandardError("training-exporter: cannot write to standard output: \(why)\n")
  throw ExitCode(1)
}

/// Writes to standard error. It waits for whoever reads that: what serves goes by a `LogQueue`.
@Sendable func writeToStandardError(_ text: String) {
  _ = write(Array(text.utf8), to: STDERR_FILENO)
}

/// Returns 0, or the error that ended it.
func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
  bytes.withUnsafeBytes { buffer in
    var rest = buffer[...]
    while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
      let count = Glibc.write(descriptor, start, rest.count)
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&waited, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }
}

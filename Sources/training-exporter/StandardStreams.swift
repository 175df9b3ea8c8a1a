import Glibc

/// Writes to standard output, whole, whatever the pipe takes at a time.
func writeToStandardOutput(_ text: String) {
  writeToStandardOutput(Array(text.utf8))
}

/// Writes to standard output, whole, whatever the pipe takes at a time.
func writeToStandardOutput(_ bytes: [UInt8]) {
  write(bytes, to: STDOUT_FILENO)
}

/// Writes to standard error.
func writeToStandardError(_ text: String) {
  write(Array(text.utf8), to: STDERR_FILENO)
}

private func write(_ bytes: [UInt8], to descriptor: Int32) {
  bytes.withUnsafeBytes { buffer in
    var rest = buffer[...]
    while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
      let count = Glibc.write(descriptor, start, rest.count)
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        return
      }
    }
  }
}

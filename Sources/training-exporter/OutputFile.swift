import ArgumentParser
import Glibc

/// Writes a file that a command was asked for. What cannot be written ends the command.
func write(_ bytes: [UInt8], toFile path: String) throws {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  var error = descriptor < 0 ? errno : write(bytes, to: descriptor)
  if descriptor >= 0, close(descriptor) != 0, error == 0 { error = errno }
  guard error != 0 else { return }
  let why = strerror(error).map { String(cString: $0) } ?? "error \(error)"
  writeToStandardError("training-exporter: cannot write \(path): \(why)\n")
  throw ExitCode(1)
}

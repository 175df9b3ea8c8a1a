import Foundation
import LogStations

/// A command line of a scene, as a shell runs it in the scene's folder; `training-exporter` is the program: that of
/// `TRAINING_EXPORTER` where it is set, else the one that was built beside the tests.
enum Command {
  private static let program: String = {
    if let given = ProcessInfo.processInfo.environment["TRAINING_EXPORTER"], !given.isEmpty { return given }
    let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appending(path: "training-exporter").path
  }()

  /// Standard output, then standard error with `! ` before each line, then the status where it is not 0.
  static func run(_ command: String, in folder: LogFolder) throws -> [String] {
    let outside = try LogFolder()
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = folder.url
    try outside.link("bin/training-exporter", to: program)
    process.environment = ["PATH": outside.path("bin") + ":/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"]
    // What `make asan` wants of the program, too.
    process.environment?["ASAN_OPTIONS"] = ProcessInfo.processInfo.environment["ASAN_OPTIONS"]
    process.standardInput = FileHandle.nullDevice
    for name in ["out", "err"] { try outside.write("", to: name) }
    process.standardOutput = try FileHandle(forWritingTo: outside.url.appending(path: "out"))
    process.standardError = try FileHandle(forWritingTo: outside.url.appending(path: "err"))
    try process.run()
    process.waitUntilExit()
    func lines(_ name: String, _ prefix: String) throws -> [String] {
      let text = try String(decoding: Data(contentsOf: outside.url.appending(path: name)), as: UTF8.self)
      // Lines of a log have the time of the run.
      let plain = text.replacing(folder.url.path + "/", with: "").replacing(folder.url.path, with: ".").replacing(
        /time=\d{4}-[0-9T:.Z-]+/,
        with: "time=TIME"
      )
      return plain.split(separator: "\n", omittingEmptySubsequences: false)
        .dropLast(text.hasSuffix("\n") || text.isEmpty ? 1 : 0).map { $0.isEmpty ? "" : prefix + $0 }
    }
    let status = process.terminationStatus
    return try lines("out", "") + lines("err", "! ") + (status == 0 ? [] : ["status \(status)"])
  }
}

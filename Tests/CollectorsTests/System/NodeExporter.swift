import Foundation

/// Other people's programs, run by tests. Their output goes to files: the end of a pipe would be inherited by what other
/// tests start at the same moment.
enum Command {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  static func isInstalled(_ name: String) -> Bool {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
  }

  /// Runs to the end, and gives the standard output.
  static func run(_ arguments: [String]) throws -> Data {
    let (process, output, errors) = try start(arguments)
    defer { for file in [output, errors] { try? FileManager.default.removeItem(at: file) } }
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let message = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
      throw Failure(description: "\(arguments[0]) ended with \(process.terminationStatus): \(message)")
    }
    return try Data(contentsOf: output)
  }

  static func start(_ arguments: [String]) throws -> (process: Process, output: URL, errors: URL) {
    let name = FileManager.default.temporaryDirectory.appending(path: "command-\(UUID().uuidString)").path
    let files = [URL(filePath: name + ".out"), URL(filePath: name + ".err")]
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    for file in files { try Data().write(to: file) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    return (process, files[0], files[1])
  }
}

/// Debian's node_exporter, on a port that the system chooses. It ends with this object.
final class NodeExporter {
  struct Sample: Equatable {
    var name: String
    var labels: [String: String]
    var value: Double
  }

  private let process: Process
  private let files: [URL]
  private let address: String

  init(_ name: String) throws {
    let (process, output, errors) = try Command.start([name, "--web.listen-address=127.0.0.1:0"])
    self.process = process
    files = [output, errors]
    // It says where it listens, once it does.
    var found: String?
    for _ in 0..<6_000 where found == nil {
      let log = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
      found = log.firstMatch(of: /Listening on.*address=(127\.0\.0\.1:\d+)/).map { String($0.1) }
      if found == nil, !process.isRunning { throw Command.Failure(description: "\(name) ended: \(log)") }
      if found == nil { usleep(10_000) }
    }
    guard let found else {
      process.terminate()
      throw Command.Failure(description: "\(name) does not say where it listens")
    }
    address = found
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
    for file in files { try? FileManager.default.removeItem(at: file) }
  }

  func scrape() throws -> [Sample] {
    let text = try Command.run(["curl", "--silent", "--fail", "--max-time", "60", "http://\(address)/metrics"])
    return Self.samples(String(decoding: text, as: UTF8.self))
  }

  /// Text exposition, as far as node_exporter writes it.
  static func samples(_ text: String) -> [Sample] {
    text.split(separator: "\n").compactMap { line in
      guard !line.hasPrefix("#"), let match = line.wholeMatch(of: /(\w+)(?:\{(.*)\})? (\S+)/),
        let value = Double(match.3)
      else { return nil }
      let labels = (match.2 ?? "").matches(of: /(\w+)="((?:[^"\\]|\\.)*)"/).map { (String($0.1), String($0.2)) }
      return Sample(name: String(match.1), labels: Dictionary(uniqueKeysWithValues: labels), value: value)
    }
  }
}

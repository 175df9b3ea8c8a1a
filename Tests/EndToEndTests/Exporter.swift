import Foundation
import Glibc
import LogStations

/// A folder of its own for one test; it goes away with the value.
typealias TemporaryFolder = LogFolder

/// The real binary: `TRAINING_EXPORTER` where set, else the one built beside the tests.
enum Exporter {
  static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let fixtures = package.appending(path: "Tests/EndToEndTests/Fixtures")

  static let binary: String = {
    if let given = ProcessInfo.processInfo.environment["TRAINING_EXPORTER"], !given.isEmpty { return given }
    let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appending(path: "training-exporter").path
  }()

  struct Result {
    var exit: ChildProcess.Exit
    var output: String
    var errors: String
  }

  static func run(_ arguments: String..., within limit: Duration = .seconds(120)) async throws -> Result {
    let process = try ChildProcess([binary] + arguments)
    let exit = try await process.waitForExit(within: limit)
    return Result(exit: exit, output: process.standardOutput, errors: process.standardError)
  }

  static func once(_ catalog: String, within limit: Duration = .seconds(120)) async throws -> Result {
    try await run("once", "--config.file", catalog, within: limit)
  }

  /// A served catalog, on a port that the system chose.
  final class Server {
    let process: ChildProcess
    let port: UInt16

    init(catalog: String, more: [String] = []) async throws {
      let process = try ChildProcess(
        [
          binary, "serve", "--config.file", catalog, "--web.listen-address", "127.0.0.1:0", "--log.format", "logfmt",
        ] + more
      )
      self.process = process
      port = try await eventually("the exporter says where it listens") {
        if let exit = process.hasEnded() {
          throw ChildProcess.TimedOut(description: "it ended with \(exit.status): \(process.standardError)")
        }
        return process.standardError.firstMatch(of: /address="?http:\/\/127\.0\.0\.1:(\d+)/).flatMap { UInt16($0.1) }
      }
      _ = try await eventually("every file has been read") {
        try HTTP.get("/-/ready", port: self.port).status == 200 ? true : nil
      }
    }

    func scrape() throws -> String { try HTTP.get("/metrics", port: port).body }
  }
}

/// The lines of an exposition by series.
struct Exposition {
  var values: [String: Double] = [:]
  var lines: [Substring]

  init(_ text: String) {
    lines = text.split(separator: "\n")
    for line in lines where !line.hasPrefix("#") {
      guard let blank = line.lastIndex(of: " ") else { continue }
      values[String(line[..<blank])] = Double(line[line.index(after: blank)...].replacing("Inf", with: "infinity"))
    }
  }

  /// What stands before the exporter's own families.
  static func ofCatalog(_ text: String) -> String {
    guard let own = text.range(of: "# HELP training_exporter_") else { return text }
    return String(text[..<own.lowerBound])
  }
}

import Foundation
import Testing

/// The real binary in scenes from seeds: random catalogs and writers, kills, restarts and reloads. What it serves is
/// what the rule says, and what `once` says. `SEEDS` sets how many, from the first.
@Suite struct DifferentialTests {
  /// What scenes leave out, because it is known to go wrong.
  private static let leftOut: [String] = []

  @Test func whatIsServedIsWhatTheRuleSays() async throws {
    let seeds = ProcessInfo.processInfo.environment["SEEDS"] ?? "40"
    let script = Exporter.package.appending(path: "tools/differential.py").path
    let process = try ChildProcess(
      ["python3", script, Exporter.binary, "--first", "1", "--seeds", seeds]
        + (Self.leftOut.isEmpty ? [] : ["--without", Self.leftOut.joined(separator: ",")])
    )
    let exit = try await process.waitForExit(within: .seconds(3600))
    #expect(exit.status == 0, "\(process.standardOutput)\(process.standardError)")
    #expect(process.standardOutput.contains("\(seeds) of \(seeds) seeds right"))
  }
}

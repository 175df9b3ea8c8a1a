import Foundation
import Testing

/// What `generate python` makes, by the tests of `Tests/PythonTests`. `PROGRAMS` sets how many programs of calls are
/// compared with prometheus_client.
struct PythonModuleTests {
  private static let python = ProcessInfo.processInfo.environment["JUDGE_PYTHON"]
  private static let folder = Exporter.package.appending(path: "Tests/PythonTests")

  static let suites: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasPrefix("test_") && $0.hasSuffix(".py") }.sorted()
  }()

  @Test func thereAreSuites() {
    #expect(Self.suites.count >= 5)
  }

  @Test(.enabled(if: python != nil, "JUDGE_PYTHON names no Python with prometheus_client"), arguments: suites)
  func theTestsInPythonPass(suite: String) async throws {
    let python = try #require(Self.python)
    let process = try ChildProcess(
      ["env", "TRAINING_EXPORTER=\(Exporter.binary)", python, "-B", Self.folder.appending(path: suite).path]
    )
    let exit = try await process.waitForExit(within: .seconds(600))
    #expect(exit.status == 0, "\(process.standardError.suffix(4000))")
    #expect(process.standardError.contains("\nOK"), "\(process.standardError.suffix(400))")
  }

  /// Processes fork and are killed, and the exporter with them: nothing is lost, and nothing counts twice. `ROUNDS` sets
  /// how often.
  @Test func killedProcessesCountOnce() async throws {
    let rounds = ProcessInfo.processInfo.environment["ROUNDS"] ?? "3"
    let script = Exporter.package.appending(path: "tools/events-test.py").path
    let process = try ChildProcess(["python3", script, Exporter.binary, "--rounds", rounds])
    let exit = try await process.waitForExit(within: .seconds(3600))
    #expect(exit.status == 0, "\(process.standardError)")
    #expect(process.standardOutput.contains("every total right"))
  }
}

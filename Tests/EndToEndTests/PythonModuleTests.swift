import Foundation
import Testing

/// Tests that are written in Python, by the Python that `JUDGE_PYTHON` names: `Tests/PythonTests` of what `generate python`
/// makes (`PROGRAMS` sets how many programs of calls are compared with prometheus_client), and `Tests/CITests` of what CI
/// services and their tools make of `validate`.
struct PythonModuleTests {
  private static let python = ProcessInfo.processInfo.environment["JUDGE_PYTHON"]
  private static let tests = Exporter.package.appending(path: "Tests")

  static let suites: [String] = ["PythonTests", "CITests"].flatMap { folder in
    let names = (try? FileManager.default.contentsOfDirectory(atPath: tests.appending(path: folder).path)) ?? []
    return names.filter { $0.hasPrefix("test_") && $0.hasSuffix(".py") }.sorted().map { "\(folder)/\($0)" }
  }

  @Test func thereAreSuites() {
    #expect(Self.suites.count >= 7)
  }

  @Test(.enabled(if: python != nil, "JUDGE_PYTHON names no Python with what the tests want"), arguments: suites)
  func theTestsInPythonPass(suite: String) async throws {
    let python = try #require(Self.python)
    let process = try ChildProcess(
      ["env", "TRAINING_EXPORTER=\(Exporter.binary)", python, "-B", Self.tests.appending(path: suite).path]
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

import Foundation
import Testing

/// Neighbours who mean harm, a few seconds each: all scrapes are answered, each row appears, nothing that is protected is
/// served, and memory stays within its bound. How fast, `make neighbours` measures.
@Suite struct NeighbourTests {
  private static let scenes = [
    "sparse", "sparse-start", "links", "folders", "documents", "unread", "streams", "silent", "pages", "passwords",
    "settings", "standard-error",
  ]

  @Test(arguments: scenes) func othersAreServed(scene: String) async throws {
    let script = Exporter.package.appending(path: "Benchmarks/neighbours").path
    let process = try ChildProcess(
      ["python3", "-B", script, Exporter.binary, scene, "--seconds", "3", "--late", "30"]
    )
    let exit = try await process.waitForExit(within: .seconds(300))
    #expect(exit.status == 0, "\(process.standardOutput)\(process.standardError)")
  }
}

import Foundation
import Testing

/// While a tool writes its log the way it does (rewritten wider, over in place, a new document a checkpoint), the
/// served exporter ends with what a fresh read of the finished log gives: nothing twice, nothing lost.
struct RecordingTests {
  static let names: [String] = ExampleTests.names.filter {
    FileManager.default.fileExists(atPath: Exporter.fixtures.appending(path: "recordings/\($0).jsonl").path)
  }

  @Test func everyExampleHasARecording() {
    // What trackers write is tried byte by byte in `FrameLogTests`, and while they write it by `make judge-logs`.
    #expect(Self.names == ExampleTests.names.filter { !["mlflow", "tensorboard", "wandb"].contains($0) })
  }

  @Test(arguments: names)
  func followingGivesWhatAFreshReadGives(name: String) async throws {
    let example = Exporter.package.appending(path: "examples/\(name)")
    let folder = try TemporaryFolder()
    let catalog = folder.path("metrics.yaml")
    try FileManager.default.copyItem(atPath: example.appending(path: "metrics.yaml").path, toPath: catalog)
    let exporter = try await Exporter.Server(catalog: catalog)
    let replay = try ChildProcess([
      "python3", Exporter.package.appending(path: "tools/replay-log.py").path,
      Exporter.fixtures.appending(path: "recordings/\(name).jsonl").path, folder.path(), "--pause", "0.01",
    ])
    #expect(try await replay.waitForExit().status == 0, "\(replay.standardError)")

    let expected = sorted(try String(contentsOf: example.appending(path: "expected.metrics"), encoding: .utf8))
    var shown: [String] = []
    do {
      try await eventually("the values of the finished log", within: .seconds(60)) {
        shown = sorted(try exporter.scrape())
        return shown == expected ? true : nil
      }
    } catch {
      #expect(shown == expected)
    }
  }

  /// The catalog's series; their order is that of their first appearance, which differs while a log grows.
  private func sorted(_ exposition: String) -> [String] {
    Exposition(Exposition.ofCatalog(exposition)).lines.map(String.init).sorted()
  }
}

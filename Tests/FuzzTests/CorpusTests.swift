import Foundation
import FuzzTargets
import Testing

/// What fuzzers began with, and what they found, goes through the same entry in every test run.
@Suite(.serialized) struct CorpusTests {
  private static let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fuzz/Corpus")

  @Test(arguments: FuzzTarget.all) func nothingTraps(target: FuzzTarget) throws {
    let folder = Self.corpus.appending(path: target.name)
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(files.count > 4)
    for file in files {
      let bytes = [UInt8](try Data(contentsOf: file))
      target.run(bytes)
      // Cut anywhere, too.
      for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 20)) {
        target.run(Array(bytes[..<length]))
      }
    }
  }
}

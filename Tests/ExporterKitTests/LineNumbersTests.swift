import Foundation
import Tailing
import Testing

@testable import ExporterKit

/// People are told in which line of a log a text stands.
@Suite struct LineNumbersTests {
  private func file(_ text: String) throws -> FollowedFile {
    let path = FileManager.default.temporaryDirectory.appending(path: "lines-\(UUID().uuidString)").path
    try Data(text.utf8).write(to: URL(filePath: path))
    return FollowedFile(path: path, status: try RealFileSystem().status(of: LogPath(path)).file, bytesBehind: 0)
  }

  @Test func theFirstLineThatBeginsSoIsTold() throws {
    let long = String(repeating: "x", count: 300)
    let file = try file("a,b\n1,2\n  3,4,5\n\(long)y\n\n3,4,5\nlast")
    defer { try? FileManager.default.removeItem(atPath: file.path) }
    let numbers = LineNumbers()
    for _ in 0..<2 {
      #expect(numbers.number(of: "3,4,5", in: file) == 3)
      #expect(numbers.number(of: String(long.prefix(117)) + "…", in: file) == 4)
      #expect(numbers.number(of: "last", in: file) == 7)
      #expect(numbers.number(of: "none", in: file) == nil && numbers.number(of: "", in: file) == nil)
    }
  }

  /// Lines lie over the pieces in which the file is read.
  @Test func linesOfALargeLogAreCounted() throws {
    let file = try file((1...300_000).map { "row \($0)\n" }.joined())
    defer { try? FileManager.default.removeItem(atPath: file.path) }
    #expect(LineNumbers().number(of: "row 299999", in: file) == 299_999)
  }

  @Test func anotherFileInItsPlaceIsNotRead() throws {
    let file = try file("a\nb\n")
    try FileManager.default.removeItem(atPath: file.path)
    #expect(mkfifo(file.path, 0o600) == 0)
    defer { try? FileManager.default.removeItem(atPath: file.path) }
    #expect(LineNumbers().number(of: "b", in: file) == nil)
  }
}

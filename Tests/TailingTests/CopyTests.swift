import Foundation
import LogStations
import Tailing
import Testing

/// A copy takes the log along whose content went away; two logs with equal content are two logs.
@Suite struct CopyTests {
  /// For a moment it begins as another log does, and waits, as that one's copy would have to.
  @Test func halfALineOfALogThatIsWrittenAgainIsNoRecord() throws {
    let files = WatchedFileSystem()
    let scene = try Scene("*.log", files: files)
    try scene.append("a\nb\ncc\n", to: "x.log")
    scene.look()
    try scene.append("a\nb\n", to: "y.log")
    for _ in 0..<3 { scene.rest() }
    #expect(scene.follower(of: "y.log")?.lines == ["a", "b"])
    try scene.truncateAndWrite("", to: "y.log")
    var isRead = false
    files.meddle = { call in
      if call == .open { isRead = true }
      guard isRead, call == .list else { return }
      files.meddle = nil
      #expect(throws: Never.self) { try scene.append("a\nb\nc", to: "y.log") }
    }
    scene.look()
    #expect(files.meddle == nil)
    #expect(scene.consumers.map(\.lines) == [["a", "b", "cc"], ["a", "b"]])
  }
}

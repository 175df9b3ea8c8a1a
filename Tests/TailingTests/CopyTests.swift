import Foundation
import LogStations
import Tailing
import Testing

/// A copy takes the log along whose content went away; two logs with equal content are two logs.
@Suite struct CopyTests {
  /// Whenever it is looked in between, once at least from one rotation to the next, every line is read exactly once.
  @Test(arguments: Array(1...60) + [UInt64.random(in: 1000 ... .max)]) func anyRotationByCopying(seed: UInt64) throws {
    var generator = SplitMix(state: seed)
    let scene = try Scene("x.log*")
    var (written, line) = (0, 0)
    func append() throws {
      let text = "line \(line) \(String(repeating: "x", count: Int.random(in: 0..<2_000, using: &generator)))\n"
      line += 1
      written += text.utf8.count
      try scene.append(text, to: "x.log")
    }
    func lookPerhaps() {
      if Bool.random(using: &generator) { scene.look() }
    }
    try append()
    scene.look()
    for _ in 0..<6 {
      for _ in 0..<Int.random(in: 0..<40, using: &generator) {
        try append()
        if Int.random(in: 0..<8, using: &generator) == 0 { scene.look() }
      }
      // A log is known by what was read of it.
      scene.look()
      try append()
      for number in stride(from: 8, through: 1, by: -1)
      where FileManager.default.fileExists(atPath: scene.path("x.log.\(number)")) {
        try scene.rename("x.log.\(number)", "x.log.\(number + 1)")
        lookPerhaps()
      }
      let content = try String(contentsOfFile: scene.path("x.log"), encoding: .utf8)
      let cut = content.index(content.startIndex, offsetBy: Int.random(in: 0...content.count, using: &generator))
      for part in [content[..<cut], content[cut...]] {
        try scene.append(String(part), to: "x.log.1")
        lookPerhaps()
      }
      try scene.truncateAndWrite("", to: "x.log")
      lookPerhaps()
      try append()
      lookPerhaps()
    }
    scene.rest()
    scene.rest()
    #expect(scene.counters.bytesRead.load(ordering: .relaxed) == written, "seed \(seed)")
  }

  /// For a moment it begins as another log does, and waits, as that one's copy would have to.
  @Test func halfALineOfALogThatIsWrittenAgainIsNoRecord() throws {
    let files = WatchedFileSystem()
    // It holds the scene, which holds the files.
    defer { files.meddle = nil }
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

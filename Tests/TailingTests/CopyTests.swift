import Foundation
import Tailing
import Testing

/// A copy takes the log along whose content went away; two logs with equal content are two logs.
@Suite struct CopyTests {
  private func bytesRead(_ scene: Scene) -> Int { scene.counters.bytesRead.load(ordering: .relaxed) }

  private func copy(_ name: String, to other: String, in scene: Scene) throws {
    try FileManager.default.copyItem(atPath: scene.path(name), toPath: scene.path(other))
  }

  private let lines = "{\"step\": 1, \"loss\": 0.5}\n{\"step\": 2, \"loss\": 0.25}\n"

  @Test func theCopyIsSeenFirst() throws {
    let scene = try Scene("x.log*")
    try scene.append(lines, to: "x.log")
    scene.look()
    try copy("x.log", to: "x.log.1", in: scene)
    scene.look()
    #expect(scene.consumers.count == 1)
    try scene.truncateAndWrite("", to: "x.log")
    scene.look()
    try scene.append("{}\n", to: "x.log")
    scene.look()
    try expectRotated(scene)
  }

  @Test func theTruncationIsSeenFirst() throws {
    let scene = try Scene("x.log*", "deep/*/x.log*")
    try scene.append(lines, to: "x.log")
    scene.look()
    try scene.makeDirectory("deep/1")
    try copy("x.log", to: "deep/1/x.log.1", in: scene)
    try scene.truncateAndWrite("{}\n", to: "x.log")
    // Only the files are looked at; where the copy can be is listed because the content is gone.
    scene.rest(.seconds(2), looksEverywhere: false)
    #expect(scene.consumers.count == 2)
    #expect(scene.follower(of: "deep/1/x.log.1")?.lines.count == 2)
    #expect(scene.follower(of: "x.log")?.lines == ["{}"])
    #expect(bytesRead(scene) == lines.utf8.count + 3)
  }

  @Test(arguments: ["{}\n", "{\"a\": \"a longer line than both that were there before, so the file has grown\"}\n{}\n"])
  func bothAtOnce(text: String) throws {
    let scene = try Scene("x.log*")
    try scene.append(lines, to: "x.log")
    scene.look()
    try copy("x.log", to: "x.log.1", in: scene)
    try scene.truncateAndWrite(text, to: "x.log")
    scene.look()
    #expect(scene.follower(of: "x.log.1")?.lines.count == 2)
    #expect(scene.follower(of: "x.log")?.lines.last == "{}")
    #expect(bytesRead(scene) == lines.utf8.count + text.utf8.count)
    #expect(scene.counters.restarts.load(ordering: .relaxed) == 1)
  }

  private func expectRotated(_ scene: Scene) throws {
    let old = try #require(scene.follower(of: "x.log.1"))
    #expect(old === scene.consumers.first)
    #expect(old.lines.count == 2)
    #expect(old.restarts == 0)
    let new = try #require(scene.follower(of: "x.log"))
    #expect(new.lines == ["{}"])
    #expect(new.restarts == 0)
    #expect(new.predecessor === old)
    #expect(bytesRead(scene) == lines.utf8.count + 3)
    #expect(scene.counters.restarts.load(ordering: .relaxed) == 1)
    #expect(scene.counters.bytesLost.load(ordering: .relaxed) == 0)
    scene.rest()
    scene.rest()
    #expect(scene.consumers.count == 2)
    #expect(bytesRead(scene) == lines.utf8.count + 3)
  }

  @Test func unreadLinesAreReadFromTheCopyOnce() throws {
    let scene = try Scene("x.log*")
    try scene.append(lines, to: "x.log")
    scene.look()
    try scene.append("c\nd", to: "x.log")
    try copy("x.log", to: "x.log.1", in: scene)
    try scene.truncateAndWrite("e\n", to: "x.log")
    scene.look()
    #expect(scene.follower(of: "x.log.1")?.lines.suffix(1) == ["c"])
    #expect(scene.follower(of: "x.log")?.lines == ["e"])
    scene.rest()
    #expect(scene.follower(of: "x.log.1")?.provisional == ["d"])
    #expect(bytesRead(scene) == lines.utf8.count + 4)
  }

  @Test func aCopyInTheMakingWaits() throws {
    let scene = try Scene("x.log*")
    let rows = (0..<20_000).map { "row \($0)\n" }
    try scene.append(rows.joined(), to: "x.log")
    scene.look()
    for part in [0..<0, 0..<1, 1..<5_000, 5_000..<20_000] {
      try scene.append(rows[part].joined(), to: "x.log.1")
      scene.rest(.seconds(1))
      #expect(scene.consumers.count == 1)
    }
    try scene.append("more\n", to: "x.log")
    scene.look()
    try scene.truncateAndWrite("new\n", to: "x.log")
    scene.look()
    // The copy lacks the last line: it is read again, as a beginning of what the log had.
    #expect(scene.consumers.count == 2)
    #expect(scene.consumers[0].path == scene.path("x.log.1"))
    #expect(scene.consumers[0].restarts == 1)
    #expect(scene.consumers[0].lines.count == 20_000)
    #expect(scene.follower(of: "x.log")?.lines == ["new"])
  }

  @Test func severalRotations() throws {
    let scene = try Scene("x.log*")
    try scene.append("generation 1\n", to: "x.log")
    scene.look()
    for generation in 2...5 {
      for number in stride(from: 4, through: 1, by: -1)
      where FileManager.default.fileExists(atPath: scene.path("x.log.\(number)")) {
        try scene.rename("x.log.\(number)", "x.log.\(number + 1)")
      }
      try copy("x.log", to: "x.log.1", in: scene)
      if generation % 2 == 0 { scene.look() }
      try scene.truncateAndWrite("generation \(generation)\n", to: "x.log")
      scene.look()
    }
    scene.rest()
    #expect(scene.consumers.count == 5)
    for number in 1...4 {
      #expect(scene.follower(of: "x.log.\(number)")?.lines == ["generation \(5 - number)"])
    }
    #expect(scene.follower(of: "x.log")?.lines == ["generation 5"])
    #expect(scene.consumers.allSatisfy { $0.restarts == 0 })
    #expect(bytesRead(scene) == 5 * 13)
  }

  /// The one generation that is kept is deleted, or copied along, before the next takes its name.
  @Test func aCopyTakesTheNameOfAnOlderOne() throws {
    let scene = try Scene("x.log*")
    try scene.append("generation 1\n", to: "x.log")
    scene.look()
    for generation in 2...4 {
      scene.rest(.seconds(60))
      if generation == 3 { try scene.remove("x.log.1") }
      if generation == 4 {
        try copy("x.log.1", to: "x.log.2", in: scene)
        try scene.remove("x.log.1")
      }
      try copy("x.log", to: "x.log.1", in: scene)
      if generation == 3 { scene.look() }
      try scene.truncateAndWrite("generation \(generation)\n", to: "x.log")
      scene.look()
    }
    scene.rest()
    #expect(bytesRead(scene) == 4 * 13)
    #expect(scene.follower(of: "x.log.2")?.lines == ["generation 2"])
    #expect(scene.follower(of: "x.log.1")?.lines == ["generation 3"])
    #expect(scene.follower(of: "x.log")?.lines == ["generation 4"])
  }

  /// Whenever it is looked in between, once at least from one rotation to the next, every line is read exactly once.
  @Test(arguments: Array(1...60) + [UInt64.random(in: 1000 ... .max)]) func anyRotationByCopying(seed: UInt64) throws {
    var generator = RandomWriterTests.Generator(state: seed)
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
    #expect(bytesRead(scene) == written, "seed \(seed)")
  }

  @Test(arguments: [true, false]) func copiedAndThenDeleted(looksBetween: Bool) throws {
    let scene = try Scene("live/*.csv", "archive/*.csv")
    try scene.makeDirectory("live")
    try scene.makeDirectory("archive")
    try scene.append("a\n", to: "live/x.csv")
    scene.look()
    try scene.append("b\n", to: "live/x.csv")
    try copy("live/x.csv", to: "archive/x.csv", in: scene)
    if looksBetween { scene.look() }
    try scene.remove("live/x.csv")
    scene.look()
    scene.rest()
    try scene.append("c\n", to: "archive/x.csv")
    scene.look()
    #expect(scene.only?.path == scene.path("archive/x.csv"))
    #expect(scene.only?.lines == ["a", "b", "c"])
    #expect(scene.only?.timesVanished == 0)
    #expect(bytesRead(scene) == 6)
  }

  @Test func whatADeletedLogGotAfterItsCopyWasMadeIsReadStill() throws {
    let scene = try Scene("*.csv")
    try scene.append("a\n", to: "x.csv")
    scene.look()
    try copy("x.csv", to: "y.csv", in: scene)
    try scene.append("b\n", to: "x.csv")
    try scene.remove("x.csv")
    let before = bytesRead(scene)
    scene.look()
    #expect(bytesRead(scene) - before >= 2, "through the descriptor that was open")
    #expect(scene.only?.path == scene.path("y.csv"))
  }

  @Test func replacedAfterItWasCopied() throws {
    let scene = try Scene("*.csv")
    try scene.append("a\n", to: "x.csv")
    scene.look()
    try copy("x.csv", to: "x-old.csv", in: scene)
    try scene.replace("x.csv", with: "b\n")
    scene.look()
    #expect(scene.follower(of: "x-old.csv")?.lines == ["a"])
    #expect(scene.follower(of: "x.csv")?.lines == ["b"])
    #expect(scene.follower(of: "x.csv")?.predecessor === scene.follower(of: "x-old.csv"))
    #expect(bytesRead(scene) == 4)
  }

  @Test func aCopyOutsideThePatternIsNothing() throws {
    let scene = try Scene("x.log")
    try scene.append(lines, to: "x.log")
    scene.look()
    try copy("x.log", to: "x.log.1", in: scene)
    scene.look()
    try scene.truncateAndWrite("c\n", to: "x.log")
    scene.look()
    #expect(scene.only?.lines == ["c"])
    #expect(scene.only?.restarts == 1)
  }

  // MARK: What is no copy

  @Test func twoLogsWithEqualContentAreTwo() throws {
    let scene = try Scene("*.json")
    try scene.append("a\nb\n", to: "x.json")
    scene.look()
    try scene.append("a\nb\n", to: "y.json")
    scene.look()
    for line in ["c\n", "d\n", "e\n"] {
      try scene.append(line, to: "x.json")
      try scene.append(line, to: "y.json")
      scene.rest(.seconds(1))
    }
    for name in ["x.json", "y.json"] { #expect(scene.follower(of: name)?.lines == ["a", "b", "c", "d", "e"]) }
    // Too late to be one.
    try scene.truncateAndWrite("", to: "x.json")
    scene.look()
    #expect(scene.follower(of: "y.json")?.lines.count == 5)
    #expect(scene.follower(of: "x.json")?.restarts == 1)
  }

  @Test func twoLogsOfWhichOneStaysBehindAreTwo() throws {
    let scene = try Scene("*.json")
    let rows = (0..<100).map { "row \($0)\n" }
    try scene.append(rows.joined(), to: "x.json")
    scene.look()
    for row in rows {
      try scene.append(row, to: "y.json")
      scene.rest(.seconds(1))
    }
    #expect(scene.follower(of: "y.json")?.lines.count == 100)
  }

  @Test func equalHeadersAndFirstRowsAreTwoLogs() throws {
    let scene = try Scene("{run}.csv")
    try scene.append("epoch,loss\n1,0.5\n2,0.4\n", to: "a.csv")
    scene.look()
    try scene.append("epoch,loss\n1,0.5\n", to: "b.csv")
    scene.look()
    #expect(scene.consumer("b.csv") == nil)
    try scene.append("2,0.3\n", to: "b.csv")
    scene.look()
    #expect(scene.follower(of: "b.csv")?.lines == ["epoch,loss", "1,0.5", "2,0.3"])
    #expect(scene.follower(of: "a.csv")?.lines == ["epoch,loss", "1,0.5", "2,0.4"])
    // One that has more than the other is no copy, either: a run that goes on from another's log.
    try scene.append("epoch,loss\n1,0.5\n2,0.4\n3,0.3\n", to: "c.csv")
    scene.look()
    #expect(scene.follower(of: "c.csv")?.lines.count == 4)
  }

  /// For a moment it begins as another log does, and waits, as that one's copy would have to.
  @Test func halfALineOfALogThatIsWrittenAgainIsNoRecord() throws {
    let files = FaultTests.FaultyFileSystem()
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

  @Test func aFileThatWaitsAndGoesAwayIsForgotten() throws {
    let scene = try Scene("*.csv")
    try scene.append("a\n", to: "x.csv")
    scene.look()
    try scene.append("a\n", to: "y.csv")
    scene.look()
    try scene.remove("y.csv")
    scene.look()
    scene.rest()
    #expect(scene.consumers.count == 1)
    try scene.append("b\n", to: "y.csv")
    scene.look()
    #expect(scene.follower(of: "y.csv")?.lines == ["b"])
  }

  @Test func logsThatAreReplacedByEqualOnesDoNotWaitAllTheTime() throws {
    let scene = try Scene("*.csv")
    try scene.append("a\n", to: "x.csv")
    scene.look()
    try scene.append("b\n", to: "y.csv")
    scene.look()
    for text in ["c\n", "d\n", "e\n"] {
      try scene.replace("x.csv", with: text)
      scene.look()
      try scene.replace("y.csv", with: text)
      scene.rest(.seconds(1))
    }
    #expect(scene.follower(of: "x.csv")?.lines == ["e"])
    #expect(scene.follower(of: "y.csv")?.lines == ["e"])
  }

  @Test func readingOnceWaitsForNothing() throws {
    let scene = try Scene("*.csv")
    try scene.append("a\n", to: "x.csv")
    try scene.append("a\n", to: "y.csv")
    scene.tailer.readOnce()
    #expect(scene.consumer("x.csv")?.lines == ["a"])
    #expect(scene.consumer("y.csv")?.lines == ["a"])
  }
}

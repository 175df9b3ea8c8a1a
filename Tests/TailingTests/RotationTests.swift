import Foundation
import Tailing
import Testing

@Suite struct RotationTests {
  @Test func atomicallyReplaced() throws {
    let scene = try Scene("x")
    try scene.append("a\nb\n", to: "x")
    scene.look()
    try scene.replace("x", with: "c\nd\n")
    scene.look()
    #expect(scene.only?.lines == ["c", "d"])
    #expect(scene.only?.restarts == 1)
  }

  @Test func theOldFileIsReadToItsEndBeforeTheNewOne() throws {
    let scene = try Scene("x")
    try scene.append("a\n", to: "x")
    scene.look()
    try scene.append("b\nc", to: "x")
    try scene.replace("x", with: "d\n")
    let before = scene.counters.bytesRead.load(ordering: .relaxed)
    scene.look()
    // "b" and "c" through the descriptor that was open still, "d" from the new file.
    #expect(scene.counters.bytesRead.load(ordering: .relaxed) - before == 5)
    #expect(scene.only?.lines == ["d"])
    #expect(scene.counters.bytesLost.load(ordering: .relaxed) == 0)
  }

  /// A writer that writes over its file in place, and then replaces or removes it.
  @Test(arguments: [true, false]) func whatWasWrittenOverHasNoLastLine(isReplaced: Bool) throws {
    let scene = try Scene("x")
    try scene.append("head\n1", to: "x")
    scene.look()
    try scene.overwrite("header\n1,2\n", in: "x")
    if isReplaced { try scene.replace("x", with: "next\n") } else { try scene.remove("x") }
    let before = scene.counters.bytesRead.load(ordering: .relaxed)
    scene.look()
    scene.rest()
    #expect(scene.counters.bytesRead.load(ordering: .relaxed) - before == (isReplaced ? 5 : 0))
    #expect(scene.only?.lines == (isReplaced ? ["next"] : ["head"]))
  }

  @Test func deletedAndMadeAgainAtOnceWithEqualSize() throws {
    let scene = try Scene("x")
    try scene.append("a\nb\n", to: "x")
    scene.look()
    scene.rest()
    try scene.remove("x")
    try scene.append("c\nd\n", to: "x")
    scene.look()
    #expect(scene.only?.lines == ["c", "d"])
  }

  @Test func deletedForLongThenMadeAgain() throws {
    let scene = try Scene("x")
    try scene.append("a\n", to: "x")
    scene.look()
    try scene.remove("x")
    scene.look()
    #expect(scene.only?.timesVanished == 0)
    scene.rest()
    #expect(scene.only?.timesVanished == 1)
    scene.rest(.seconds(60))
    try scene.append("b\n", to: "x")
    scene.look()
    #expect(scene.only?.lines == ["b"])
    #expect(scene.only?.restarts == 1)
    #expect(scene.only?.timesVanished == 1)
  }

  @Test func renamedOutOfThePatternWithUnreadLinesThenMadeAnew() throws {
    let scene = try Scene("x.log")
    try scene.append("a\n", to: "x.log")
    scene.look()
    scene.rest()
    try scene.append("b\n", to: "x.log")
    try scene.rename("x.log", "x.log.1")
    scene.look()
    #expect(scene.only?.lines == ["a", "b"])
    // The writer has not noticed yet.
    try scene.append("c\n", to: "x.log.1")
    scene.look()
    #expect(scene.only?.lines == ["a", "b", "c"])
    try scene.append("d\n", to: "x.log.1")
    try scene.append("e\n", to: "x.log")
    let before = scene.counters.bytesRead.load(ordering: .relaxed)
    scene.look()
    #expect(scene.counters.bytesRead.load(ordering: .relaxed) - before == 4)
    #expect(scene.only?.lines == ["e"])
    #expect(scene.only?.timesVanished == 0)
  }

  @Test func renamedOutOfThePatternForGood() throws {
    let scene = try Scene("x.log")
    try scene.append("a\nb", to: "x.log")
    scene.look()
    try scene.rename("x.log", "x.log.1")
    scene.look()
    scene.rest()
    #expect(scene.only?.lines == ["a", "b"])
    #expect(scene.only?.timesVanished == 1)
  }

  @Test func renamedWithinThePatternTakesItsHistoryAlong() throws {
    let scene = try Scene("app.log*")
    try scene.append("1\n", to: "app.log")
    scene.look()
    for generation in 2...4 {
      for number in stride(from: 3, through: 1, by: -1)
      where FileManager.default.fileExists(atPath: scene.path("app.log.\(number)")) {
        try scene.rename("app.log.\(number)", "app.log.\(number + 1)")
      }
      try scene.append("tail \(generation)\n", to: "app.log")
      try scene.rename("app.log", "app.log.1")
      try scene.append("\(generation)\n", to: "app.log")
      scene.look()
    }
    #expect(scene.consumers.count == 4)
    #expect(scene.consumers.allSatisfy { $0.restarts == 0 && $0.timesVanished == 0 })
    #expect(scene.consumer("app.log")?.lines == ["4"])
    #expect(scene.consumer("app.log.1")?.lines == ["3", "tail 4"])
    #expect(scene.consumer("app.log.3")?.lines == ["1", "tail 2"])
  }

  @Test func renamedOverAnotherLog() throws {
    let scene = try Scene("*.log")
    try scene.append("a\n", to: "a.log")
    try scene.append("b\n", to: "b.log")
    scene.look()
    let (first, second) = (scene.consumer("a.log"), scene.consumer("b.log"))
    try scene.rename("a.log", "b.log")
    scene.look()
    scene.rest()
    try scene.append("c\n", to: "b.log")
    scene.look()
    #expect(first?.lines == ["a", "c"])
    #expect(first?.timesVanished == 0)
    #expect(second?.lines == ["b"])
    #expect(second?.timesVanished == 1)
    #expect(scene.consumers.count == 2)
  }

  @Test func copiedAndTruncated() throws {
    let scene = try Scene("x.log")
    try scene.append("a\nb\n", to: "x.log")
    scene.look()
    try FileManager.default.copyItem(atPath: scene.path("x.log"), toPath: scene.path("x.log.1"))
    try scene.truncateAndWrite("", to: "x.log")
    try scene.append("c\n", to: "x.log")
    scene.look()
    #expect(scene.only?.lines == ["c"])
    #expect(scene.only?.restarts == 1)
  }

  @Test func symbolicLinkSwitched() throws {
    let scene = try Scene("latest.log")
    try scene.append("a\n", to: "run1.txt")
    try scene.link("latest.log", to: "run1.txt")
    scene.look()
    scene.rest()
    try scene.append("b\n", to: "run1.txt")
    try scene.append("c\n", to: "run2.txt")
    try scene.link(".next", to: "run2.txt")
    try scene.rename(".next", "latest.log")
    let before = scene.counters.bytesRead.load(ordering: .relaxed)
    scene.look()
    #expect(scene.counters.bytesRead.load(ordering: .relaxed) - before == 4)
    #expect(scene.only?.lines == ["c"])
    #expect(scene.only?.restarts == 1)
  }
}

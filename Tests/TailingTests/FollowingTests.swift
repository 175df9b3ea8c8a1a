import Budgets
import Foundation
import Tailing
import Testing

@Suite struct FollowingTests {
  @Test func appendedLinesAreReadOnce() throws {
    let scene = try Scene("*.csv")
    try scene.append("a\nb\n", to: "x.csv")
    scene.look()
    try scene.append("c\n", to: "x.csv")
    scene.look()
    scene.look()
    let log = try #require(scene.only)
    #expect(log.lines == ["a", "b", "c"])
    #expect(log.restarts == 0)
    #expect(scene.counters.bytesRead.load(ordering: .relaxed) == 6)
    #expect(scene.counters.bytesBehind.load(ordering: .relaxed) == 0)
    #expect(scene.counters.filesFollowed.load(ordering: .relaxed) == 1)
  }

  @Test func aLineInTwoPiecesIsOneLine() throws {
    let scene = try Scene("x")
    try scene.append("a\nabc", to: "x")
    scene.look()
    #expect(scene.only?.lines == ["a"])
    #expect(scene.counters.bytesBehind.load(ordering: .relaxed) == 3)
    try scene.append("def\n", to: "x")
    scene.look()
    #expect(scene.only?.lines == ["a", "abcdef"])
  }

  @Test func aRestWithoutNewlineIsShownOnceAndTakenAtTheEnd() throws {
    let scene = try Scene("x")
    try scene.append("a\nb", to: "x")
    scene.look()
    #expect(scene.only?.provisional == [])
    scene.rest()
    scene.rest()
    #expect(scene.only?.provisional == ["b"])
    try scene.append("c", to: "x")
    scene.look()
    scene.rest()
    #expect(scene.only?.provisional == ["b", "bc"])
    try scene.remove("x")
    scene.look()
    scene.rest()
    #expect(scene.only?.lines == ["a", "bc"])
    #expect(scene.only?.timesVanished == 1)
  }

  @Test(arguments: ["1\n", "1\n2\n3\n4\n5\n6\n", "x\ny\nz\n"])
  func truncatedAndWrittenAnew(text: String) throws {
    let scene = try Scene("x")
    try scene.append("a\nb\nc\n", to: "x")
    scene.look()
    try scene.truncateAndWrite(text, to: "x")
    scene.look()
    #expect(scene.only?.lines == text.split(separator: "\n").map(String.init))
    #expect(scene.only?.restarts == 1)
  }

  @Test func truncatedToNothingThenWritten() throws {
    let scene = try Scene("x")
    try scene.append("a\nb\n", to: "x")
    scene.look()
    try scene.truncateAndWrite("", to: "x")
    scene.look()
    #expect(scene.only?.lines == [])
    #expect(scene.only?.restarts == 1)
    try scene.append("c\n", to: "x")
    scene.look()
    #expect(scene.only?.lines == ["c"])
    #expect(scene.only?.restarts == 1)
  }

  @Test func rewrittenWithTheSameRowsIsNoRestart() throws {
    let scene = try Scene("x")
    try scene.append("a\nb\n", to: "x")
    scene.look()
    try scene.truncateAndWrite("a\nb\n", to: "x")
    scene.look()
    try scene.truncateAndWrite("a\nb\nc\n", to: "x")
    scene.look()
    #expect(scene.only?.lines == ["a", "b", "c"])
    #expect(scene.only?.restarts == 0)
  }

  @Test func overwrittenInPlaceWiderWithTheSameLength() throws {
    let scene = try Scene("x")
    let rows = (0..<20_000).map { "row \($0)\n" }.joined()
    try scene.append("h\n" + rows, to: "x")
    scene.look()
    try scene.overwrite("H", in: "x")
    scene.look()
    #expect(scene.only?.restarts == 1)
    #expect(scene.only?.lines.first == "H")
    #expect(scene.only?.lines.count == 20_001)
  }

  @Test func aLargeFileGrownButShiftedInsideIsReadAgain() throws {
    let scene = try Scene("x")
    let rows = (0..<40_000).map { "row \($0) of many\n" }
    try scene.append(rows.joined(), to: "x")
    scene.look()
    var changed = rows
    changed.insert("new\n", at: 20_000)
    try scene.truncateAndWrite(changed.joined(), to: "x")
    scene.look()
    #expect(scene.only?.restarts == 1)
    #expect(scene.only?.lines.count == 40_001)
    try scene.append("last\n", to: "x")
    scene.look()
    #expect(scene.only?.restarts == 1)
    #expect(scene.only?.lines.count == 40_002)
  }

  @Test func touchedOnlyIsNothing() throws {
    let scene = try Scene("x")
    try scene.append("a\nb\n", to: "x")
    scene.look()
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_000)],
      ofItemAtPath: scene.path("x")
    )
    scene.look()
    #expect(scene.only?.lines == ["a", "b"])
    #expect(scene.only?.restarts == 0)
    #expect(scene.only?.timesCaughtUp == 1)
  }

  @Test func emptyFilesAreFollowed() throws {
    let scene = try Scene("x")
    try scene.append("", to: "x")
    scene.look()
    #expect(scene.only?.timesCaughtUp == 1)
    try scene.append("a\n", to: "x")
    scene.look()
    #expect(scene.only?.lines == ["a"])
  }

  @Test func linesLongerThanTheBufferArriveWhole() throws {
    let scene = try Scene("x")
    let long = String(repeating: "y", count: 3 << 20)
    try scene.append("a\n" + long + "\nb\n", to: "x")
    scene.look()
    #expect(scene.only?.lines == ["a", long, "b"])
  }

  @Test func manyMegabytesTakeSeveralTurns() throws {
    let scene = try Scene("*")
    let text = String(repeating: "0123456789abcde\n", count: 10 << 16)
    try scene.append(text, to: "big")
    try scene.append("a\n", to: "small")
    scene.look()
    #expect(scene.consumer("small")?.lines == ["a"])
    for _ in 0..<2 { scene.look() }
    #expect(scene.consumer("big")?.lines.count == 10 << 16)
    #expect(scene.consumer("big")?.timesCaughtUp == 1)
  }

  @Test func documentsAreHandedOverWholeAndOnlyWhenTheyDiffer() throws {
    let scene = try Scene("x.json", documents: true)
    try scene.append("{\"a\": 1", to: "x.json")
    scene.look()
    try scene.append("}", to: "x.json")
    scene.look()
    scene.look()
    try scene.replace("x.json", with: "{\"a\": 1}")
    scene.look()
    try scene.replace("x.json", with: "{\"a\": 2}")
    scene.look()
    #expect(scene.only?.documents == ["{\"a\": 1", "{\"a\": 1}", "{\"a\": 2}"])
  }

  @Test func aDocumentThatIsTooLargeIsToldOfAndReadOnceItIsSmaller() throws {
    let scene = try Scene("x.json", documents: true)
    try scene.append("{}", to: "x.json")
    scene.look()
    try scene.append(String(repeating: " ", count: 1 << 20), to: "x.json")
    for _ in 0..<3 { scene.rest() }
    #expect(scene.only?.documents == ["{}"])
    #expect(scene.counters.readErrors(.tooLarge) > 0)
    #expect(scene.counters.filesFailing.load(ordering: .relaxed) == 1)
    #expect(scene.warnings.count == 1)
    #expect(
      scene.warnings.first?.contains("x.json: it has 1048578 bytes, and a document is read up to 1048576") == true
    )
    try scene.replace("x.json", with: "{\"a\": 1}")
    scene.look()
    scene.rest()
    #expect(scene.only?.documents == ["{}", "{\"a\": 1}"])
    #expect(scene.counters.filesFailing.load(ordering: .relaxed) == 0)
  }

  @Test func lastLinesWithoutAnEndAreKeptAsFarAsThereIsRoomForAll() throws {
    let budget = MemoryBudget(bytesMax: 100_000)
    let scene = try Scene("*", budget: budget)
    let names = (0..<10).map { "log\($0)" }
    for name in names { try scene.append("a\n" + String(repeating: "x", count: 60_000), to: name) }
    scene.look()
    scene.rest()
    #expect(budget.bytes > 0 && budget.bytes <= 100_000)
    for name in names { try scene.remove(name) }
    for _ in 0..<3 { scene.rest() }
    // They were kept for two of ten; those of the others are lost, and counted.
    #expect(scene.consumers.count { $0.lines.count == 2 } == 2)
    #expect(scene.counters.bytesLost.load(ordering: .relaxed) == 8 * 60_000)
    #expect(budget.bytes == 0)
  }

  @Test func readOnceReadsAllToTheEnd() throws {
    let scene = try Scene("*.csv")
    try scene.append("a\nb", to: "y.csv")
    try scene.append("c", to: "x.csv")
    scene.tailer.readOnce()
    #expect(scene.consumers.count == 2)
    #expect(scene.consumer("y.csv")?.lines == ["a", "b"])
    #expect(scene.consumer("x.csv")?.lines == ["c"])
  }
}

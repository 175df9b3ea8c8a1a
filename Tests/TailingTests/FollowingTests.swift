import Budgets
import Foundation
import LogStations
import Tailing
import Testing

@Suite struct FollowingTests {
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

  @Test(arguments: [-1, 0, 1]) func linesAsLongAsTheBuffer(difference: Int) throws {
    let scene = try Scene("x")
    let line = String(repeating: "y", count: TailerLimits.bufferBytes + difference)
    try scene.append(line + "\n" + line + "\nz\n", to: "x")
    scene.look()
    #expect(scene.only?.lines == [line, line, "z"])
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
    let scene = try Scene(["*"], budget: budget)
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
}

import Foundation
import Tailing
import Testing

/// Where lines begin and end, and where a file's bytes are none.
@Suite struct BoundaryTests {
  @Test func aPartOfALineIsNotGluedToWhatFollowsATruncation() throws {
    let scene = try Scene("x")
    try scene.append("a\npart", to: "x")
    scene.look()
    scene.rest()
    try scene.truncateAndWrite("b\n", to: "x")
    scene.look()
    #expect(scene.only?.lines == ["b"])
    #expect(scene.only?.restarts == 1)
  }

  @Test func aDeletedFileIsReadToItsEnd() throws {
    let scene = try Scene("x")
    try scene.append("a\n", to: "x")
    scene.look()
    try scene.append("b\nc", to: "x")
    try scene.remove("x")
    scene.look()
    scene.rest()
    #expect(scene.only?.lines == ["a", "b", "c"])
    #expect(scene.counters.bytesLost.load(ordering: .relaxed) == 0)
  }

  @Test func emptyLinesAreConsumed() throws {
    let scene = try Scene("x")
    try scene.append("\n\n", to: "x")
    scene.look()
    try scene.append("\na\n\n", to: "x")
    scene.look()
    #expect(scene.only?.lines == ["a"])
    #expect(scene.counters.bytesBehind.load(ordering: .relaxed) == 0)
  }

  @Test(arguments: [-1, 0, 1]) func linesAsLongAsTheBuffer(difference: Int) throws {
    let scene = try Scene("x")
    let line = String(repeating: "y", count: TailerLimits.bufferBytes + difference)
    try scene.append(line + "\n" + line + "\nz\n", to: "x")
    scene.look()
    #expect(scene.only?.lines == [line, line, "z"])
  }

  @Test func roomThatWasMadeInAdvanceIsFilled() throws {
    let scene = try Scene("x")
    try scene.append("", to: "x")
    // Larger than the longest line.
    try #require(truncate(scene.path("x"), 6 << 20) == 0)
    scene.look()
    try scene.overwrite("a\nb", in: "x")
    scene.look()
    scene.rest()
    #expect(scene.only?.lines == ["a"])
    #expect(scene.only?.provisional == ["b"])
    try scene.overwrite("a\nbc\nd\n", in: "x")
    scene.look()
    #expect(scene.only?.lines == ["a", "bc", "d"])
    #expect(scene.only?.restarts == 0)
    // Cut to what was written, as its writer does when it closes it.
    try #require(truncate(scene.path("x"), 7) == 0)
    try scene.append("e\n", to: "x")
    scene.look()
    #expect(scene.only?.lines == ["a", "bc", "d", "e"])
    #expect(scene.only?.restarts == 0)
  }

  @Test func whatFollowsAHoleIsReached() throws {
    let scene = try Scene("*")
    try scene.append("", to: "x")
    try #require(truncate(scene.path("x"), 12 << 20) == 0)
    try scene.append("a\n", to: "x")
    try scene.append("b\n", to: "y")
    scene.look()
    #expect(scene.consumer("y")?.lines == ["b"])
    for _ in 0..<4 { scene.look() }
    #expect(scene.consumer("x")?.lines.last?.hasSuffix("a") == true)
    #expect(scene.counters.bytesBehind.load(ordering: .relaxed) == 0)
  }

  @Test func ofRotationsBetweenTwoLooksOnlyTheLastIsThere() throws {
    let scene = try Scene("x")
    try scene.append("0\n", to: "x")
    scene.look()
    for generation in 1...5 {
      try scene.remove("x")
      try scene.append("\(generation)\n", to: "x")
    }
    scene.look()
    #expect(scene.only?.lines == ["5"])
    #expect(scene.only?.restarts == 1)
  }

  @Test(arguments: [.seconds(3600), .seconds(-3600), .seconds(-1_800_000_000)] as [Duration])
  func aClockThatJumpsChangesNothing(error: Duration) throws {
    let scene = try Scene("x")
    try scene.append("a\n", to: "x")
    scene.look()
    scene.wallError = error
    try scene.append("b", to: "x")
    scene.look()
    scene.rest()
    #expect(scene.only?.provisional == ["b"])
    #expect(scene.only?.restedSizes == [3])
    try scene.append("\nc\n", to: "x")
    scene.look()
    scene.wallError = .zero
    try scene.append("d\n", to: "x")
    scene.look()
    #expect(scene.only?.lines == ["a", "b", "c", "d"])
    #expect(scene.only?.restarts == 0)
  }
}

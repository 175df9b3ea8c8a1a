import Foundation
import LogStations
import Testing

@testable import Tailing

/// Bases that are links, found by events and not by the next rescan; what is made between any two calls of the tailer is
/// in `SimulationTests`.
@Suite struct BirthTests {
  /// With inotify; no time passes, and the files' times are old, so that nothing is found by the clock.
  private func following(_ pattern: String) throws -> Scene {
    let scene = try Scene([pattern], usesInotify: true)
    scene.clock.set(by: 1_000_000_000)
    return scene
  }

  /// Itself, or a directory above it.
  @Test(arguments: ["latest", "latest/runs", "latest/a/b"]) func aLinkThatIsPointedElsewhere(base: String) throws {
    let scene = try following("\(base)/*.log")
    let below = base.dropFirst("latest".count)
    try scene.makeDirectory("1\(below)")
    try #require(symlink(scene.path("1"), scene.path("latest")) == 0)
    scene.look(looksEverywhere: false)
    try scene.makeDirectory("2\(below)")
    try scene.truncateAndWrite("x\n", to: "2\(below)/x.log")
    try #require(symlink(scene.path("2"), scene.path("new")) == 0)
    try #require(rename(scene.path("new"), scene.path("latest")) == 0)
    for _ in 0..<2 { scene.look(looksEverywhere: false) }
    #expect(scene.lines("\(base)/x.log") == ["x"])
    // Events tell of what it has now.
    try scene.truncateAndWrite("y\n", to: "2\(below)/y.log")
    scene.look(looksEverywhere: false)
    #expect(scene.lines("\(base)/y.log") == ["y"])
  }

  @Test func aBaseThatIsThereAndCannotBeListedCostsNoTurns() throws {
    let scene = try following("a/loop/*.log")
    try scene.makeDirectory("a")
    try #require(symlink(".", scene.path("a/loop")) == 0)
    for _ in 0..<2 { scene.look(looksEverywhere: false) }
    #expect(scene.tailer.turn() > 1_000_000_000)
  }
}

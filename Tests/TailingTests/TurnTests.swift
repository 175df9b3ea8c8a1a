import Foundation
import LogStations
import Testing

@testable import Tailing

/// No log, folder or operation has more than its turn.
@Suite struct TurnTests {
  @Test func lanesTakeTurns() {
    var queue = TurnQueue<Int>()
    let (busy, quiet) = (Lane(folder: LogPath("/logs/busy")), Lane(folder: LogPath("/logs/quiet")))
    for number in 0..<1000 { queue.append(number, to: busy) }
    queue.append(-1, to: quiet)
    #expect((0..<3).map { _ in queue.popFirst() } == [0, -1, 1])
    queue.append(-2, to: quiet)
    queue.reverse()
    #expect((0..<3).map { _ in queue.popFirst() } == [999, -2, 998])
    var rest = 0
    while queue.popFirst() != nil { rest += 1 }
    #expect(rest == 996)
    #expect(queue.isEmpty)

    var names = WaitingNames()
    for number in 0..<1000 { names.insert(LogPath("/busy/\(number)"), of: LogPath("/busy")) }
    names.insert(LogPath("/quiet/x"), of: LogPath("/quiet"))
    #expect(names.take(100).contains(LogPath("/quiet/x")))
    #expect(names.take(2000).count == 901)
    #expect(names.isEmpty)
  }

  /// With turns that are over at once each step is one of its own.
  @Test func aCrowdOfFilesHidesNoRowOfAnotherFolder() throws {
    let scene = try Scene(["{run}/*.csv"]) { options in
      options.turnTimeMax = .zero
      options.namesPerTurnMax = 64
    }
    try scene.append("1\n", to: "good/x.csv")
    scene.look()
    for number in 0..<1000 { try scene.append("row \(number)\n", to: "crowd/\(number).csv") }
    scene.tailer.turn(looksEverywhere: true)
    #expect(scene.tailer.hasMore)
    try scene.append("2\n", to: "good/x.csv")
    let good = try #require(scene.consumers.first)
    var turns = 0
    while good.lines.count < 2, turns < 100 {
      scene.tailer.turn(looksEverywhere: turns == 0)
      turns += 1
    }
    #expect(good.lines == ["1", "2"])
    #expect(scene.consumers.count < 1000)
    scene.look()
    #expect(scene.consumers.filter { $0.lines.count == 1 }.count == 1000)
  }

  /// A rename within the patterns stays one although the two folders are looked at in different turns.
  @Test func aRenameBetweenFoldersIsOneInManyTurns() throws {
    let scene = try Scene(["**/*.csv"]) { options in
      options.turnTimeMax = .zero
      options.namesPerTurnMax = 1
    }
    for number in 0..<20 { try scene.append("row \(number)\n", to: "a\(number)/x.csv") }
    scene.look()
    for number in 0..<20 {
      try FileManager.default.moveItem(atPath: scene.path("a\(number)"), toPath: scene.path("b\(19 - number)"))
    }
    for _ in 0..<3 { scene.rest() }
    #expect(scene.consumers.count == 20)
    #expect(scene.consumers.allSatisfy { $0.timesVanished == 0 && $0.lines.count == 1 && $0.path.contains("/b") })
  }

  /// Folders are looked at in many turns: a copy may be made in one that was listed already, and the log be truncated
  /// before the others are.
  @Test(arguments: [0, 1, 10, 19]) func aCopyIsFoundInWhicheverTurnItsFolderIsListed(turnsBefore: Int) throws {
    let scene = try Scene(["*/*.csv"]) { $0.turnTimeMax = .zero }
    for number in 10..<30 { try scene.append("row \(number)\n", to: "a\(number)/x.csv") }
    scene.look()
    let original = try #require(scene.follower(of: "a20/x.csv"))
    scene.tailer.turn(looksEverywhere: true)
    for _ in 0..<turnsBefore { scene.tailer.turn() }
    try scene.append("row 20\n", to: "a10/copy.csv")
    try scene.truncateAndWrite("new\n", to: "a20/x.csv")
    for _ in 0..<3 { scene.rest() }
    #expect(original.path == scene.path("a10/copy.csv"))
    #expect(scene.follower(of: "a20/x.csv")?.lines == ["new"])
    #expect(scene.consumers.map(\.lines.count) == [Int](repeating: 1, count: 21))
  }

  @Test(arguments: [false, true]) func aFileThatLostItsNameIsReadInTurns(isReplaced: Bool) throws {
    let scene = try Scene(["*.csv"]) { $0.turnBytesMax = 1 << 10 }
    let rows = (0..<500_000).map { "\($0)" }
    try scene.append("first\n", to: "x.csv")
    try scene.append("a\n", to: "y.csv")
    scene.look()
    try scene.append(rows.joined(separator: "\n") + "\n", to: "x.csv")
    try scene.remove("x.csv")
    if isReplaced { try scene.append("new\n", to: "x.csv") }
    try scene.append("b\n", to: "y.csv")
    scene.tailer.turn(looksEverywhere: true)
    let (x, y) = (scene.consumers[0], scene.consumers[1])
    #expect(y.lines == ["a", "b"])
    #expect(x.lines.count < rows.count)
    #expect(x.restarts == 0)
    var turns = 0
    while scene.tailer.turn() <= scene.now.monotonic, turns < 1000 { turns += 1 }
    for _ in 0..<3 { scene.rest() }
    #expect(turns > 5)
    if isReplaced {
      #expect(x.restarts == 1)
      #expect(x.lines == ["new"])
    } else {
      #expect(x.lines == ["first"] + rows)
      #expect(x.timesVanished == 1)
    }
    #expect(scene.counters.bytesLost.load(ordering: .relaxed) == 0)
    #expect(scene.counters.bytesRead.load(ordering: .relaxed) > 3_000_000)
  }

  @Test func aLogThatIsFarBehindIsToldOf() throws {
    let scene = try Scene(["*.csv"]) { options in
      options.turnBytesMax = 1 << 10
      options.startTimeMax = .zero
    }
    try scene.append(String(repeating: "0123456789abcde\n", count: 1 << 17), to: "large.csv")
    scene.tailer.catchUp()
    #expect(scene.counters.bytesBehind.load(ordering: .relaxed) > 200_000)
    #expect(scene.counters.filesFarBehind.load(ordering: .relaxed) == 0)
    scene.clock.pass(nanoseconds: 11_000_000_000)
    scene.tailer.turn()
    #expect(scene.counters.filesFarBehind.load(ordering: .relaxed) == 1)
    #expect(scene.warnings.count == 1)
    while scene.tailer.turn() <= scene.now.monotonic {}
    #expect(scene.counters.filesFarBehind.load(ordering: .relaxed) == 0)
    #expect(scene.counters.bytesBehind.load(ordering: .relaxed) == 0)
  }

  @Test(arguments: [1, 4096, 70_000, 1 << 20, (1 << 20) + 40_000, 5 << 20]) func aHoleIsLikeZeros(count: Int) {
    for before in [0, 3, 50_000, (1 << 20) + 7] {
      var (skipped, read) = (ContentMarks(), ContentMarks())
      let text = [UInt8](repeating: 7, count: before)
      for (bytes, isHole) in [(text, false), ([UInt8](repeating: 0, count: count), true), ([1, 2, 3], false)] {
        bytes.withUnsafeBytes { read.append($0) }
        if isHole { skipped.appendZeros(bytes.count) } else { bytes.withUnsafeBytes { skipped.append($0) } }
        for hasGrown in [false, true] {
          #expect(skipped.windows(hasGrown: hasGrown) == read.windows(hasGrown: hasGrown))
        }
      }
    }
  }
}

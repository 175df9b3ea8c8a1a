import Foundation
import LogStations
import Testing

@testable import Tailing

/// Many directories, with inotify and without a thread: what a turn asks of the file system, and what it still finds
/// where no event told of it. The clock stands but for `pass`; the wall clock is so far ahead that no time is too new.
@Suite struct ManyFilesTests {
  /// With inotify.
  private final class Following {
    let files = WatchedFileSystem()
    let scene: Scene

    init(_ pattern: String, ignoreOlder: Duration? = nil) throws {
      scene = try Scene([pattern], ignoreOlder: ignoreOlder, files: files, usesInotify: true)
      // No time is too new.
      scene.clock.set(by: 1_000_000_000)
    }

    /// One turn, with what events say by then.
    func turn() { scene.look(looksEverywhere: false) }

    /// Lets so much time pass, and turns.
    func pass(_ duration: Duration) { scene.rest(duration, looksEverywhere: false) }

    func path(_ name: String) -> String { scene.path(name) }
    func append(_ text: String, to name: String) throws { try scene.append(text, to: name) }
    func lines(_ name: String) -> [String]? { scene.lines(name) }

    /// How many directories there are above a pattern's fixed part, each of them watched.
    var above: Int { scene.root.pathComponents.count }

    /// How many watches the kernel holds for the tailer.
    func watchCount() throws -> Int {
      let descriptor = try #require(scene.tailer.watches.descriptor)
      let info = try String(contentsOfFile: "/proc/self/fdinfo/\(descriptor)", encoding: .utf8)
      return info.split(separator: "\n").count { $0.hasPrefix("inotify wd:") }
    }
  }

  private static let rescan = TailerOptions().rescanInterval

  @Test func twoThousandDirectories() throws {
    let following = try Following("runs/*/*/x.log")
    let names = (0..<2_000).map { "runs/\($0 / 50)/\($0)/x.log" }
    for name in names { try following.append("\(name)\n", to: name) }
    following.turn()
    for name in names { #expect(following.lines(name) == [name]) }
    // The files rest: no descriptor stays.
    following.pass(.seconds(3))
    #expect(following.files.openNow == 0)
    #expect(following.files.openMost <= TailerLimits.openDescriptorsMax + 1)
    #expect(try following.watchCount() == following.above + 1 + 40 + 2_000)

    // Nothing happens: in ten rescans each directory is listed once, and each file looked at once.
    following.files.forget()
    for _ in 0...TailerLimits.steadyLooksMax { following.pass(Self.rescan) }
    #expect(following.files.listings.count == 1 + 40 + 2_000)
    #expect(following.files.listings.values.allSatisfy { $0 == 1 })
    for name in names { #expect(following.files.statuses[following.path(name)] == 1) }
    #expect(following.files.opens == 0)

    // Between them nobody asks for a file but for the one that an event tells of.
    following.files.forget()
    try following.append("more\n", to: names[1_234])
    following.turn()
    #expect(following.lines(names[1_234]) == [names[1_234], "more"])
    #expect(Array(following.files.statuses.keys) == [following.path(names[1_234])])
    #expect(following.files.listings.isEmpty)
    #expect(try following.watchCount() == following.above + 1 + 40 + 2_000)
  }

  /// What comes, goes or is renamed costs calls for itself alone, also where all are in one directory.
  @Test func oneOfManyFilesCostsNothingOfTheOthers() throws {
    let following = try Following("*.log")
    let names = (0..<500).map { "\($0).log" }
    for name in names { try following.append("\(name)\n", to: name) }
    following.turn()
    following.pass(.seconds(3))

    func expectCalls(for names: String..., sourceLocation: SourceLocation = #_sourceLocation) {
      #expect(following.files.listings.isEmpty, sourceLocation: sourceLocation)
      let asked = Set(following.files.statuses.keys)
      #expect(asked.isSubset(of: names.map(following.path)), sourceLocation: sourceLocation)
      following.files.forget()
    }

    following.files.forget()
    try following.append("new\n", to: "new.log")
    following.turn()
    #expect(following.lines("new.log") == ["new"])
    expectCalls(for: "new.log")
    try #require(rename(following.path("7.log"), following.path("renamed.log")) == 0)
    following.turn()
    #expect(following.lines("renamed.log") == ["7.log"])
    expectCalls(for: "7.log", "renamed.log")
    // Another file takes the name of one that rests: whether that one has another name only a listing tells.
    try following.append("x\n", to: "next")
    try #require(rename(following.path("next"), following.path("8.log")) == 0)
    following.turn()
    #expect(following.lines("8.log") == ["x"])
    #expect(following.files.listings.values.allSatisfy { $0 == 1 })
  }

  @Test func aChangeWithoutASignIsFoundLater() throws {
    let following = try Following("*.log")
    let elsewhere = try LogFolder()
    try following.append("a\n", to: "x.log")
    following.turn()
    following.pass(.seconds(3))
    // Events of what happens through another name go to that name's directory.
    let other = elsewhere.path("other")
    try #require(link(following.path("x.log"), other) == 0)
    try elsewhere.append("b\n", to: "other")
    following.turn()
    #expect(following.lines("x.log") == ["a"])
    for _ in 0...TailerLimits.steadyLooksMax { following.pass(Self.rescan) }
    #expect(following.lines("x.log") == ["a", "b"])
  }

  @Test func anotherDirectoryUnderTheSamePathIsFoundAtTheNextRescan() throws {
    let following = try Following("a/b/*.log")
    try following.append("1\n", to: "a/b/x.log")
    following.turn()
    following.pass(.seconds(3))
    try FileManager.default.moveItem(atPath: following.path("a"), toPath: following.path("away"))
    try following.append("2\n", to: "a/b/x.log")
    following.turn()
    following.pass(Self.rescan)
    #expect(following.lines("x.log") == nil)
    #expect(following.lines("a/b/x.log") == ["2"])
  }

  @Test func aFileThatWasTooOldIsFoundWhenItGrows() throws {
    let following = try Following("*.log", ignoreOlder: .seconds(3600))
    try following.append("1\n", to: "old.log")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -7200)],
      ofItemAtPath: following.path("old.log")
    )
    following.turn()
    #expect(following.lines("old.log") == nil)
    try following.append("2\n", to: "old.log")
    following.turn()
    #expect(following.lines("old.log") == ["1", "2"])
  }

  @Test func watchesDoNotPileUp() throws {
    let following = try Following("runs/*/x.log")
    try following.append("a\n", to: "runs/0/x.log")
    try following.append("target 0\n", to: "targets/0")
    try FileManager.default.createDirectory(atPath: following.path("runs/linked"), withIntermediateDirectories: true)
    let linked = following.path("runs/linked/x.log")
    try #require(symlink(following.path("targets/0"), linked) == 0)
    following.turn()
    let before = try following.watchCount()
    #expect(before == following.above + 4)
    for number in 1...300 {
      // A rotation by renaming, a link that leads elsewhere, and a run that comes and goes.
      let log = following.path("runs/0/x.log")
      try #require(rename(log, log + ".1") == 0)
      try following.append("a\n", to: "runs/0/x.log")
      try following.append("target \(number)\n", to: "targets/\(number)")
      try #require(symlink(following.path("targets/\(number)"), linked + ".new") == 0)
      try #require(rename(linked + ".new", linked) == 0)
      try following.append("b\n", to: "runs/short/x.log")
      following.turn()
      try FileManager.default.removeItem(atPath: following.path("runs/short"))
      following.turn()
      following.pass(.seconds(1))
    }
    following.pass(Self.rescan)
    following.pass(Self.rescan)
    #expect(try following.watchCount() == before)
    // The watch stands on what the link leads to now.
    try following.append("more\n", to: "targets/300")
    following.turn()
    #expect(following.lines("runs/linked/x.log") == ["target 300", "more"])
  }

  @Test(.timeLimit(.minutes(10))) func linksThatLeadBackAndAcross() throws {
    let following = try Following("**/x.log")
    // Each level has the next under two more names, and a way back to the top.
    var directory = following.scene.root.path
    for _ in 0..<8 {
      let next = directory + "/d"
      try FileManager.default.createDirectory(atPath: next, withIntermediateDirectories: true)
      try #require(symlink("d", directory + "/e") == 0)
      try #require(symlink(following.scene.root.path, next + "/top") == 0)
      directory = next
    }
    try following.append("a\n", to: directory + "/x.log")
    following.turn()
    // 2 ways at each of 8 levels, each listed once.
    #expect(following.files.listings.count == (1 << 9) - 1)
    #expect(following.files.listings.values.allSatisfy { $0 == 1 })
    #expect(following.scene.tailer.tables[0].logs.count == 1)
    try following.append("b\n", to: directory + "/x.log")
    following.turn()
    #expect(following.scene.tailer.tables[0].logs.values.first?.tracker.offset == 4)
  }
}

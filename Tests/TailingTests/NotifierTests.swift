import Glibc
import LogStations
import Tailing
import Testing

/// What the tailer does when it hears of changes, of too many, or of none.
@Suite struct NotifierTests {
  /// Says what the test tells it to.
  final class FakeNotifier: ChangeNotifier {
    let descriptor: Int32? = -1
    var shortage: SystemError?
    var notes: [ChangeNote] = []

    func add(_ path: LogPath, forNames: Bool) {}
    func covers(_ path: LogPath) -> Bool { shortage == nil }
    func prune(keeping isWanted: (LogPath) -> Bool) {}

    func drain(_ body: (ChangeNote) -> Void) {
      let waiting = notes
      notes = []
      waiting.forEach(body)
    }
  }

  @Test func lostEventsMeanLookingEverywhere() throws {
    let notifier = FakeNotifier()
    let scene = try Scene(["runs/{run}/x", "y"], notifier: notifier)
    try scene.append("a\n", to: "y")
    scene.look()
    scene.rest()
    try scene.append("b\n", to: "y")
    try scene.makeDirectory("runs/1")
    try scene.append("c\n", to: "runs/1/x")
    scene.rest(.seconds(5), looksEverywhere: false)
    #expect(scene.only?.lines == ["a"])
    notifier.notes = [.overflow]
    scene.look(looksEverywhere: false)
    #expect(scene.consumer("y")?.lines == ["a", "b"])
    #expect(scene.consumer("runs/1/x")?.lines == ["c"])
  }

  @Test func withoutRoomForWatchesFilesArePolled() throws {
    let notifier = FakeNotifier()
    notifier.shortage = SystemError(code: ENOSPC)
    let scene = try Scene(["*"], notifier: notifier)
    try scene.append("a\n", to: "x")
    scene.look()
    try scene.append("b\n", to: "x")
    scene.rest(.seconds(2), looksEverywhere: false)
    #expect(scene.only?.lines == ["a", "b"])
    try scene.append("c\n", to: "y")
    scene.rest(.seconds(10), looksEverywhere: false)
    #expect(scene.consumer("y")?.lines == ["c"])
  }

  @Test func withoutAnyEventTheListingFindsWhatIsThere() throws {
    let scene = try Scene(["*"], notifier: FakeNotifier())
    try scene.append("a\n", to: "x")
    scene.look()
    scene.rest()
    try scene.append("b\n", to: "x")
    try scene.append("c\n", to: "y")
    scene.rest(.seconds(30), looksEverywhere: false)
    #expect(scene.consumer("x")?.lines == ["a", "b"])
    #expect(scene.consumer("y")?.lines == ["c"])
  }

  /// A copy is made, then the log is truncated: the events say so in this order, and are read in one go or in two.
  @Test(arguments: [true, false]) func aCopyIsFoundByItsEvent(comesLate: Bool) throws {
    let notifier = FakeNotifier()
    let scene = try Scene(["live/*.log", "old/*.log"], notifier: notifier)
    try scene.makeDirectory("live")
    try scene.makeDirectory("old")
    try scene.append("a\nb\n", to: "live/x.log")
    scene.look()
    try scene.append("a\nb\n", to: "old/x.log")
    try scene.truncateAndWrite("c\n", to: "live/x.log")
    let copied = ChangeNote.entry(
      directory: LogPath(scene.path("old")),
      name: Array("x.log".utf8),
      isStructural: true
    )
    let truncated = ChangeNote.entry(
      directory: LogPath(scene.path("live")),
      name: Array("x.log".utf8),
      isStructural: false
    )
    notifier.notes = [copied]
    if comesLate { scene.look(looksEverywhere: false) }
    notifier.notes.append(truncated)
    scene.look(looksEverywhere: false)
    #expect(scene.follower(of: "old/x.log")?.lines == ["a", "b"])
    #expect(scene.follower(of: "live/x.log")?.lines == ["c"])
    #expect(scene.counters.bytesRead.load(ordering: .relaxed) == 6)
  }
}

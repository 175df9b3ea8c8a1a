import Clocks
import Foundation
import LogStations
import Tailing
import Testing

/// What happens when system calls fail: nothing is lost, and everything comes back by itself.
@Suite struct FaultTests {
  @Test(arguments: [
    (WatchedFileSystem.Call.open, EACCES, TailerCounters.ReadError.permission),
    (.open, EMFILE, .tooManyOpenFiles),
    (.status, ESTALE, .stale),
    (.read, EIO, .io),
  ])
  func aFileThatCannotBeReadIsTriedAgain(
    call: WatchedFileSystem.Call,
    code: Int32,
    reason: TailerCounters.ReadError
  ) throws {
    let files = WatchedFileSystem()
    let scene = try Scene("x", files: files)
    try scene.append("a\n", to: "x")
    scene.look()
    scene.rest()
    try scene.append("b\n", to: "x")
    files.fault = (call, code)
    scene.look()
    scene.look()
    #expect(scene.counters.readErrors(reason) > 0)
    #expect(scene.only?.lines == ["a"])
    files.fault = nil
    scene.rest()
    #expect(scene.only?.lines == ["a", "b"])
    #expect(scene.only?.restarts == 0)
    #expect(scene.only?.timesVanished == 0)
  }

  /// The listing has the old name, the file has the new one.
  @Test(arguments: [true, false]) func aFileRenamedDuringAListingIsNotTakenForDeleted(isWithinThePattern: Bool) throws {
    let files = WatchedFileSystem()
    let scene = try Scene("*.log", files: files)
    try scene.append("a\n", to: "x.log")
    scene.look()
    let name = isWithinThePattern ? "y.log" : "x.old"
    try scene.append("b\n", to: "x.log")
    files.afterListing = { try? scene.rename("x.log", name) }
    scene.look()
    scene.look()
    try scene.append("c\n", to: name)
    scene.look()
    #expect(scene.only?.lines == ["a", "b", "c"])
    #expect(scene.only?.timesVanished == 0)
    #expect(scene.only?.restarts == 0)
  }

  @Test func aFileUnreadableFromTheStart() throws {
    let files = WatchedFileSystem()
    let scene = try Scene("x", files: files)
    try scene.append("a\n", to: "x")
    files.fault = (.open, EACCES)
    scene.look()
    #expect(scene.only?.lines == [])
    files.fault = nil
    scene.rest()
    #expect(scene.only?.lines == ["a"])
  }

  @Test func aDirectoryThatCannotBeListedLosesNothing() throws {
    let files = WatchedFileSystem()
    let scene = try Scene("runs/*", files: files)
    try scene.makeDirectory("runs")
    try scene.append("a\n", to: "runs/x")
    scene.look()
    files.fault = (.list, EMFILE)
    scene.look()
    scene.rest()
    #expect(scene.only?.timesVanished == 0)
    files.fault = nil
    try scene.append("b\n", to: "runs/x")
    try scene.append("c\n", to: "runs/y")
    scene.look()
    #expect(scene.consumer("runs/x")?.lines == ["a", "b"])
    #expect(scene.consumer("runs/y")?.lines == ["c"])
  }

  /// Its files can be looked at still, and one that was listed is gone before its first byte was read.
  @Test func aDirectoryThatCannotBeListedAnyMoreMakesNoTurnFollowTurn() throws {
    let files = WatchedFileSystem()
    // It holds the scene, which holds the files.
    defer { files.meddle = nil }
    let scene = try Scene("runs/*", files: files)
    try scene.makeDirectory("runs")
    try scene.append("a\n", to: "runs/x")
    var looks = 0
    files.meddle = { call in
      guard call == .open else { return }
      looks += 1
      guard looks == 1 else { return }
      files.fault = (.list, EACCES)
      try? scene.remove("runs/x")
    }
    scene.look()
    #expect(looks > 0)
    for _ in 0..<3 { scene.rest(.milliseconds(300), looksEverywhere: false) }
    #expect(scene.tailer.turn() > scene.now.monotonic)
    files.fault = nil
    try scene.append("b\n", to: "runs/x")
    scene.rest()
    #expect(scene.only?.lines == ["b"])
  }

  @Test func aDirectoryThatCannotBeListedIsCountedWhileItCannot() throws {
    let files = WatchedFileSystem()
    let scene = try Scene("runs/*", files: files)
    try scene.append("a\n", to: "runs/x")
    files.fault = (.list, EACCES)
    scene.look()
    #expect(scene.tailer.counters[0].foldersFailing.load(ordering: .relaxed) == 1)
    files.fault = nil
    scene.rest()
    #expect(scene.tailer.counters[0].foldersFailing.load(ordering: .relaxed) == 0)
    #expect(scene.only?.lines == ["a"])
  }

  @Test(.timeLimit(.minutes(10)), arguments: [WatchedFileSystem.Call.read, .open, .status, .list])
  func startingUpDoesNotWaitForWhatCannotBeRead(call: WatchedFileSystem.Call) throws {
    let files = WatchedFileSystem()
    let scene = try Scene("*", files: files)
    try scene.append("a\n", to: "x")
    files.fault = (call, EIO)
    var timesCaughtUp = 0
    scene.tailer.run {
      timesCaughtUp += 1
      scene.tailer.stop()
    }
    #expect(timesCaughtUp == 1)
  }

  @Test func aFileThatIsWrittenAnewBetweenTwoReadsIsNoMixture() throws {
    let files = WatchedFileSystem()
    // It holds the scene, which holds the files.
    defer { files.meddle = nil }
    let scene = try Scene("x", files: files)
    try scene.append("aa\nbb\ncc\n", to: "x")
    files.readBytesMax = 4
    var reads = 0
    files.meddle = { call in
      guard call == .read else { return }
      reads += 1
      if reads == 2 { try? scene.truncateAndWrite("xx\nyy\nzz\nzz\n", to: "x") }
    }
    for _ in 0..<3 { scene.look() }
    #expect(scene.only?.lines == ["xx", "yy", "zz", "zz"])
    #expect(scene.only?.restarts == 0)
  }

  @Test func readsOfOneByteEach() throws {
    let files = WatchedFileSystem()
    files.readBytesMax = 1
    let scene = try Scene("x", files: files)
    try scene.append("abc\ndef\n", to: "x")
    scene.look()
    try scene.append("ghi\n", to: "x")
    scene.look()
    #expect(scene.only?.lines == ["abc", "def", "ghi"])
    #expect(scene.only?.restarts == 0)
  }

  @Test func filesThatRestHoldNoDescriptorAndAreNotLookedAt() throws {
    let files = WatchedFileSystem()
    let scene = try Scene("*", files: files)
    for number in 0..<200 { try scene.append("a\(number)\nb", to: "f\(number)") }
    // One with a time that never vouches for its content: it is compared at each look.
    var times = [timespec(tv_sec: time(nil) + 3600, tv_nsec: 0), timespec(tv_sec: time(nil) + 3600, tv_nsec: 0)]
    try #require(utimensat(AT_FDCWD, scene.path("f0"), &times, 0) == 0)
    scene.look()
    #expect(files.openNow <= 128)
    scene.rest()
    #expect(files.openNow == 0)
    scene.rest()
    #expect(files.openNow == 0)
    let calls = files.calls
    let next = scene.tailer.turn()
    #expect(files.calls == calls)
    #expect(next > scene.now.monotonic)
  }
}

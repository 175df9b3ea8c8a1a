import Clocks
import Foundation
import LogStations
import Tailing
import Testing

/// What happens when system calls fail: nothing is lost, and everything comes back by itself.
@Suite struct FaultTests {
  /// The real file system, with one call failing.
  final class FaultyFileSystem: FileSystem {
    enum Call { case status, list, open, read }

    private let real = RealFileSystem()
    var fault: (call: Call, code: Int32)?
    var readBytesMax = Int.max
    /// Called once, between the listing of a directory and the look at its files.
    var afterListing: (() -> Void)?
    private(set) var openCount = 0
    private(set) var calls = 0

    /// What others do just before a call.
    var meddle: ((Call) -> Void)?

    private func check(_ call: Call) throws(SystemError) {
      calls += 1
      meddle?(call)
      if let fault, fault.call == call { throw SystemError(code: fault.code) }
    }

    func status(of path: LogPath) throws(SystemError) -> PathStatus {
      try check(.status)
      return try real.status(of: path)
    }

    func kind(of path: LogPath) throws(SystemError) -> EntryKind {
      try check(.list)
      return try real.kind(of: path)
    }

    func list(_ directory: LogPath, _ body: ([UInt8], EntryKind, UInt64) -> Bool) throws(SystemError) {
      try check(.list)
      try real.list(directory, body)
      afterListing?()
      afterListing = nil
    }

    func open(_ path: LogPath) throws(SystemError) -> Int32 {
      try check(.open)
      let descriptor = try real.open(path)
      openCount += 1
      return descriptor
    }

    func status(of descriptor: Int32) throws(SystemError) -> PathStatus { try real.status(of: descriptor) }

    func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int)
      throws(SystemError) -> Int
    {
      try check(.read)
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, readBytesMax)])
      return try real.read(descriptor, into: piece, at: offset)
    }

    func close(_ descriptor: Int32) {
      openCount -= 1
      real.close(descriptor)
    }
  }

  @Test(arguments: [
    (FaultyFileSystem.Call.open, EACCES, TailerCounters.ReadError.permission),
    (.open, EMFILE, .tooManyOpenFiles),
    (.status, ESTALE, .stale),
    (.read, EIO, .io),
  ])
  func aFileThatCannotBeReadIsTriedAgain(
    call: FaultyFileSystem.Call,
    code: Int32,
    reason: TailerCounters.ReadError
  ) throws {
    let files = FaultyFileSystem()
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
    let files = FaultyFileSystem()
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
    let files = FaultyFileSystem()
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
    let files = FaultyFileSystem()
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
    let files = FaultyFileSystem()
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

  @Test(.timeLimit(.minutes(1)), arguments: [FaultyFileSystem.Call.read, .open, .status, .list])
  func startingUpDoesNotWaitForWhatCannotBeRead(call: FaultyFileSystem.Call) throws {
    let files = FaultyFileSystem()
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
    let files = FaultyFileSystem()
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
    let files = FaultyFileSystem()
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
    let files = FaultyFileSystem()
    let scene = try Scene("*", files: files)
    for number in 0..<200 { try scene.append("a\nb", to: "f\(number)") }
    // One with a time that never vouches for its content: it is compared at each look.
    var times = [timespec(tv_sec: time(nil) + 3600, tv_nsec: 0), timespec(tv_sec: time(nil) + 3600, tv_nsec: 0)]
    try #require(utimensat(AT_FDCWD, scene.path("f0"), &times, 0) == 0)
    scene.look()
    #expect(files.openCount <= 128)
    scene.rest()
    #expect(files.openCount == 0)
    scene.rest()
    #expect(files.openCount == 0)
    let calls = files.calls
    let next = scene.tailer.turn()
    #expect(files.calls == calls)
    #expect(next > scene.now.monotonic)
  }

  @Test func realPermissionTakenAndGivenBack() throws {
    guard getuid() != 0 else { return }
    let scene = try Scene("x")
    try scene.append("a\n", to: "x")
    try #require(chmod(scene.path("x"), 0) == 0)
    scene.look()
    #expect(scene.counters.readErrors(.permission) == 1)
    try #require(chmod(scene.path("x"), 0o644) == 0)
    scene.look()
    #expect(scene.only?.lines == ["a"])
  }
}

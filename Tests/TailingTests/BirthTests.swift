import Clocks
import Foundation
import LogStations
import PatternSyntax
import Testing

@testable import Tailing

/// What is made between any two calls of the tailer is found by the events that follow, and not by the next rescan.
@Suite struct BirthTests {
  /// The real file system; something happens after one of its calls.
  final class MeddlingFileSystem: FileSystem {
    private let real = RealFileSystem()
    private var calls = 0
    var meddling: (afterCall: Int, body: () -> Void)?

    private func count() {
      calls += 1
      guard let (call, body) = meddling, call == calls else { return }
      meddling = nil
      body()
    }

    /// The next call is number 1.
    func restart() { calls = 0 }

    func status(of path: LogPath) throws(SystemError) -> PathStatus {
      defer { count() }
      return try real.status(of: path)
    }

    func kind(of path: LogPath) throws(SystemError) -> EntryKind {
      defer { count() }
      return try real.kind(of: path)
    }

    func list(_ directory: LogPath, _ body: ([UInt8], EntryKind, UInt64) -> Bool) throws(SystemError) {
      defer { count() }
      try real.list(directory, body)
    }

    func open(_ path: LogPath) throws(SystemError) -> Int32 {
      defer { count() }
      return try real.open(path)
    }

    func status(of descriptor: Int32) throws(SystemError) -> PathStatus { try real.status(of: descriptor) }

    func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int)
      throws(SystemError) -> Int
    { try real.read(descriptor, into: buffer, at: offset) }

    func close(_ descriptor: Int32) { real.close(descriptor) }
  }

  /// With inotify; no time passes, and the files' times are old, so that nothing is found by the clock.
  private struct Following {
    let files = MeddlingFileSystem()
    let scene: Scene

    init(_ first: String, _ second: String? = nil) throws {
      let patterns = [first] + (second.map { [$0] } ?? [])
      scene = try Scene(patterns, files: files, usesInotify: true)
      scene.clock.set(by: 1_000_000_000)
    }

    func turn(_ count: Int = 1) {
      for _ in 0..<count { scene.look(looksEverywhere: false) }
    }

    func path(_ name: String) -> String { scene.path(name) }
    func make(_ directory: String) { try? scene.makeDirectory(directory) }
    func write(_ text: String, to name: String) { try? scene.truncateAndWrite(text, to: name) }
    func lines(_ name: String) -> [String]? { scene.lines(name) }
  }

  /// More calls than a turn has here.
  private static let calls = 1...16

  @Test(arguments: calls) func aTreeBelowABaseThatIsNotThere(call: Int) throws {
    let following = try Following("a/b/c/*.log", "a/d/{run}/*.log")
    following.turn()
    following.make("a")
    following.files.restart()
    following.files.meddling = (
      call,
      {
        following.make("a/b/c")
        following.make("a/d/1")
        following.write("x\n", to: "a/b/c/x.log")
        following.write("y\n", to: "a/d/1/y.log")
      }
    )
    following.turn(3)
    guard following.files.meddling == nil else { return }
    #expect(following.lines("a/b/c/x.log") == ["x"])
    #expect(following.lines("a/d/1/y.log") == ["y"])
  }

  @Test(arguments: calls) func oneFolderAfterTheOther(call: Int) throws {
    let following = try Following("a/b/c/d/*.log")
    following.turn()
    let steps = [
      { following.make("a") }, { following.make("a/b") }, { following.make("a/b/c") }, { following.make("a/b/c/d") },
      { following.write("x\n", to: "a/b/c/d/x.log") },
    ]
    func next(_ step: Int) {
      guard step < steps.count else { return }
      following.files.restart()
      following.files.meddling = (
        step == 0 ? call : 1,
        {
          steps[step]()
          next(step + 1)
        }
      )
    }
    following.make("a")
    next(1)
    following.turn(8)
    guard following.files.meddling == nil else { return }
    #expect(following.lines("a/b/c/d/x.log") == ["x"])
  }

  @Test(arguments: calls) func aBaseThatGoesAndComesBack(call: Int) throws {
    let following = try Following("a/b/*.log")
    following.make("a/b")
    following.turn()
    try FileManager.default.removeItem(atPath: following.path("a"))
    following.files.restart()
    following.files.meddling = (
      call,
      {
        following.make("a/b")
        following.write("x\n", to: "a/b/x.log")
      }
    )
    following.turn(3)
    guard following.files.meddling == nil else { return }
    #expect(following.lines("a/b/x.log") == ["x"])
  }

  /// Itself, or a directory above it.
  @Test(arguments: ["latest", "latest/runs", "latest/a/b"]) func aLinkThatIsPointedElsewhere(base: String) throws {
    let following = try Following("\(base)/*.log")
    let below = base.dropFirst("latest".count)
    following.make("1\(below)")
    try #require(symlink(following.path("1"), following.path("latest")) == 0)
    following.turn()
    following.make("2\(below)")
    following.write("x\n", to: "2\(below)/x.log")
    try #require(symlink(following.path("2"), following.path("new")) == 0)
    try #require(rename(following.path("new"), following.path("latest")) == 0)
    following.turn(2)
    #expect(following.lines("\(base)/x.log") == ["x"])
    // Events tell of what it has now.
    following.write("y\n", to: "2\(below)/y.log")
    following.turn()
    #expect(following.lines("\(base)/y.log") == ["y"])
  }

  @Test func aBaseThatIsThereAndCannotBeListedCostsNoTurns() throws {
    let following = try Following("a/loop/*.log")
    following.make("a")
    try #require(symlink(".", following.path("a/loop")) == 0)
    following.turn(2)
    #expect(following.scene.tailer.turn() > 1_000_000_000)
  }
}

import Foundation
import LogStations
import PatternSyntax
import Synchronization
import Tailing
import Testing

/// The whole tailer on its own thread with inotify; its timers are set so long that only events can be the reason.
@Suite(.serialized) struct RunningTests {
  /// Hands what its consumer saw to the test's thread.
  final class SharedConsumer: LogConsumer, Sendable {
    let readsWholeDocuments = false
    let state = Mutex<(lines: [String], restarts: Int, vanished: Int)>(([], 0, 0))
    let box: Box

    init(box: Box) {
      self.box = box
    }

    var lines: [String] { state.withLock { $0.lines } }

    func consume(_ bytes: UnsafeRawBufferPointer, ending: LogEnding) -> Int {
      if case .rested = ending { return 0 }
      let end = (bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
      let lines = RecordingConsumer.lines(of: bytes[..<end])
      state.withLock { $0.lines += lines }
      return end
    }

    func handle(_ event: LogEvent) {
      switch event {
      case .restarted:
        state.withLock {
          $0.restarts += 1
          $0.lines = []
        }
      case .vanished: state.withLock { $0.vanished += 1 }
      case .moved(let file): box.consumers.withLock { $0[file.path] = self }
      case .willRead, .refused, .caughtUp, .passedBy, .restVanished, .succeeds: break
      }
    }
  }

  /// Who follows which path now.
  final class Box: Sendable {
    let consumers = Mutex<[String: SharedConsumer]>([:])
  }

  final class Run: Sendable {
    let tailer: Tailer
    let hasCaughtUp = Atomic(false)
    let hasEnded = Atomic(false)

    init(root: URL, _ patterns: [String], usesInotify: Bool = true) throws {
      let watcher = TailedWatcher(
        name: "test",
        root: root.path,
        files: try patterns.map { try Pattern(parsing: $0) }
      )
      var options = TailerOptions()
      options.usesInotify = usesInotify
      options.rescanInterval = .seconds(usesInotify ? 3600 : 0.1)
      options.pollInterval = .seconds(usesInotify ? 3600 : 0.05)
      let box = Box()
      tailer = Tailer(watchers: [watcher], options: options) { file in
        let consumer = SharedConsumer(box: box)
        box.consumers.withLock { $0[file.path] = consumer }
        return consumer
      }
      self.box = box
      Thread.detachNewThread { [self] in
        tailer.run { hasCaughtUp.store(true, ordering: .releasing) }
        hasEnded.store(true, ordering: .releasing)
      }
    }

    let box: Box

    func lines(_ path: String) -> [String]? { box.consumers.withLock { $0[path] }?.lines }
  }

  /// Waits for the condition, far longer than it should take.
  private func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = Date(timeIntervalSinceNow: 20)
    while Date() < deadline {
      if condition() { return true }
      usleep(1_000)
    }
    return condition()
  }

  private func inDirectory(
    _ patterns: [String],
    usesInotify: Bool = true,
    _ body: (Run, LogFolder) throws -> Void
  ) throws {
    let folder = try LogFolder()
    let run = try Run(root: folder.url, patterns, usesInotify: usesInotify)
    defer {
      run.tailer.stop()
      #expect(eventually { run.hasEnded.load(ordering: .acquiring) })
    }
    #expect(eventually { run.hasCaughtUp.load(ordering: .acquiring) })
    try body(run, folder)
  }

  @Test(arguments: [true, false]) func appendsRenamesAndRewrites(usesInotify: Bool) throws {
    try inDirectory(["runs/{run}/*.csv"], usesInotify: usesInotify) { run, folder in
      // Neither directory was there when the tailer started.
      try folder.makeDirectory("runs/1")
      try folder.append("a\n", to: "runs/1/x.csv")
      #expect(eventually { run.lines(folder.path("runs/1/x.csv")) == ["a"] })
      try folder.append("b\n", to: "runs/1/x.csv")
      #expect(eventually { run.lines(folder.path("runs/1/x.csv")) == ["a", "b"] })
      try folder.makeDirectory("runs/2/deep")
      try folder.append("c\n", to: "runs/2/y.csv")
      #expect(eventually { run.lines(folder.path("runs/2/y.csv")) == ["c"] })
      try folder.append("d\ne\n", to: "runs/new")
      try folder.rename("runs/new", "runs/1/x.csv")
      #expect(eventually { run.lines(folder.path("runs/1/x.csv")) == ["d", "e"] })
      try folder.remove("runs")
      try folder.makeDirectory("runs/1")
      try folder.append("f\n", to: "runs/1/x.csv")
      #expect(eventually { run.lines(folder.path("runs/1/x.csv")) == ["f"] })
    }
  }

  @Test func aFileBehindALinkIsWatched() throws {
    let elsewhere = try LogFolder()
    try inDirectory(["*.csv"]) { run, folder in
      try elsewhere.append("a\n", to: "t")
      try folder.link("x.csv", to: elsewhere.path("t"))
      #expect(eventually { run.lines(folder.path("x.csv")) == ["a"] })
      try elsewhere.append("b\n", to: "t")
      #expect(eventually { run.lines(folder.path("x.csv")) == ["a", "b"] })
    }
  }

  @Test func aBusyWriter() throws {
    try inDirectory(["x.log"]) { run, folder in
      for number in 0..<2_000 { try folder.append("\(number)\n", to: "x.log") }
      #expect(eventually { run.lines(folder.path("x.log"))?.count == 2_000 })
      #expect(run.lines(folder.path("x.log")) == (0..<2_000).map(String.init))
    }
  }

  /// The writer does not wait for the tailer: whatever it sees of this, it ends with what the files hold.
  @Test(arguments: [1, 2, 3, 4, 5, 6]) func aWildWriter(seed: UInt64) throws {
    try inDirectory(["**/*.log"]) { run, folder in
      var generator = SplitMix(state: seed)
      let names = ["a.log", "b.log", "d/c.log", "d/e.log"].map(folder.path)
      for step in 0..<150 {
        try folder.makeDirectory("d")
        let name = names.randomElement(using: &generator) ?? ""
        let other = names.randomElement(using: &generator) ?? ""
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<5:
          try folder.append("line \(step)\n", to: name)
        case 5:
          truncate(name, 0)
          try folder.append("anew \(step)\n", to: name)
        case 6:
          try folder.append("other \(step)\n", to: "new")
          rename(folder.path("new"), name)
        case 7:
          unlink(name)
        case 8:
          rename(name, other)
        default:
          rename(folder.path("d"), folder.path("away"))
          usleep(1_000)
          rename(folder.path("away"), folder.path("d"))
        }
        usleep(UInt32.random(in: 0..<4_000, using: &generator))
      }
      for name in names where FileManager.default.fileExists(atPath: name) {
        let content = try Data(contentsOf: URL(fileURLWithPath: name))
        #expect(eventually { run.lines(name) == RecordingConsumer.lines(of: content) }, "\(name), seed \(seed)")
      }
    }
  }
}

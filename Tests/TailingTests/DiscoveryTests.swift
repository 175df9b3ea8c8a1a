import Foundation
import Tailing
import Testing

@Suite struct DiscoveryTests {
  @Test func capturesComeFromThePath() throws {
    let scene = try Scene("runs/{task}/{run}/results.csv")
    try scene.makeDirectory("runs/detect/exp-2")
    try scene.append("a\n", to: "runs/detect/exp-2/results.csv")
    try scene.append("a\n", to: "runs/detect/results.csv")
    scene.look()
    #expect(scene.only?.file.captures == ["task": "detect", "run": "exp-2"])
  }

  @Test func directoriesThatAppearLaterWithFilesInside() throws {
    let scene = try Scene("runs/{run}/x.csv")
    scene.look()
    try scene.makeDirectory(".hidden/1")
    try scene.append("a\n", to: ".hidden/1/x.csv")
    try scene.rename(".hidden", "runs")
    scene.look()
    #expect(scene.only?.lines == ["a"])
  }

  @Test func aDirectoryDeletedAndMadeAgain() throws {
    let scene = try Scene("runs/{run}/x.csv")
    try scene.makeDirectory("runs/1")
    try scene.append("a\n", to: "runs/1/x.csv")
    scene.look()
    try scene.remove("runs")
    scene.look()
    scene.rest()
    #expect(scene.only?.timesVanished == 1)
    try scene.makeDirectory("runs/1")
    try scene.append("b\n", to: "runs/1/x.csv")
    scene.look()
    #expect(scene.only?.lines == ["b"])
  }

  @Test func aDirectoryRenamedTakesItsLogsAlong() throws {
    let scene = try Scene("runs/{run}/x.csv")
    try scene.makeDirectory("runs/1")
    try scene.append("a\n", to: "runs/1/x.csv")
    scene.look()
    try scene.rename("runs/1", "runs/2")
    try scene.append("b\n", to: "runs/2/x.csv")
    scene.look()
    #expect(scene.only?.lines == ["a", "b"])
    #expect(scene.only?.path == scene.path("runs/2/x.csv"))
  }

  @Test func oneFileUnderSeveralNamesCountsOnce() throws {
    let scene = try Scene("*.log")
    try scene.append("a\n", to: "b.log")
    try #require(link(scene.path("b.log"), scene.path("a.log")) == 0)
    try scene.link("c.log", to: "b.log")
    scene.look()
    try scene.append("b\n", to: "b.log")
    scene.look()
    #expect(scene.only?.lines == ["a", "b"])
    #expect(scene.only?.path == scene.path("a.log"))
    try scene.remove("a.log")
    scene.look()
    try scene.append("c\n", to: "b.log")
    scene.look()
    #expect(scene.only?.lines == ["a", "b", "c"])
    #expect(scene.only?.path == scene.path("b.log"))
  }

  @Test(.timeLimit(.minutes(1))) func onlyRegularFilesAreOpened() throws {
    let scene = try Scene("*.log", "**/y.log")
    try #require(mkfifo(scene.path("fifo.log"), 0o644) == 0)
    try scene.makeDirectory("directory.log")
    try scene.link("dangling.log", to: "nowhere")
    try scene.link("circle.log", to: "circle.log")
    try scene.link("device.log", to: "/dev/zero")
    try scene.link("loop", to: ".")
    try scene.append("a\n", to: "y.log")
    scene.look()
    scene.look()
    #expect(scene.only?.lines == ["a"])
    try scene.append("b\n", to: "nowhere")
    scene.look()
    #expect(scene.consumer("dangling.log")?.lines == ["b"])
  }

  @Test func linkedDirectoriesAreFollowed() throws {
    let scene = try Scene("runs/{run}/x.csv")
    try scene.makeDirectory("elsewhere")
    try scene.makeDirectory("runs")
    try scene.append("a\n", to: "elsewhere/x.csv")
    try scene.link("runs/1", to: "../elsewhere")
    scene.look()
    #expect(scene.only?.file.captures == ["run": "1"])
  }

  @Test func excludedAndOldFilesAreLeftAlone() throws {
    let scene = try Scene("**/*.csv", exclude: ["skip/**", "*.tmp.csv"], ignoreOlder: .seconds(3600))
    try scene.makeDirectory("skip/deep")
    for name in ["a.csv", "a.tmp.csv", "skip/deep/b.csv", "old.csv"] { try scene.append("1\n", to: name) }
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -7200)],
      ofItemAtPath: scene.path("old.csv")
    )
    scene.look()
    #expect(scene.only?.path == scene.path("a.csv"))
    try scene.append("2\n", to: "old.csv")
    scene.rest(.seconds(60))
    #expect(scene.consumer("old.csv")?.lines == ["1", "2"])
  }

  @Test func filesAreFoundInOrderOfTheirTimes() throws {
    let scene = try Scene("*.csv")
    let order = Order()
    for (name, age) in [("a.csv", 1.0), ("b.csv", 3.0), ("c.csv", 2.0)] {
      try scene.append(name + "\n", to: name)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -age * 100)],
        ofItemAtPath: scene.path(name)
      )
    }
    let tailer = Tailer(watchers: scene.watchers) { file in OrderedConsumer(file.path, order) }
    tailer.readOnce()
    #expect(order.paths == ["b.csv", "c.csv", "a.csv"].map { scene.path($0) })
  }

  /// Logs are read in turns from the first moment on.
  @Test func anOlderLogThatIsLargeHidesNoSmallOne() throws {
    let scene = try Scene("*.csv")
    try scene.append(String(repeating: "0123456789abcde\n", count: 20 << 16), to: "large.csv")
    try scene.append("a\n", to: "small.csv")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -1000)],
      ofItemAtPath: scene.path("large.csv")
    )
    let order = Order()
    let tailer = Tailer(watchers: scene.watchers) { file in OrderedConsumer(file.path, order) }
    tailer.catchUp()
    let place = try #require(order.paths.firstIndex(of: scene.path("small.csv")))
    #expect(place < order.paths.count / 2)
    #expect(order.paths.first == scene.path("large.csv"))
    #expect(tailer.counters[0].bytesBehind.load(ordering: .relaxed) == 0)
  }

  @Test func namesThatAreNotUTF8() throws {
    let scene = try Scene("{name}.log")
    let path = Array(scene.path("").utf8) + [0xFF, 0x22, 0x0A] + Array(".log".utf8) + [0]
    let descriptor = path.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { open($0.baseAddress!, O_WRONLY | O_CREAT, 0o644) }
    }
    try #require(descriptor >= 0)
    #expect(write(descriptor, "a\n", 2) == 2)
    close(descriptor)
    scene.look()
    #expect(scene.only?.file.captures == ["name": "\u{FFFD}\"\n"])
    #expect(scene.only?.lines == ["a"])
  }

  final class Order {
    var paths: [String] = []
  }

  final class OrderedConsumer: LogConsumer {
    let readsWholeDocuments = false
    private let path: String
    private let order: Order

    init(_ path: String, _ order: Order) {
      self.path = path
      self.order = order
    }

    func consume(_ bytes: UnsafeRawBufferPointer, ending: LogEnding) -> Int {
      order.paths.append(path)
      return bytes.count
    }
    func handle(_ event: LogEvent) {}
  }
}

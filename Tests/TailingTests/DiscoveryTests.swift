import Foundation
import LogStations
import Tailing
import Testing

@Suite struct DiscoveryTests {
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
    let path = Array((scene.root.path + "/").utf8) + [0xFF, 0x22, 0x0A] + Array(".log".utf8) + [0]
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

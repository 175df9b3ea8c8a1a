import MetricModel
import MetricRegistry
import Testing

/// A label value that may have to make room is as old as the log that says it, whenever that was read.
@Suite struct LabelAgeTests {
  @Test func anOlderNewcomerIsRefusedWithoutAWord() throws {
    let run = LabelDescriptor(name: "run", maxValues: 2, evictsOldest: true)
    let registry = Registry(metrics: [MetricDescriptor(name: "m", type: .gauge, help: "", labels: [run])])
    func set(_ run: String, _ time: SampleTime) -> Bool {
      guard let series = registry.series(metric: 0, labelValues: [run], at: time) else { return false }
      series.set(1, at: time)
      return true
    }
    #expect(set("b", SampleTime(modified: 20)) && set("c", SampleTime(modified: 30)))
    #expect(!set("a", SampleTime(modified: 10)))
    #expect(registry.rejections().isEmpty && registry.seriesCount == 2)
    // A later look at an older log does not make it older, nor does an older record of a newer one.
    #expect(set("b", SampleTime(modified: 5)) && !set("a", SampleTime(modified: 19)))
    #expect(!set("d", SampleTime(modified: 40).readAgain))
    // Of one time the one that comes later is the newer.
    #expect(set("d", SampleTime(modified: 20)) && !set("b", SampleTime(modified: 19)))
    // An application's are of now, and always have a place; a clock that was ahead keeps nothing out.
    #expect(set("e", .now) && set("f", .now))
    #expect(!set("a", SampleTime(modified: 50)))
    let ahead = SampleTime(modified: registry.now + 3_600_000_000_000)
    #expect(set("g", ahead) && set("h", ahead))
    #expect(set("a", SampleTime(modified: 60)) && set("i", .now))
  }

  /// Logs that changed between two looks are read in any order: their own times say which is the older, unless they lag.
  @Test func whatIsReadLastIsNotTheNewestForThat() {
    let second: Int64 = 1_000_000_000
    let now = 1_800_000_000 * second
    let run = LabelDescriptor(name: "run", maxValues: 2, evictsOldest: true)
    let metric = MetricDescriptor(name: "m", type: .gauge, help: "", labels: [run])
    func left(_ logs: [(run: String, age: Int64)]) -> Set<String> {
      let registry = Registry(metrics: [metric], limits: RegistryLimits(), now: { now })
      for log in logs {
        let time = registry.time(ofLogModifiedAt: now - log.age, isFollowed: true)
        registry.series(metric: 0, labelValues: [log.run], at: time)?.set(1, at: time)
      }
      return Set(
        registry.snapshot()[0].pages.flatMap { page in
          (0..<page.count).map { page.series(at: $0) }.filter { !$0.isDropped }.flatMap(\.labelValues)
        }
      )
    }
    #expect(left([("a", 2 * second), ("b", 0), ("a", second / 2), ("c", second / 4)]) == ["b", "c"])
    let hour = 3600 * second
    #expect(left([("a", 4 * hour), ("b", hour), ("a", 3 * hour), ("c", 2 * hour)]) == ["a", "c"])
  }
}

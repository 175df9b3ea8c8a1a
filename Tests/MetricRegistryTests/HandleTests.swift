import MetricModel
import Testing

@testable import MetricRegistry

/// Series that are found without the registry, and handles that always are there.
@Suite struct HandleTests {
  private static func family(_ label: LabelDescriptor, seriesPerMetric: Int = 10_000) throws -> Family<Counter> {
    let metric = MetricDescriptor(
      name: "c_total",
      type: .counter,
      help: "",
      labels: [label, LabelDescriptor(name: "other")]
    )
    return try Registry(metrics: [metric], limits: RegistryLimits(seriesPerMetric: seriesPerMetric)).counter("c_total")
  }

  @Test func theSameSeriesIsFoundAgainHoweverItIsAskedFor() throws {
    let family = try Self.family(LabelDescriptor(name: "run"))
    let long = String(repeating: "x", count: 300)
    let texts = ["a", "ab", "abc", "abcd", "abcdefgh", "abcdefghi", "\u{E9}", "e\u{301}", long]
    for first in texts {
      for second in texts {
        let series = family.handle(first, second).series
        #expect(series.labelValues == [first, second])
        #expect(family.handle(first, second).series == series)
        #expect(family.handle([first, second]).series == series && family.with(first, second)?.series == series)
      }
    }
    #expect(family.known.registry.seriesCount == texts.count * texts.count)
  }

  @Test func textsThatStandForAValueAreItsSeries() throws {
    let family = try Self.family(
      LabelDescriptor(name: "run", allowed: .list(["a", "other"]), otherwise: "other", named: ["A": "a"])
    )
    let (a, other) = (family.handle("a", "x").series, family.handle("other", "x").series)
    for number in 0..<100 { #expect(family.handle("\(number)", "x").series == other) }
    #expect(family.handle("A", "x").series == a && family.handle("A", "x").series == a)
    #expect(family.handle("a", "x").series == a)
  }

  @Test func whatEndedBeginsAnew() throws {
    let family = try Self.family(LabelDescriptor(name: "run", maxValues: 3, evictsOldest: true))
    for round in 0..<3 {
      for number in 0..<50 {
        let handle = family.handle("\(number)", "x")
        #expect(!handle.isDropped && handle.series.number == 0, "in round \(round)")
        handle.increment()
        #expect(family.handle("\(number)", "x").series.number == 1)
      }
    }
    #expect(family.known.registry.seriesCount == 3)
    let last = family.handle("49", "x")
    family.remove(last)
    #expect(last.isDropped && family.handle("49", "x").series.number == 0)
  }

  @Test func aHandleIsThereAlsoWhereTheValuesAreRefused() throws {
    let family = try Self.family(LabelDescriptor(name: "run"), seriesPerMetric: 1)
    family.handle("a", "x").increment()
    for handle in [family.handle("b", "x"), family.handle("a"), family.handle(), family.handle("a", "x", "y")] {
      #expect(handle.isDropped)
      #expect(handle.countCalls { 3 } == 3)
      family.remove(handle)
    }
    #expect(family.with("b", "x") == nil)
    #expect(family.known.registry.seriesCount == 1 && family.handle("a", "x").series.number == 1)
    #expect(
      family.known.registry.rejections().map { "\($0.rejection.reason.rawValue) \($0.count)" }.sorted()
        == ["label_missing 1", "label_missing 1", "label_undeclared 1", "metric_max_series 2"]
    )
  }

  @Test func threadsThatAskAtOnceGetOneSeries() async throws {
    let family = try Self.family(LabelDescriptor(name: "run", maxValues: 20, evictsOldest: true))
    await withTaskGroup(of: Void.self) { group in
      for thread in 0..<4 {
        group.addTask {
          for number in 0..<20_000 { family.handle("\((number * (thread + 1)) % 16)", "x").increment() }
        }
      }
    }
    let total = (0..<16).reduce(0) { $0 + (family.handle("\($1)", "x").series.number ?? 0) }
    #expect(total == 80_000)
  }
}

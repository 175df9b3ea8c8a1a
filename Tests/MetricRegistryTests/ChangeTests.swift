import MetricModel
import MetricRegistry
import Testing

/// What tells an exposition that a page has to be rendered anew.
@Suite struct ChangeTests {
  private let run = LabelDescriptor(name: "run")

  @Test func everyUpdateIsSeenOnce() throws {
    let registry = Registry(metrics: [
      MetricDescriptor(name: "c_total", type: .counter, help: ""), MetricDescriptor(name: "g", type: .gauge, help: ""),
      MetricDescriptor(name: "h", type: .histogram, help: "", buckets: [1]),
      MetricDescriptor(name: "s", type: .summary, help: ""),
      MetricDescriptor(name: "i_info", type: .info, help: ""),
      MetricDescriptor(name: "p", type: .stateset, help: "", states: ["a", "b"]),
    ])
    let counter = try #require(try registry.counter("c_total").with())
    let gauge = try #require(try registry.gauge("g").with())
    let histogram = try #require(try registry.histogram("h").with())
    let summary = try #require(try registry.summary("s").with())
    let info = try #require(try registry.info("i_info").with())
    let states = try #require(try registry.stateSet("p").with())
    #expect(changed(registry) == [0, 1, 2, 3, 4, 5])
    #expect(changed(registry) == [])
    counter.increment()
    #expect(changed(registry) == [0])
    gauge.set(1)
    #expect(changed(registry) == [1])
    gauge.decrement()
    histogram.observe(3)
    #expect(changed(registry) == [1, 2])
    histogram.series.addObservations(bucketCounts: [1, 2], sum: 5)
    #expect(changed(registry) == [2])
    summary.observe(3)
    info.set()
    states.set("b")
    #expect(changed(registry) == [3, 4, 5])
    counter.increment(by: -1)
    states.set("c")
    #expect(changed(registry) == [], "what is refused changes nothing")
    try registry.gauge("g").remove(gauge)
    #expect(changed(registry) == [1])
  }

  /// After series have gone and pages were merged, a change still belongs to one page.
  @Test func pagesThatWereMergedSeeTheirChanges() throws {
    let registry = Registry(metrics: [MetricDescriptor(name: "g", type: .gauge, help: "", labels: [run])])
    let family = try registry.gauge("g")
    let gauges = (0..<3_000).compactMap { family.with("\($0)") }
    var live: [Gauge] = []
    for (number, gauge) in gauges.enumerated() {
      if number % 7 < 3 { live.append(gauge) } else { family.remove(gauge) }
    }
    live += (3_000..<3_500).compactMap { family.with("\($0)") }
    #expect(registry.snapshot()[0].pages.reduce(0) { $0 + $1.count } < 3_500, "pages were merged")
    _ = changed(registry)
    for gauge in live {
      gauge.set(1)
      let pages = registry.snapshot()[0].pages
      let changed = pages.filter { $0.takeChange() }
      try #require(changed.count == 1)
      #expect((0..<changed[0].count).contains { changed[0].series(at: $0) == gauge.series })
    }
  }

  /// Handles stay what they are, whatever ends and begins around them, and what has ended keeps no texts.
  @Test func seriesKeepTheirPlaces() throws {
    let labels = [run, LabelDescriptor(name: "n"), LabelDescriptor(name: "split")]
    let registry = Registry(metrics: [MetricDescriptor(name: "g", type: .gauge, help: "", labels: labels)])
    let family = try registry.gauge("g")
    var live: [(number: Int, gauge: Gauge)] = []
    var ended: [Gauge] = []
    for number in 0..<2_000 {
      let gauge = try #require(family.with(texts(number)))
      gauge.set(Double(number))
      if number % 100 == 99 {
        for (place, other) in live.enumerated() where place % 4 != 1 {
          family.remove(other.gauge)
          ended.append(other.gauge)
        }
        live = live.enumerated().filter { $0.offset % 4 == 1 }.map(\.element)
      }
      live.append((number, gauge))
    }
    let shown = registry.snapshot()[0].pages.flatMap { page in (0..<page.count).map { page.series(at: $0) } }
    let stillLive = shown.filter { !$0.isDropped }
    #expect(stillLive == live.map { $0.gauge.series })
    #expect(shown.count < 300, "most of what has ended was left behind")
    for (number, gauge) in live {
      #expect(gauge.series.number == Double(number) && gauge.series.labelValues == texts(number))
      #expect(family.with(texts(number))?.series == gauge.series)
    }
    let forgotten = ended.count { $0.isDropped && $0.series.labelValues == ["", "", ""] }
    #expect(forgotten > 100 && ended.count == 2_000 - live.count)
  }

  private func texts(_ number: Int) -> [String] {
    ["run \(number / 10)", "\(number)", number % 2 == 0 ? "train" : "val"]
  }

  /// The positions of metrics of which a page has changed.
  private func changed(_ registry: Registry) -> [Int] {
    registry.snapshot().filter { family in family.pages.filter { $0.takeChange() }.count > 0 }.map(\.metric.index)
  }
}

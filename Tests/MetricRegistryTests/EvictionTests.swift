import LogStations
import MetricModel
import MetricRegistry
import Testing

@Suite struct EvictionTests {
  static func label(_ name: String, _ maxValues: Int) -> LabelDescriptor {
    LabelDescriptor(name: name, maxValues: maxValues, evictsOldest: true)
  }

  @Test func theValueWithoutUpdateForLongestGoesWithAllItsSeries() throws {
    let run = Self.label("run", 2)
    let registry = Registry(metrics: [
      MetricDescriptor(name: "loss", type: .gauge, help: "", labels: [run]),
      MetricDescriptor(name: "epochs_total", type: .counter, help: "", labels: [run]),
    ])
    let loss = try registry.gauge("loss")
    let epochs = try registry.counter("epochs_total")
    let a = try #require(loss.with("a"))
    let b = try #require(loss.with("b"))
    let aEpochs = try #require(epochs.with("a"))
    let bEpochs = try #require(epochs.with("b"))
    bEpochs.increment()
    b.set(1)
    aEpochs.increment()
    bEpochs.increment(by: -1)  // refused: no sign of life
    let c = try #require(loss.with("c"))
    #expect(b.isDropped && bEpochs.isDropped && !a.isDropped && !aEpochs.isDropped && !c.isDropped)
    #expect(registry.seriesCount == 3)
    // Updates of what has ended are lost, and keep nothing alive.
    b.set(5)
    a.set(1)
    c.set(1)
    b.set(6)
    let again = try #require(loss.with("b"))
    #expect(a.isDropped && !c.isDropped && again.series.number == nil)
    #expect(try #require(epochs.with("b")).series.number == 0)
  }

  @Test func whatMustBeRefusedEvictsNothing() throws {
    let registry = Registry(metrics: [
      MetricDescriptor(name: "m", type: .gauge, help: "", labels: [Self.label("run", 1)]),
      MetricDescriptor(
        name: "n",
        type: .gauge,
        help: "",
        labels: [Self.label("run", 1), LabelDescriptor(name: "host", maxValues: 1)]
      ),
      MetricDescriptor(name: "o", type: .gauge, help: "", labels: [Self.label("run", 1)], maxSeries: 0),
    ])
    let kept = try #require(try registry.gauge("m").with("a"))
    _ = try registry.gauge("n").with("a", "h")
    #expect(try registry.gauge("n").with("b", "i") == nil)
    #expect(try registry.gauge("o").with("b") == nil)
    #expect(!kept.isDropped)
    // "h" goes with "a" and comes back with "b": its place is its own again.
    #expect(try registry.gauge("n").with("b", "h") != nil)
    #expect(kept.isDropped && registry.seriesCount == 1)
  }

  /// The room that the evicted series leave counts for the newcomer.
  @Test func evictionMakesRoomUnderTheLimits() throws {
    let registry = Registry(
      metrics: [MetricDescriptor(name: "m", type: .gauge, help: "", labels: [Self.label("run", 3)], maxSeries: 3)],
      limits: RegistryLimits(series: 3)
    )
    let m = try registry.gauge("m")
    for run in 0..<1000 { #expect(m.with("\(run)") != nil) }
    #expect(registry.seriesCount == 3 && registry.rejections().isEmpty)
    let live = registry.snapshot()[0].pages.flatMap { page in (0..<page.count).map { page.series(at: $0) } }
      .filter { !$0.isDropped }
    #expect(live.map(\.labelValues) == [["997"], ["998"], ["999"]])
    #expect(registry.snapshot()[0].pages.reduce(0) { $0 + $1.count } < 200, "dropped series leave the pages")
  }

  /// Random updates, removals and new series of two metrics with shared labels, against a model that searches.
  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func randomActionsAgainstAModel(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let labels = [Self.label("run", 5), Self.label("gpu", 4), LabelDescriptor(name: "host", maxValues: 6)]
    let registry = Registry(
      metrics: [
        MetricDescriptor(name: "m", type: .gauge, help: "", labels: labels, maxSeries: 25),
        MetricDescriptor(name: "n", type: .gauge, help: "", labels: [labels[2], labels[0]]),
      ],
      limits: RegistryLimits(series: 40)
    )
    var model = Model()
    var handles: [Model.Key: Series] = [:]
    var evictions = 0
    var refusals = 0
    for step in 0..<20_000 {
      let names = Bool.random(using: &random) ? ["run", "gpu", "host"] : ["host", "run"]
      let metric = names.count == 3 ? 0 : 1
      let key = Model.Key(metric: metric, values: names.map { "\($0)\(Int.random(in: 0..<9, using: &random))" })
      if Int.random(in: 0..<10, using: &random) == 0 {
        if let series = handles[key], !series.isDropped { registry.drop(series) }
        model.remove(key)
      } else {
        let before = model.series.count
        let isAdmitted = model.update(key)
        evictions += model.series.count <= before ? 1 : 0
        refusals += isAdmitted ? 0 : 1
        let series = registry.series(metric: metric, labelValues: key.values)
        #expect((series != nil) == isAdmitted, "seed \(seed), step \(step)")
        series?.set(Double(step))
        handles[key] = series
      }
    }
    for (key, series) in handles where !series.isDropped { #expect(model.series[key] != nil) }
    let exposed = registry.snapshot().flatMap { family in
      family.pages.flatMap { page in (0..<page.count).map { page.series(at: $0) } }
    }.filter { !$0.isDropped }
    #expect(Set(exposed.map { Model.Key(metric: $0.metric.index, values: $0.labelValues) }) == Set(model.series.keys))
    #expect(exposed.count == registry.seriesCount && exposed.count == model.series.count)
    #expect(evictions > 100 && refusals > 100, "both branches were taken")
  }
}

/// What the registry should do, by searching all series for everything.
private struct Model {
  struct Key: Hashable {
    var metric: Int
    var values: [String]
  }

  var series: [Key: Int] = [:]
  private var lastUse: [String: Int] = [:]
  private var tick = 0

  private var live: Set<String> { Set(series.keys.flatMap(\.values)) }

  mutating func remove(_ key: Key) { series[key] = nil }

  mutating func update(_ key: Key) -> Bool {
    if series[key] == nil {
      var rest = series
      for value in key.values where !live.contains(value) {
        let name = value.prefix { $0.isLetter }
        let peers = live.filter { $0.hasPrefix(name) }
        if peers.count < ["run": 5, "gpu": 4, "host": 6][name, default: 0] { continue }
        if name == "host" { return false }
        guard let oldest = peers.min(by: { lastUse[$0, default: 0] < lastUse[$1, default: 0] }) else { return false }
        rest = rest.filter { !$0.key.values.contains(oldest) }
      }
      if key.metric == 0, rest.keys.count(where: { $0.metric == 0 }) >= 25 { return false }
      if rest.count >= 40 { return false }
      series = rest
    }
    tick += 1
    series[key] = tick
    for value in key.values { lastUse[value] = tick }
    return true
  }
}

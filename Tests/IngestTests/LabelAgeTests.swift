import Exposition
import Ingest
import MetricModel
import MetricRegistry
import Testing

/// A label value that may have to make room is as old as the log that says it, whenever that was read.
@Suite struct LabelAgeTests {
  private static func catalog(_ metrics: String = "", fields: String = "loss: loss", where conditions: String = "{}")
    -> String
  {
    """
    version: 1
    labels: { run: { max_values: 5, evict: oldest }, model: { max_values: 3, evict: oldest } }
    metrics:
      loss: { type: gauge, help: h, labels: [run] }
      rows_total: { type: counter, help: h, labels: [run] }
      models_total: { type: counter, help: h, labels: [model] }
      other_total: { type: counter, help: h, labels: [model] }
      \(metrics)
    watchers:
      w:
        files: "{run}.csv"
        format: csv
        each_record: rows_total
        fields: { \(fields) }
      m:
        files: "{log}.jsonl"
        format: jsonl
        each_record: 'models_total{model="{.model}"}'
      o:
        files: "{log}.jsonl"
        format: jsonl
        where: \(conditions)
        each_record: 'other_total{model="{.model}"}'
    """
  }

  private static func samples(_ station: Station, _ metric: String) -> Set<String> {
    Set(station.samples.filter { $0.hasPrefix(metric) })
  }

  private static let changed = catalog(
    "acc: { type: gauge, help: h, labels: [run] }",
    fields: "loss: loss, acc: acc"
  )

  /// Ten logs, of which the five newest have a place.
  private static func station() throws -> Station {
    let station = try Station(catalog())
    for run in 0..<10 {
      try station.write("loss,acc\n0.5,1\n0.\(run),\(run)\n", to: "\(run).csv")
      // In no order, as a look may be.
      if run == 3 || run == 7 { station.settle() }
    }
    station.settle()
    return station
  }

  @Test(arguments: [SavedReading.Scope.all, .fedByLogs])
  func aNewMetricTakesNothingFromTheOthers(scope: SavedReading.Scope) throws {
    let station = try Self.station()
    let before = Set(station.samples)
    #expect(Self.samples(station, "rows_total") == Set((5..<10).map { "rows_total{run=\"\($0)\"} 2" }))
    try station.restart(Self.changed, from: station.save(scope))
    station.settle()
    let acc = Set((5..<10).map { "acc{run=\"\($0)\"} \($0)" })
    #expect(Set(station.samples) == before.union(acc))
    #expect(station.registry.rejections().isEmpty)
    let served = Set(station.samples)
    // What reading all of it anew gives.
    try station.restart(Self.changed, from: nil)
    station.tailer.readOnce()
    #expect(Set(station.samples) == served)
  }

  /// What was evicted comes back with its next record, and counts from there; it takes the place of the oldest.
  @Test func whatWasEvictedComesBackWithItsNextRecord() throws {
    let station = try Self.station()
    try station.restart(Self.changed, from: station.save())
    station.settle()
    try station.append("0.7,7\n", to: "1.csv")
    station.settle()
    try station.restart(Self.changed, from: station.save())
    station.settle()
    let left = [1, 6, 7, 8, 9]
    #expect(Self.samples(station, "rows_total") == Set(left.map { "rows_total{run=\"\($0)\"} \($0 == 1 ? 1 : 2)" }))
    #expect(Self.samples(station, "acc") == Set(left.map { "acc{run=\"\($0)\"} \($0 == 1 ? 7 : $0)" }))
  }

  /// All values of one log are of one time: those that are read again must not pass for newer than those that are there.
  @Test func whatIsReadAgainIsOlderThanWhatIsThere() throws {
    let station = try Station(Self.catalog())
    for model in 0..<8 {
      try station.append("{\"model\": \"m\(model)\"}\n", to: "a.jsonl")
      station.settle()
    }
    try station.append("{\"model\": \"m3\"}\n", to: "b.jsonl")
    station.settle()
    let expected = Set(["3", "6", "7"].map { "models_total{model=\"m\($0)\"} 1" })
    #expect(Self.samples(station, "models_total") == expected)
    // The other watcher's records are others now: its logs are read from their beginnings.
    let changed = Self.catalog(where: "{ model: present }")
    for scope in [SavedReading.Scope.all, .fedByLogs] {
      try station.restart(scope == .all ? changed : Self.catalog(), from: station.save(scope))
      station.settle()
      #expect(Self.samples(station, "models_total") == expected)
      #expect(Self.samples(station, "other_total").count == 3)
    }
    #expect(station.registry.rejections().isEmpty)
  }

  /// All of a log says what its path says, also where it is read again, and where no record counts.
  @Test func whatAPathSaysIsAsOldAsItsLog() throws {
    func catalog(_ phase: String) -> String {
      """
      version: 1
      labels: { run: { max_values: 2, evict: oldest } }
      metrics:
        rows_total: { type: counter, help: h, labels: [run] }
        others_total: { type: counter, help: h, labels: [run] }
      watchers:
        w: { files: "{run}.csv", format: csv, where: { phase: \(phase) }, each_record: rows_total }
        o: { files: "{run}.jsonl", format: jsonl, each_record: others_total }
      """
    }
    let station = try Station(catalog("a"))
    try station.write("phase\na\n", to: "first.csv")
    station.settle()
    try station.write("{}\n", to: "second.jsonl")
    station.settle()
    try station.append("b\n", to: "first.csv")
    station.settle()
    try station.write("{}\n", to: "third.jsonl")
    station.settle()
    #expect(Set(station.samples) == ["rows_total{run=\"first\"} 1", "others_total{run=\"third\"} 1"])
    try station.append("a\n", to: "first.csv")
    station.settle()
    // Its rows are others now: all of it is read again, and it still is the newer of the two.
    try station.restart(catalog("[a, b]"), from: station.save())
    station.settle()
    try station.append("{}\n", to: "second.jsonl")
    station.settle()
    #expect(Set(station.samples) == ["rows_total{run=\"first\"} 3", "others_total{run=\"second\"} 1"])
  }

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

  /// A log that changed last has not thereby said again what it said before.
  @Test func aLogsLaterChangeSaysNothingOfOtherSeries() throws {
    let catalog = """
      version: 1
      labels: { model: { max_values: 9 } }
      metrics: { last: { type: gauge, help: h, labels: [model] } }
      watchers: { w: { files: "*.csv", format: csv, fields: { last: 'last{model="{.model}"}' } } }
      """
    let station = try Station(catalog)
    func expect(_ one: Int, _ other: Int) {
      #expect(Set(station.samples) == ["last{model=\"m1\"} \(one)", "last{model=\"m2\"} \(other)"])
    }
    try station.write("last,model\n1,m1\n", to: "a.csv")
    station.settle()
    try station.write("last,model\n2,m1\n2,m2\n", to: "b.csv")
    try station.append("3,m2\n", to: "a.csv")
    station.settle()
    expect(2, 3)
    // A later one is older than the last change of the first, and newer than what that said of the one series.
    station.rest()
    try station.append("4,m2\n", to: "a.csv")
    station.settle()
    try station.restart(catalog, from: station.save())
    station.lag = 10
    try station.write("last,model\n5,m1\n5,m2\n", to: "c.csv")
    station.settle()
    expect(5, 4)
  }

  /// A gauge of several logs shows the one that changed last, whichever a look reads first.
  @Test func theLogThatChangedLastHasTheLastWord() throws {
    let catalog = """
      version: 1
      metrics: { last: { type: gauge, help: h }, state: { type: stateset, help: h, states: [a, b] } }
      watchers: { w: { files: "*.csv", format: csv, fields: { last: last, state: state } } }
      """
    let names = ["a.csv", "b.csv", "c.csv", "d.csv"]
    let station = try Station(catalog)
    for name in names { try station.append("last,state\n0,a\n", to: name) }
    station.settle()
    for round in 1...6 {
      for (place, name) in names.shuffled().enumerated() {
        try station.append("\(round)\(place),\(place == 3 ? "b" : "a")\n", to: name)
      }
      station.settle()
      #expect(station.samples == ["last \(round)3", "state{state=\"a\"} 0", "state{state=\"b\"} 1"])
    }
  }
}

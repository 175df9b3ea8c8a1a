import Collectors
import Ingest
import MetricCatalog
import MetricModel
import MetricRegistry
import Testing

/// A catalog with one collector, whose batches a test makes.
private struct ReadingBench {
  private static let descriptor = CollectorDescriptor(
    name: "system",
    help: "h",
    keys: [.init("match", .matches, help: "h")],
    records: [
      RecordDescriptor(
        "disk",
        help: "h",
        labels: [.init("device", "h")],
        readings: [
          ReadingDescriptor("disk.read_bytes", .counter, unit: "bytes", help: "h", source: "s"),
          ReadingDescriptor("disk.busy_ratio", .gauge, unit: "ratio", help: "h", source: "s", joining: .mean),
          ReadingDescriptor("disk.hottest_celsius", .gauge, help: "h", source: "s", joining: .maximum),
          ReadingDescriptor("disk.since_seconds", .gauge, help: "h", source: "s", joining: .minimum),
        ]
      ),
      RecordDescriptor(
        "host",
        help: "h",
        readings: [ReadingDescriptor("host.boots", .counter, help: "h", source: "s")]
      ),
    ]
  )

  let registry: Registry
  let mapping: ReadingMapping

  init(_ readings: String, metrics: String, collector: String = "") throws {
    let yaml = """
      version: 1
      labels: { device: { max_values: 3, evict: oldest }, rank: { max_values: 9 }, kind: { values: [some, full] } }
      metrics: { \(metrics) }
      collectors: { system: { \(collector) readings: { \(readings) } } }
      """
    let loading = CatalogLoader.load(bytes: Array(yaml.utf8), path: "m.yaml", collectors: [Self.descriptor])
    let catalog = try #require(loading.catalog, "\(loading.diagnostics)")
    registry = Registry(metrics: catalog.metrics)
    _ = LogIngest(catalog: catalog, registry: registry)
    mapping = ReadingMapping(
      catalog.collectors[0],
      Self.descriptor,
      registry: registry,
      metrics: catalog.metrics
    )
  }

  func apply(_ disks: KeyValuePairs<String, [Double?]>, rank: String? = nil) {
    var batch = ReadingBatch()
    for (device, values) in disks {
      let values = values + Array(repeating: nil, count: 4 - values.count)
      batch.add(0, labels: [device], captures: rank.map { [("rank", $0)] } ?? [], values: values)
    }
    mapping.apply(batch)
  }

  /// `{labels} value` of each series of the first metric.
  func series(_ metric: Int = 0) -> [String] {
    registry.snapshot()[metric].pages.flatMap { page in
      (0..<page.count).map { page.series(at: $0) }.filter { !$0.isDropped }.map { series in
        "\(series.labelValues.joined(separator: ","))=\(series.number ?? -1)"
      }
    }
  }
}

/// What a collector reads becomes series: absolute totals, joined where a metric does not tell records apart, and gone
/// when what they were read of is.
@Suite struct ReadingMappingTests {
  private static let total = "read_bytes_total: { type: counter, help: h"

  @Test func aCounterIsTheSystemsOwnTotal() throws {
    let test = try ReadingBench("disk.read_bytes: read_bytes_total", metrics: Self.total + ", labels: [device] }")
    test.apply(["a": [100], "b": [7]])
    test.apply(["a": [150], "b": [7]])
    #expect(test.series() == ["a=150.0", "b=7.0"])
    // It began anew: that is what the system says, and what Prometheus knows how to read.
    test.apply(["a": [20], "b": [8]])
    #expect(test.series() == ["a=20.0", "b=8.0"])
    test.apply(["b": [9]])
    #expect(test.series() == ["b=9.0"])
    test.mapping.suspend()
    #expect(test.series().isEmpty)
    test.apply(["b": [10]])
    #expect(test.series() == ["b=10.0"])
  }

  @Test func whatIsNotReadIsAbsentAndNeverZero() throws {
    let test = try ReadingBench(
      """
      host.boots: ['a_total{kind="some"}', b_total, m_info], disk.read_bytes: 'a_total{kind="full"}',
      disk.hottest_celsius: h_celsius, disk.since_seconds: 'k_seconds{kind="full"}'
      """,
      metrics: """
        a_total: { type: counter, help: h, labels: [kind] }, b_total: { type: counter, help: h },
        m_info: { type: info, help: h, constant: { a: b } }, h_celsius: { type: histogram, help: h, buckets: [1] },
        k_seconds: { type: histogram, help: h, buckets: [1], labels: [kind] }, own_total: { type: counter, help: h }
        """
    )
    let ofCollectors = 0..<5
    #expect(ofCollectors.map { test.series($0) } == [[], [], [], [], []])
    #expect(test.series(5) == ["=0.0"], "an application counts here")
    var batch = ReadingBatch()
    batch.add(1, values: [12])
    batch.add(0, labels: ["x"], values: [nil, nil, 50, nil])
    test.mapping.apply(batch)
    #expect(ofCollectors.map { test.series($0).count } == [1, 1, 1, 1, 0])
    #expect(test.series() == ["some=12.0"])
    test.apply([:])
    #expect(ofCollectors.map { test.series($0).count } == [0, 0, 0, 1, 0], "what was observed stays")
  }

  @Test func aSumOfTotalsNeverFalls() throws {
    let test = try ReadingBench("disk.read_bytes: read_bytes_total", metrics: Self.total + " }")
    #expect(test.series().isEmpty)  // Not 0: it is not known.
    test.apply(["a": [100], "b": [50]])
    #expect(test.series() == ["=150.0"])
    test.apply(["a": [110]])
    #expect(test.series() == ["=160.0"])
    test.apply(["a": [110], "b": [60]])  // It was away, and goes on.
    #expect(test.series() == ["=170.0"])
    test.apply(["a": [110], "b": [5]])  // It began anew.
    #expect(test.series() == ["=175.0"])
    test.apply(["a": [110], "b": [nil]])
    test.apply(["a": [120], "b": [6]])
    #expect(test.series() == ["=186.0"])
    test.mapping.suspend()
    #expect(test.series().isEmpty)
    test.apply(["a": [121], "b": [6]])
    #expect(test.series() == ["=187.0"])
    test.apply([:])
    #expect(test.series().isEmpty)
    test.apply(["c": [1]])
    #expect(test.series() == ["=188.0"])
    test.apply(["a": [2], "c": [1]])  // Another one of that name.
    #expect(test.series() == ["=190.0"])
  }

  @Test func gaugesAreJoinedAsTheirReadingsSay() throws {
    let test = try ReadingBench(
      "disk.busy_ratio: busy_ratio, disk.hottest_celsius: t_celsius, disk.since_seconds: since_seconds",
      metrics: """
        busy_ratio: { type: gauge, help: h }, t_celsius: { type: gauge, help: h },
        since_seconds: { type: gauge, help: h }
        """
    )
    test.apply(["a": [1, 0.25, 40, 7], "b": [1, 0.75, 60, 3], "c": [1, nil, 50, nil]])
    #expect(test.series(0) == ["=0.5"])
    #expect(test.series(1) == ["=60.0"])
    #expect(test.series(2) == ["=3.0"])
    test.apply(["c": [1, nil, 50, nil]])
    #expect(test.series(0).isEmpty)
    #expect(test.series(1) == ["=50.0"])
  }

  @Test func labelsComeFromTheTargetTheRecordAndWhatWasLookedFor() throws {
    let test = try ReadingBench(
      "'disk.{rank}_ratio': [{ metric: a_ratio, labels: { device: 'd-{.device}' } }], disk.read_bytes: b_total",
      metrics: """
        a_ratio: { type: gauge, help: h, labels: [rank, device] }, b_total: { type: counter, help: h, labels: [rank] }
        """,
      collector: "match: { name: '{rank}' },"
    )
    test.apply(["x": [1, 0.5], "y": [2, 0.5]], rank: "3")
    #expect(test.series(0) == ["busy,d-x=0.5", "busy,d-y=0.5"])
    #expect(test.series(1) == ["3=3.0"])
    test.apply(["x": [1, 0.5]])  // Without what it should bring.
    #expect(test.series(1).isEmpty)
    let rejections = test.registry.rejections().map { "\($0.rejection.metric) \($0.rejection.reason) \($0.count)" }
    #expect(rejections == ["b_total labelMissing 1"])
  }

  @Test func infosAndHistograms() throws {
    let test = try ReadingBench(
      "host.boots: [m_info, n_total], disk.busy_ratio: { metric: h_ratio, scale: 2 }",
      metrics: """
        m_info: { type: info, help: h, constant: { a: b } }, n_total: { type: counter, help: h },
        h_ratio: { type: histogram, help: h, buckets: [1], labels: [device] }
        """
    )
    var batch = ReadingBatch()
    batch.add(1, values: [12])
    batch.add(0, labels: ["x"], values: [nil, 0.75, nil, nil])
    test.mapping.apply(batch)
    test.mapping.apply(batch)
    #expect(test.series(0) == ["=1.0"] && test.series(1) == ["=12.0"])
    test.apply([:])
    #expect(test.series(0).isEmpty && test.series(1).isEmpty)
    let family = test.registry.snapshot()[2]
    let histogram = try #require(family.pages[0].series(at: 0).histogram)
    #expect(histogram.buckets == [0, 2] && histogram.sum == 3)
  }

  /// Rates have no value at first, so their series begin later than their records, and end with them all the same.
  @Test func aReadingThatComesLaterEndsWithItsRecord() throws {
    let test = try ReadingBench(
      "disk.busy_ratio: [busy_ratio, disk_busy_ratio]",
      metrics: """
        busy_ratio: { type: gauge, help: h }, disk_busy_ratio: { type: gauge, help: h, labels: [device] }
        """
    )
    test.apply(["a": [1, nil]])
    test.apply(["a": [1, 0.25], "b": [1, nil]])
    #expect(test.series(1) == ["a=0.25"])
    test.apply(["a": [1, 0.25], "b": [1, 0.75]])
    #expect(test.series(0) == ["=0.5"] && test.series(1) == ["a=0.25", "b=0.75"])
    test.apply(["b": [1, 0.75]])
    #expect(test.series(0) == ["=0.75"] && test.series(1) == ["b=0.75"])
    test.apply(["b": [1, nil]])
    #expect(test.series(0).isEmpty && test.series(1).isEmpty)
    test.apply(["b": [1, 1]])
    test.mapping.suspend()
    #expect(test.series(0).isEmpty && test.series(1).isEmpty)
  }

  @Test func aCatalogThatIsReadAgainKeepsWhatSumsKeep() throws {
    let metrics = Self.total + " }, other_total: { type: counter, help: h }"
    let test = try ReadingBench("disk.read_bytes: read_bytes_total", metrics: metrics)
    test.apply(["a": [100], "b": [50]])
    test.apply(["b": [51]])
    test.mapping.suspend()
    let next = try ReadingBench(
      "disk.read_bytes: [read_bytes_total, other_total]",
      metrics: "other_total: { type: counter, help: h }, " + Self.total + " }"
    )
    next.mapping.takeOver(test.mapping)
    next.apply(["b": [52]])
    // What is mapped in another way begins anew.
    #expect(next.series(1) == ["=52.0"] && next.series(0) == ["=52.0"])
    let same = try ReadingBench(
      "disk.read_bytes: read_bytes_total",
      metrics: "other_total: { type: counter, help: h }, " + Self.total + " }"
    )
    same.mapping.takeOver(test.mapping)
    same.apply(["b": [52]])
    #expect(same.series(1) == ["=152.0"])
    same.apply(["a": [103], "b": [52]])
    #expect(same.series(1) == ["=155.0"])
  }

  /// (0.1 + 0.2) + 0.3 is more than 0.1 + (0.2 + 0.3): Prometheus would take that for a new beginning.
  @Test func anotherOrderOfASumIsNoFall() throws {
    let test = try ReadingBench("disk.read_bytes: read_bytes_total", metrics: Self.total + " }")
    test.apply(["a": [0.1], "b": [0.2], "c": [0.3]])
    let before = test.series()
    test.apply(["b": [0.2], "c": [0.3]])
    #expect(test.series() == before)
  }

  @Test func readingsInDifferentUnitsMeetInOneSeries() throws {
    let test = try ReadingBench(
      "disk.read_bytes: { metric: all_total, scale: 0.5 }, host.boots: { metric: all_total, scale: 10, offset: 0 }",
      metrics: "all_total: { type: counter, help: h }"
    )
    var batch = ReadingBatch()
    batch.add(0, labels: ["a"], values: [8, nil, nil, nil])
    batch.add(1, values: [3])
    test.mapping.apply(batch)
    #expect(test.series() == ["=34.0"])
    batch.removeAll()
    batch.add(1, values: [4])
    test.mapping.apply(batch)
    #expect(test.series() == ["=44.0"])
  }

  @Test func aTotalBelowZeroIsRefusedAndTakesNoPlace() throws {
    let test = try ReadingBench(
      "disk.read_bytes: { metric: read_bytes_total, offset: -10 }",
      metrics: ReadingMappingTests.total + ", labels: [device] }"
    )
    test.apply(["a": [4]])
    #expect(test.series().isEmpty)
    test.apply(["a": [14]])
    #expect(test.series() == ["a=4.0"])
    #expect(test.registry.rejections().map(\.count) == [1])
  }

  /// The number of a GPU is another's when one before it is lost; its counters are told apart by what stays.
  @Test func aNumberThatAnotherThingGetsIsNoNewThing() throws {
    let descriptor = CollectorDescriptor(
      name: "system",
      help: "h",
      records: [
        RecordDescriptor(
          "gpu",
          help: "h",
          labels: [.init("number", "h", identifies: false), .init("uuid", "h")],
          readings: [ReadingDescriptor("gpu.joules", .counter, help: "h", source: "s")]
        )
      ]
    )
    let yaml = """
      version: 1
      labels: { number: { values: 0..9 }, uuid: { max_values: 9 } }
      metrics:
        by_uuid_total: { type: counter, help: h, labels: [uuid] }
        by_both_total: { type: counter, help: h, labels: [number, uuid] }
        all_total: { type: counter, help: h }
      collectors: { system: { readings: { gpu.joules: [by_uuid_total, by_both_total, all_total] } } }
      """
    let loading = CatalogLoader.load(bytes: Array(yaml.utf8), path: "m.yaml", collectors: [descriptor])
    let catalog = try #require(loading.catalog, "\(loading.diagnostics)")
    let registry = Registry(metrics: catalog.metrics)
    let mapping = ReadingMapping(
      catalog.collectors[0],
      descriptor,
      registry: registry,
      metrics: catalog.metrics
    )
    func apply(_ gpus: [(number: String, uuid: String, joules: Double)]) -> [[String]] {
      var batch = ReadingBatch()
      for gpu in gpus { batch.add(0, labels: [gpu.number, gpu.uuid], values: [gpu.joules]) }
      mapping.apply(batch)
      return registry.snapshot().map { family in
        family.pages.flatMap { page in (0..<page.count).map { page.series(at: $0) } }.filter { !$0.isDropped }
          .map { "\($0.labelValues.joined(separator: ","))=\(Int($0.number ?? -1))" }
      }
    }
    #expect(apply([("0", "A", 100), ("1", "B", 10)]) == [["A=100", "B=10"], ["0,A=100", "1,B=10"], ["=110"]])
    #expect(apply([("0", "B", 11)]) == [["B=11"], ["0,B=11"], ["=111"]])
    #expect(apply([("0", "B", 12), ("1", "A", 101)]) == [["B=12", "A=101"], ["0,B=12", "1,A=101"], ["=113"]])
  }

  /// Devices, and processes more so, come and go for months: what is remembered of them is bounded, and what the
  /// registry evicted is made anew.
  @Test func whatComesAndGoesLeavesNothing() throws {
    let test = try ReadingBench(
      "disk.read_bytes: [read_bytes_total, all_bytes_total]",
      metrics: Self.total + ", labels: [device] }, all_bytes_total: { type: counter, help: h }"
    )
    for round in 0..<500 { test.apply(["keeps": [Double(round)], "pid\(round)": [1]]) }
    #expect(test.series().sorted() == ["keeps=499.0", "pid499=1.0"])
    #expect(test.series(1) == ["=999.0"])
    test.apply(["a": [1], "b": [1], "c": [1], "d": [1], "e": [1]])
    #expect(test.series().count == 3)
    test.apply(["a": [2]])
    #expect(test.series() == ["a=2.0"])
  }
}

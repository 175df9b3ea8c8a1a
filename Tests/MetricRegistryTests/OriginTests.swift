import MetricModel
import StateStore
import Testing

@testable import MetricRegistry

/// When series began, their exemplars, and both after a saving.
@Suite struct OriginTests {
  private static func metrics() -> [MetricDescriptor] {
    [
      MetricDescriptor(name: "c_total", type: .counter, help: "", exposesCreated: true),
      MetricDescriptor(name: "h", type: .histogram, help: "", buckets: [1, 2]),
      MetricDescriptor(
        name: "n",
        type: .histogram,
        help: "",
        buckets: [1],
        nativeHistogram: .init(factor: 1.1, maxBuckets: 5)
      ),
      MetricDescriptor(name: "s", type: .summary, help: "", quantiles: [0.5], exposesCreated: true),
      MetricDescriptor(name: "g", type: .gauge, help: ""),
    ]
  }

  private static func registry(at time: Int64) -> Registry {
    Registry(metrics: metrics(), limits: RegistryLimits(), now: { time })
  }

  private static func filled() throws -> Registry {
    let registry = registry(at: 7)
    let counter = try #require(try registry.counter("c_total").with())
    counter.increment(by: 2, exemplar: ["step": "1"])
    counter.increment(by: 3, exemplar: ["step": "2", "trace": "é\u{1}", "empty": ""])
    counter.increment()
    let histogram = try #require(try registry.histogram("h").with())
    for value in [1, 1.5, 1.75, 4] { histogram.observe(value, exemplar: ["of": "\(value)"]) }
    let native = try #require(try registry.histogram("n").with())
    for value in -8...8 { native.observe(Double(value) * 1.7, exemplar: ["of": "\(value)"]) }
    try registry.summary("s").with()?.observe(1)
    try registry.gauge("g").with()?.set(1)
    return registry
  }

  private static func contents(_ registry: Registry) -> [String] {
    registry.snapshot().flatMap { family in
      family.pages.flatMap { page in
        (0..<page.count).map { position in
          let series = page.series(at: position)
          let histogram = series.nativeHistogram.map { "\($0)" } ?? series.histogram.map { "\($0)" } ?? ""
          return "\(series.metric.descriptor.name) \(series.number ?? 0) \(series.created ?? -1) \(histogram) "
            + "\(series.exemplar.map { "\($0)" } ?? "") \(series.exemplars) \(series.nativeExemplars)"
        }
      }
    }
  }

  private static func saved(_ registry: Registry) -> [UInt8] {
    var changes = StateChanges(isWhole: true)
    registry.encodeSeries(into: &changes, includes: { _ in true }, feeder: { _ in -1 })
    return changes.bytes
  }

  private static func restored(_ bytes: [UInt8], keepsExemplars: Bool = true) throws -> Registry {
    let other = registry(at: 99)
    let saved = try SavedRegistry(StateImage(SavedState(bytes[...])))
    try other.restoreSeries(
      from: saved,
      keeps: { _ in true },
      keepsExemplars: { _ in keepsExemplars },
      feeder: { _ in nil }
    )
    return other
  }

  @Test func theLastExemplarIsKept() throws {
    let registry = try Self.filled()
    let counter = try #require(try registry.counter("c_total").with())
    let labels = [Exemplar.Label("step", "2"), Exemplar.Label("trace", "é\u{FFFD}")]
    #expect(counter.series.exemplar == Exemplar(labels: labels, value: 3, time: 7))
    #expect(counter.series.number == 6 && counter.series.exemplars.isEmpty)
    let histogram = try #require(try registry.histogram("h").with())
    #expect(histogram.series.exemplars.map { $0?.value } == [1, 1.75, 4], "one for each bucket")
    #expect(histogram.series.exemplar == nil && histogram.series.nativeExemplars.isEmpty)
    let native = try #require(try registry.histogram("n").with())
    #expect(native.series.exemplars.map { $0?.labels.first?.value } == ["0", "8"])
    #expect(native.series.nativeExemplars.map { $0.labels[0].value } == (-1...8).map { "\($0)" })
  }

  @Test func anExemplarThatIsRefusedTakesNothingAway() throws {
    let registry = Self.registry(at: 7)
    let counter = try #require(try registry.counter("c_total").with())
    let histogram = try #require(try registry.histogram("h").with())
    #expect(counter.increment(exemplar: ["n": String(repeating: "é", count: 127)]))
    #expect(counter.series.exemplar != nil, "128 code points")
    #expect(counter.increment(by: 2, exemplar: ["n": String(repeating: "e", count: 128)]))
    #expect(counter.increment(by: 2, exemplar: ["n": String(repeating: "e", count: 1_000_000)]))
    #expect(counter.increment(by: 2, exemplar: ["0": "e"]))
    #expect(counter.increment(by: 2, exemplar: ["a": "1", "a": "2"]))
    #expect(!counter.increment(by: -1, exemplar: ["a": "1"]) && !histogram.observe(.nan, exemplar: ["a": "1"]))
    #expect(histogram.observe(1, exemplar: [:]) && histogram.observe(1, exemplar: ["a": ""]))
    #expect(counter.series.exemplar?.value == 1 && counter.series.number == 9)
    #expect(histogram.series.exemplars.isEmpty)
    let counts = registry.rejections().map { "\($0.rejection.reason.rawValue) \($0.count)" }
    #expect(counts == ["negative_increment 1", "exemplar_labels 4", "not_a_number 1"])
  }

  @Test func onlyWhatCountsHasABeginning() throws {
    let registry = try Self.filled()
    let created = registry.snapshot().flatMap { $0.pages.map { $0.series(at: 0).created } }
    #expect(created == [7, 7, 7, 7, nil])
    #expect(registry.metrics.map(\.descriptor.timeSeriesPerChild) == [2, 5, 4, 4, 1])
    #expect(MemoryLayout<Series.Cell>.size == MemoryLayout<Int>.size)
  }

  @Test func allOfItIsSaved() throws {
    let registry = try Self.filled()
    let other = try Self.restored(Self.saved(registry))
    #expect(Self.contents(other) == Self.contents(registry))
    // And goes on.
    for registry in [registry, other] {
      try registry.histogram("n").with()?.observe(1e6)
      try registry.histogram("h").with()?.observe(0.5)
    }
    #expect(Self.contents(other) == Self.contents(registry))
    #expect(Self.saved(other) == Self.saved(registry))
    let without = try Self.restored(Self.saved(registry), keepsExemplars: false)
    #expect(try without.counter("c_total").with()?.series.exemplar == nil)
    #expect(try without.histogram("n").with()?.series.nativeExemplars.isEmpty == true)
    #expect(try without.counter("c_total").with()?.series.number == 6)
  }

  /// What has no place any more is read over.
  @Test func seriesWithoutPlaceAreSkipped() throws {
    let run = LabelDescriptor(name: "run", maxValues: 9)
    var metrics = Self.metrics()
    for index in metrics.indices { metrics[index].labels = [run] }
    let registry = Registry(metrics: metrics)
    for run in ["a", "b", "c"] {
      try registry.counter("c_total").with(run)?.increment(by: 2, exemplar: ["in": run])
      try registry.histogram("h").with(run)?.observe(1.5, exemplar: ["in": run])
      try registry.histogram("n").with(run)?.observe(2.5, exemplar: ["in": run])
      try registry.summary("s").with(run)?.observe(3)
    }
    for index in metrics.indices { metrics[index].labels[0].maxValues = 1 }
    let other = Registry(metrics: metrics)
    let saved = try SavedRegistry(StateImage(SavedState(Self.saved(registry)[...])))
    try other.restoreSeries(from: saved, keeps: { _ in true }, feeder: { _ in nil })
    #expect(Self.contents(other) == Self.contents(registry).enumerated().filter { $0.offset % 3 == 0 }.map(\.element))
  }

  /// Damaged bytes end in an error or in something that can be read, never in a trap.
  @Test func damagedBytesAreNoTrap() throws {
    let bytes = Self.saved(try Self.filled())
    for place in bytes.indices {
      for flip in [UInt8(1), 0x80, 0xFF] {
        var damaged = bytes
        damaged[place] ^= flip
        if let registry = try? Self.restored(damaged) { #expect(!Self.contents(registry).isEmpty) }
      }
    }
  }
}

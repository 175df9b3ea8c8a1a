import MetricModel
import MetricRegistry
import StateStore
import Testing

/// A registry that was saved and made again holds the same, of every type, under another catalog too.
@Suite struct SavingTests {
  private static let run = LabelDescriptor(name: "run", maxValues: 3, evictsOldest: true)
  // What a feeder says may be another value's own text.
  private static let head = LabelDescriptor(
    name: "head",
    allowed: .list(["box", "mask"]),
    named: ["box": "mask", "B": "box"]
  )

  private static func metrics(_ names: [String]) -> [MetricDescriptor] {
    let all = [
      MetricDescriptor(name: "loss", type: .gauge, help: "h", labels: [run, head]),
      MetricDescriptor(name: "rows_total", type: .counter, help: "h", labels: [run]),
      MetricDescriptor(name: "time", type: .histogram, help: "h", labels: [run], buckets: [1, 2]),
      MetricDescriptor(name: "lr", type: .summary, help: "h", quantiles: [0.5], window: 3),
      MetricDescriptor(name: "phase", type: .stateset, help: "h", states: ["a", "b"]),
      MetricDescriptor(name: "run_info", type: .info, help: "h", labels: [run]),
    ]
    return names.compactMap { name in all.first { $0.name == name } }
  }

  private static let names = ["loss", "rows_total", "time", "lr", "phase", "run_info"]

  private func filled() throws -> Registry {
    let registry = Registry(metrics: Self.metrics(Self.names))
    try registry.gauge("loss").with("r1", "B")?.set(0.5)
    try registry.gauge("loss").with("r2", "mask")?.set(.nan)
    try registry.counter("rows_total").with("r2")?.increment(by: 1e300)
    try registry.counter("rows_total").with("r1")?.increment(by: 0.1)
    for value in [0.5, 1.5, 9] { try registry.histogram("time").with("r1")?.observe(value) }
    for value in [1, 2, 3, 4.0] { try registry.summary("lr").with()?.observe(value) }
    try registry.stateSet("phase").with()?.set("b")
    try registry.info("run_info").with("r3")?.set()
    _ = try registry.gauge("loss").with("r1", "nose")
    return registry
  }

  private func restored(_ registry: Registry, _ names: [String], keeps: [String]? = nil) throws -> Registry {
    var changes = StateChanges(isWhole: true)
    registry.encodeSeries(into: &changes, includes: { _ in true }, feeder: { _ in -1 })
    let other = Registry(metrics: Self.metrics(names))
    let saved = try SavedRegistry(StateImage(SavedState(changes)))
    try other.restoreSeries(
      from: saved,
      keeps: { keeps?.contains(names[$0]) ?? true },
      feeder: { _ in nil }
    )
    return other
  }

  private func contents(_ registry: Registry) -> [String] {
    registry.snapshot().flatMap { family in
      family.pages.flatMap { page in
        (0..<page.count).map(page.series(at:)).filter { !$0.isDropped }.map { series in
          "\(series.metric.descriptor.name) \(series.labelValues) \(series.number ?? -1) "
            + "\(series.histogram.map { "\($0)" } ?? "") \(series.summary.map { "\($0)" } ?? "") \(series.state ?? -1)"
        }
      }
    }
  }

  @Test func everyTypeComesBack() throws {
    let registry = try filled()
    let other = try restored(registry, Self.names)
    #expect(contents(other) == contents(registry))
    #expect(other.rejections().map(\.count) == [1])
    #expect(other.seriesCount == registry.seriesCount)
    // And goes on: the window's oldest goes first, and series are found again.
    try other.summary("lr").with()?.observe(5)
    try registry.summary("lr").with()?.observe(5)
    try other.gauge("loss").with("r1", "B")?.set(0.25)
    try registry.gauge("loss").with("r1", "B")?.set(0.25)
    #expect(contents(other) == contents(registry))
  }

  @Test func theOldestValueIsEvictedAsBefore() throws {
    let registry = try filled()
    try registry.counter("rows_total").with("r2")?.increment()
    let other = try restored(registry, Self.names)
    for one in [registry, other] { try one.counter("rows_total").with("r4")?.increment() }
    #expect(contents(other) == contents(registry))
    #expect(!contents(other).contains { $0.contains("r1") })
  }

  @Test func metricsInAnotherOrderAndFewerOfThem() throws {
    let registry = try filled()
    let other = try restored(registry, ["run_info", "time", "rows_total"], keeps: ["run_info", "rows_total"])
    #expect(
      contents(other) == contents(registry).filter { $0.hasPrefix("run_info") }
        + contents(registry).filter { $0.hasPrefix("rows_total") }
    )
  }

  @Test func limitsHoldForWhatComesBack() throws {
    let registry = try filled()
    var changes = StateChanges(isWhole: true)
    registry.encodeSeries(into: &changes, includes: { _ in true }, feeder: { _ in -1 })
    var metrics = Self.metrics(Self.names)
    for index in metrics.indices where !metrics[index].labels.isEmpty {
      metrics[index].labels[0].maxValues = 1
    }
    let other = Registry(metrics: metrics)
    let saved = try SavedRegistry(StateImage(SavedState(changes)))
    try other.restoreSeries(from: saved, keeps: { _ in true }, feeder: { _ in nil })
    // The value that was used last keeps its place.
    #expect(contents(other).filter { $0.contains("r1") || $0.contains("r2") }.isEmpty)
    #expect(contents(other).contains { $0.hasPrefix("run_info [\"r3\"]") })
  }
}

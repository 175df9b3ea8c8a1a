import Foundation
import MetricModel
import MetricRegistry
import Testing

@Suite struct AdmissionTests {
  static let stage = LabelDescriptor(name: "stage", allowed: .list(["train", "val"]))
  static let head = LabelDescriptor(name: "head", allowed: .list(["box", "mask"]), named: ["B": "box"])
  static let model = LabelDescriptor(name: "model", allowed: .list(["n", "other"]), otherwise: "other")
  static let epoch = LabelDescriptor(name: "epoch", allowed: .range(0...99))
  static let run = LabelDescriptor(name: "run", maxValues: 2)

  /// Metric, label and reason of each rejection, with its count.
  static func rejections(_ registry: Registry) -> [String] {
    registry.rejections().map {
      "\($0.rejection.metric) \($0.rejection.label) \($0.rejection.reason.rawValue) \($0.count)"
    }
  }

  @Test func everyRefusalIsCountedByMetricLabelAndReason() throws {
    let registry = Registry(
      metrics: [
        MetricDescriptor(name: "loss", type: .gauge, help: "", labels: [Self.stage, Self.run]),
        MetricDescriptor(name: "epochs_total", type: .counter, help: "", labels: [Self.run], maxSeries: 1),
        MetricDescriptor(name: "seconds", type: .histogram, help: "", labels: [Self.stage], buckets: [1]),
        MetricDescriptor(name: "rate", type: .summary, help: ""),
        MetricDescriptor(name: "phase", type: .stateset, help: "", states: ["idle", "busy"]),
        MetricDescriptor(name: "at", type: .gauge, help: "", labels: [Self.epoch]),
      ],
      limits: RegistryLimits(series: 11, seriesPerMetric: 10)
    )
    let loss = try registry.gauge("loss")
    #expect(throws: RegistryError.undeclared(metric: "lost")) { try registry.gauge("lost") }
    #expect(throws: RegistryError.wrongType(metric: "loss", declared: .gauge, requested: .counter)) {
      try registry.counter("loss")
    }
    #expect(loss.with(["stage": "train"]) == nil)
    #expect(loss.with("train") == nil)
    #expect(loss.with("train", "") == nil)
    #expect(loss.with(["stage": "train", "run": "a", "gpu": "0"]) == nil)
    #expect(loss.with("train", "a", "b") == nil)
    #expect(loss.with("test", "a") == nil)
    #expect(loss.with("train", String(repeating: "x", count: 5000)) == nil)
    #expect(registry.seriesCount == 0, "a refused sample takes no place")
    let a = try #require(loss.with("train", "a"))
    let b = try #require(loss.with("val", "b"))
    #expect(loss.with("train", "c") == nil)
    let epochs = try #require(try registry.counter("epochs_total").with("a"))
    #expect(try registry.counter("epochs_total").with("b") == nil)
    #expect(!epochs.increment(by: -1) && !epochs.increment(by: .nan) && !epochs.increment(by: .infinity))
    let seconds = try #require(try registry.histogram("seconds").with("train"))
    #expect(!seconds.observe(.nan) && !seconds.observe(-.infinity))
    let rate = try #require(try registry.summary("rate").with())
    #expect(!rate.observe(.nan) && !rate.observe(.infinity))
    #expect(registry.seriesCount == 1 + 1 + 1 + 4 + 2)
    let phase = try #require(try registry.stateSet("phase").with())
    #expect(!phase.set("asleep"))
    #expect(try registry.gauge("at").with("7") == nil, "the registry is full")
    a.set(1)
    b.set(2)
    #expect(
      Self.rejections(registry) == [
        "loss  label_undeclared 1", "loss stage label_value 1", "loss run label_missing 3",
        "loss run label_too_long 1", "loss run label_max_values 1",
        "epochs_total  metric_max_series 1", "epochs_total  negative_increment 1", "epochs_total  not_a_number 1",
        "epochs_total  not_finite 1", "seconds  not_a_number 1", "seconds  not_finite 1", "rate  not_a_number 1",
        "rate  not_finite 1", "phase phase label_value 1",
        "at  registry_max_series 1", "lost  metric_undeclared 1", "loss gpu label_undeclared 1",
      ]
    )
    #expect(epochs.series.number == 0 && phase.series.state == nil)
  }

  /// Of what is refused the last values are kept, each once and not too long.
  @Test func theLastRefusedValuesAreKept() throws {
    let registry = Registry(metrics: [
      MetricDescriptor(
        name: "loss",
        type: .gauge,
        help: "h",
        labels: [LabelDescriptor(name: "stage", allowed: .list(["train"]))]
      ), MetricDescriptor(name: "rows_total", type: .counter, help: "h"),
      MetricDescriptor(name: "phase", type: .stateset, help: "h", states: ["on"]),
    ])
    let loss = try registry.gauge("loss")
    for value in ["a", "b", "a", "c", "d", "e", "f", "\u{2028}<b>", String(repeating: "ü", count: 500)] {
      #expect(loss.with(value) == nil)
    }
    let rows = try #require(try registry.counter("rows_total").with())
    #expect(!rows.increment(by: -2.5) && !rows.increment(by: -2.5))
    #expect(try registry.stateSet("phase").with()?.set("off") == false)
    let all = registry.rejectionsWithValues()
    #expect(
      all.map(\.values) == [
        ["d", "e", "f", "\u{2028}<b>", String(repeating: "ü", count: 100)], ["-2.5"], ["off"],
      ]
    )
    #expect(all.map(\.count) == [9, 2, 1])
    // Of a flood some are noted, and it costs no more.
    for number in 0..<10_000 { _ = loss.with("x\(number)") }
    let last = try #require(registry.rejectionsWithValues().first)
    #expect(last.count == 10_009 && last.values.count == 5)
    #expect(last.values.allSatisfy { Int($0.dropFirst()).map { $0 > 9600 } == true }, "\(last.values)")
  }

  @Test func textsBecomeTheLabelsDeclaredValues() throws {
    let registry = Registry(metrics: [
      MetricDescriptor(name: "m", type: .gauge, help: "", labels: [Self.head, Self.model, Self.epoch])
    ])
    let m = try registry.gauge("m")
    let first = try #require(m.with("B", "yolo12", "7.0"))
    let same = try #require(m.with("box", "other", "007"))
    #expect(first.series == same.series)
    #expect(first.series.labelValues == ["box", "other", "7"])
    #expect(m.with("mask", "n", "100") == nil)
    #expect(m.with("b", "n", "1") == nil)
    #expect(Self.rejections(registry) == ["m head label_value 1", "m epoch label_value 1"])
    m.remove(first)
    #expect(first.isDropped && registry.seriesCount == 0)
    let again = try #require(m.with("box", "x", "7"))
    #expect(again.series != first.series && again.series.labelValues == ["box", "other", "7"])
    first.set(1)
    #expect(again.series.number == nil)
  }

  /// Values that look alike once written out must not become one series twice; those that differ in bytes are two.
  @Test func valuesAreToldApartByTheirWrittenBytes() throws {
    let registry = Registry(metrics: [
      MetricDescriptor(name: "m", type: .gauge, help: "", labels: [LabelDescriptor(name: "run")])
    ])
    let m = try registry.gauge("m")
    #expect(m.with("a\u{0}")?.series == m.with("a\u{1B}")?.series)
    #expect(m.with("a\u{0}")?.series.labelValues == ["a\u{FFFD}"])
    // What reorders text or parts lines goes, too; other letters that begin with the same byte stay.
    #expect(m.with("b\u{202E}c\u{2028}")?.series.labelValues == ["b\u{FFFD}c\u{FFFD}"])
    #expect(m.with("\u{85}\u{61C}")?.series.labelValues == ["\u{FFFD}\u{FFFD}"])
    #expect(m.with("€ ص é 👩‍💻")?.series.labelValues == ["€ ص é 👩‍💻"])
    #expect(m.with("\u{E9}")?.series != m.with("e\u{301}")?.series)
    #expect(m.with("a\n\tb")?.series.labelValues == ["a\n\tb"])
    #expect(registry.seriesCount == 7)
  }

  /// All that Unicode has of what reorders text, and what parts lines.
  @Test func noLabelValueReordersText() {
    let scalars = (0...0x10FFFF).compactMap { Unicode.Scalar($0 as UInt32) }
    let unwanted = scalars.filter { $0.properties.isBidiControl } + ["\u{2028}", "\u{2029}"]
    #expect(unwanted.count == 14)
    for scalar in unwanted {
      #expect(LabelText.cleaned("a\(scalar)b") == "a\u{FFFD}b", "\(String(scalar.value, radix: 16))")
    }
  }

  @Test func aRefusedSampleTakesNoPlaceInOtherLabels() throws {
    let registry = Registry(
      metrics: [
        MetricDescriptor(name: "m", type: .gauge, help: "", labels: [Self.run, Self.stage], maxSeries: 2),
        MetricDescriptor(name: "n", type: .gauge, help: "", labels: [Self.run]),
      ])
    let m = try registry.gauge("m")
    #expect(m.with("a", "test") == nil)
    #expect(m.with("a", "train") != nil && m.with("a", "val") != nil)
    #expect(m.with("b", "val") == nil, "over the metric's limit")
    let n = try registry.gauge("n")
    #expect(n.with("c") != nil, "neither refused value holds a place")
    #expect(n.with("d") == nil)
  }

  @Test func aMillionValuesOfABoundedLabel() throws {
    let registry = Registry(metrics: [
      MetricDescriptor(name: "m", type: .gauge, help: "", labels: [LabelDescriptor(name: "run", maxValues: 200)])
    ])
    var residentAfterFirst = 0
    for value in 0..<1_000_000 {
      if let series = registry.series(metric: 0, labelValues: ["run-\(value)"]) { series.set(Double(value)) }
      if value == 10_000 { residentAfterFirst = Self.residentBytes() }
    }
    #expect(registry.seriesCount == 200)
    #expect(Self.rejections(registry) == ["m run label_max_values 999800"])
    // A million series would take more; other tests, which run at the same time, take less.
    #expect(Self.residentBytes() - residentAfterFirst < 400 << 20)
  }

  @Test func undeclaredNamesAreBounded() {
    let registry = Registry(metrics: [MetricDescriptor(name: "m", type: .gauge, help: "")])
    for name in 0..<10_000 {
      _ = try? registry.gauge("hostile_\(name)")
      registry.count(rejection: Rejection(metric: "m", label: "l\(name)", reason: .labelUndeclared))
    }
    _ = try? registry.gauge(String(repeating: "n", count: 1 << 20))
    registry.count(rejection: Rejection(metric: "m", reason: .notANumber), by: 3)
    let rejections = registry.rejections()
    #expect(rejections.count == 103)
    #expect(rejections.first?.rejection == Rejection(metric: "m", reason: .notANumber))
    #expect(rejections.reduce(0) { $0 + $1.count } == 20_004)
    #expect(rejections.contains { $0.rejection == Rejection(metric: "other", reason: .metricUndeclared) })
    #expect(rejections.contains { $0.rejection == Rejection(metric: "m", label: "other", reason: .labelUndeclared) })
  }

  @Test func countsOfNothingExistFromTheStart() throws {
    let registry = Registry(metrics: [
      MetricDescriptor(name: "a_total", type: .counter, help: ""),
      MetricDescriptor(name: "b", type: .gauge, help: ""),
      MetricDescriptor(name: "c", type: .histogram, help: "", buckets: [1]),
      MetricDescriptor(name: "d_total", type: .counter, help: "", labels: [Self.stage]),
    ])
    #expect(registry.metrics.indices.map { registry.seriesCount(metric: $0) } == [1, 0, 4, 0])
    for stage in ["val", "train", "test"] { registry.materialize(metric: 3, labelValues: [stage]) }
    #expect(registry.seriesCount(metric: 3) == 2)
    #expect(registry.rejections().isEmpty)
    let page = try #require(registry.snapshot()[3].pages.first)
    #expect((0..<page.count).map { page.series(at: $0).labelValues } == [["val"], ["train"]])
    #expect(page.series(at: 0).number == 0)
  }

  @Test func registriesAreApart() throws {
    let metrics = [MetricDescriptor(name: "m_total", type: .counter, help: "", labels: [Self.run])]
    let (one, two) = (Registry(metrics: metrics), Registry(metrics: metrics))
    for run in ["a", "b", "c"] { try one.counter("m_total").with(run)?.increment() }
    try two.counter("m_total").with("c")?.increment(by: 2)
    #expect(one.seriesCount == 2 && two.seriesCount == 1)
    #expect(one.rejections().count == 1 && two.rejections().isEmpty)
    #expect(try two.counter("m_total").with("c")?.series.number == 2)
  }

  @Test func aHandleOutlivesItsRegistry() throws {
    var registry: Registry? = Registry(metrics: [MetricDescriptor(name: "m_total", type: .counter, help: "")])
    weak let gone = registry
    let counter = try #require(try registry?.counter("m_total").with())
    registry = nil
    #expect(gone == nil, "a series does not keep its registry alive")
    #expect(counter.increment() && !counter.increment(by: -1))
    #expect(counter.series.number == 1)
  }

  private static func residentBytes() -> Int {
    let statm = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (statm.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
  }
}

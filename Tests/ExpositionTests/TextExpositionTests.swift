import Exposition
import MetricModel
import MetricRegistry
import Testing

@Suite struct TextExpositionTests {
  static func text(_ registry: Registry, families: [MetricFamily] = []) -> String {
    String(decoding: ExpositionRenderer(registry).bytes(families: families), as: UTF8.self)
  }

  @Test func everyType() throws {
    let stage = LabelDescriptor(name: "stage", allowed: .list(["train", "val"]))
    let registry = Registry(metrics: [
      MetricDescriptor(name: "epochs_total", type: .counter, help: "Epochs finished"),
      MetricDescriptor(name: "loss", type: .gauge, help: "Loss", labels: [stage]),
      MetricDescriptor(name: "unset", type: .gauge, help: "Never set"),
      MetricDescriptor(name: "bare_seconds", type: .histogram, help: "Bare", buckets: [0.1, 1]),
      MetricDescriptor(name: "step_seconds", type: .histogram, help: "Steps", labels: [stage], buckets: [1e6]),
      MetricDescriptor(
        name: "rate",
        type: .summary,
        help: "Rate",
        labels: [stage],
        quantiles: [0.5, 1],
        window: 3
      ),
      MetricDescriptor(name: "size", type: .summary, help: "Size"),
      MetricDescriptor(
        name: "app_info",
        type: .info,
        help: "About",
        labels: [stage],
        constant: [.init(name: "version", value: "1.0.0"), .init(name: "by", value: "a\"b")]
      ),
      MetricDescriptor(name: "phase", type: .stateset, help: "Phase", labels: [stage], states: ["idle", "busy"]),
      MetricDescriptor(name: "lone", type: .stateset, help: "Lone", states: ["on", "off"]),
    ])
    try registry.counter("epochs_total").with()?.increment(by: 3)
    try registry.gauge("loss").with("val")?.set(0.25)
    try registry.gauge("loss").with("train")?.set(.nan)
    _ = try registry.gauge("unset").with()
    try registry.histogram("bare_seconds").with()?.observe(0.5)
    try registry.histogram("step_seconds").with("train")?.observe(2.5e6)
    try registry.summary("rate").with("train")?.observe(1.5)
    _ = try registry.summary("rate").with("val")
    try registry.summary("size").with()?.observe(7)
    try registry.info("app_info").with("val")?.set()
    try registry.stateSet("phase").with("val")?.set("busy")
    try registry.stateSet("lone").with()?.set("on")
    let own = MetricFamily(
      name: "exporter_rejections_total",
      type: .counter,
      help: "Refused",
      samples: [
        Sample(labels: [.init("metric", "m"), .init("reason", "a\nb\u{7}")], value: 1e21), Sample(value: 2),
      ]
    )
    let empty = MetricFamily(name: "empty", type: .gauge, help: "None")
    #expect(
      Self.text(registry, families: [empty, own]) == """
        # HELP epochs_total Epochs finished
        # TYPE epochs_total counter
        epochs_total 3
        # HELP loss Loss
        # TYPE loss gauge
        loss{stage="val"} 0.25
        loss{stage="train"} NaN
        # HELP bare_seconds Bare
        # TYPE bare_seconds histogram
        bare_seconds_bucket{le="0.1"} 0
        bare_seconds_bucket{le="1.0"} 1
        bare_seconds_bucket{le="+Inf"} 1
        bare_seconds_sum 0.5
        bare_seconds_count 1
        # HELP step_seconds Steps
        # TYPE step_seconds histogram
        step_seconds_bucket{stage="train",le="1e+06"} 0
        step_seconds_bucket{stage="train",le="+Inf"} 1
        step_seconds_sum{stage="train"} 2500000
        step_seconds_count{stage="train"} 1
        # HELP rate Rate
        # TYPE rate summary
        rate{stage="train",quantile="0.5"} 1.5
        rate{stage="train",quantile="1.0"} 1.5
        rate_sum{stage="train"} 1.5
        rate_count{stage="train"} 1
        rate{stage="val",quantile="0.5"} NaN
        rate{stage="val",quantile="1.0"} NaN
        rate_sum{stage="val"} 0
        rate_count{stage="val"} 0
        # HELP size Size
        # TYPE size summary
        size_sum 7
        size_count 1
        # HELP app_info About
        # TYPE app_info gauge
        app_info{stage="val",version="1.0.0",by="a\\"b"} 1
        # HELP phase Phase
        # TYPE phase gauge
        phase{stage="val",phase="idle"} 0
        phase{stage="val",phase="busy"} 1
        # HELP lone Lone
        # TYPE lone gauge
        lone{lone="on"} 1
        lone{lone="off"} 0
        # HELP exporter_rejections_total Refused
        # TYPE exporter_rejections_total counter
        exporter_rejections_total{metric="m",reason="a\\nb\u{FFFD}"} 1e+21
        exporter_rejections_total 2

        """
    )
  }

  @Test func nothingIsNothing() {
    #expect(ExpositionRenderer(Registry(metrics: [])).bytes().isEmpty)
    #expect(ExpositionVariant().contentType == "text/plain; version=0.0.4; charset=utf-8")
  }

  @Test func textsAreEscaped() throws {
    let registry = Registry(metrics: [
      MetricDescriptor(
        name: "m",
        type: .gauge,
        help: "a \"quote\", a \\ and\na line\u{0}",
        labels: [LabelDescriptor(name: "run")]
      )
    ])
    for run in [
      "a\"b\\c\nd", "\r\u{0}\u{1B}[31m\u{7F}", "tab\tstays", "é 😀\u{2028}", String(repeating: "\"", count: 4096),
    ] {
      try registry.gauge("m").with(run)?.set(1)
    }
    #expect(
      Self.text(registry) == """
        # HELP m a "quote", a \\\\ and\\na line\u{FFFD}
        # TYPE m gauge
        m{run="a\\"b\\\\c\\nd"} 1
        m{run="\u{FFFD}\u{FFFD}\u{FFFD}[31m\u{FFFD}"} 1
        m{run="tab\tstays"} 1
        m{run="é 😀\u{FFFD}"} 1
        m{run="\(String(repeating: "\\\"", count: 4096))"} 1

        """
    )
  }

  /// Order is that of first appearance, over growing pages, removals, compaction and what a scrape kept of the labels.
  @Test func orderIsStableWhileSeriesComeAndGo() throws {
    let registry = Registry(metrics: [
      MetricDescriptor(name: "m", type: .gauge, help: "h", labels: [LabelDescriptor(name: "run", maxValues: 5000)])
    ])
    let family = try registry.gauge("m")
    var expected: [(run: String, value: Int)] = []
    var handles: [String: Gauge] = [:]
    for step in 0..<6000 {
      let run = "r\((step * 7919) % 3001)"
      if step % 3 == 2, let index = expected.firstIndex(where: { $0.run == run }), let handle = handles[run] {
        family.remove(handle)
        expected.remove(at: index)
      } else if let gauge = family.with(run) {
        gauge.set(Double(step))
        handles[run] = gauge
        if let index = expected.firstIndex(where: { $0.run == run }) {
          expected[index].value = step
        } else {
          expected.append((run, step))
        }
      }
      if step % 500 == 0 || step == 5999 {
        let lines = expected.map { "m{run=\"\($0.run)\"} \($0.value)\n" }
        #expect(Self.text(registry) == "# HELP m h\n# TYPE m gauge\n" + lines.joined())
      }
    }
    for (run, _) in expected { handles[run].map { family.remove($0) } }
    #expect(Self.text(registry).isEmpty, "a family without samples is left out")
  }

  @Test func evictedSeriesLeaveTheExposition() throws {
    let run = LabelDescriptor(name: "run", maxValues: 1, evictsOldest: true)
    let registry = Registry(metrics: [
      MetricDescriptor(name: "m", type: .gauge, help: "h", labels: [run]),
      MetricDescriptor(name: "h", type: .histogram, help: "h", labels: [run], buckets: []),
    ])
    try registry.gauge("m").with("a")?.set(1)
    try registry.histogram("h").with("a")?.observe(1)
    _ = Self.text(registry)
    try registry.gauge("m").with("b")?.set(2)
    #expect(Self.text(registry) == "# HELP m h\n# TYPE m gauge\nm{run=\"b\"} 2\n")
  }
}

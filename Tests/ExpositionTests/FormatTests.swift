import CZlib
import Exposition
import LogStations
import MetricModel
import MetricRegistry
import StateStore
import Testing

/// The formats beside text 0.0.4, and what is kept from one exposition to the next.
@Suite struct FormatTests {
  private static let stage = LabelDescriptor(name: "stage", allowed: .list(["train", "val"]))

  private static let metrics = [
    MetricDescriptor(name: "busy_seconds_total", type: .counter, help: "A \"b\" \\ c\nd", unit: "seconds"),
    MetricDescriptor(name: "loss", type: .gauge, help: "Loss", unit: "seconds", labels: [stage]),
    MetricDescriptor(name: "reward", type: .histogram, help: "Reward", buckets: [-1, 0.5]),
    MetricDescriptor(name: "rate", type: .summary, help: "Rate", labels: [stage], quantiles: [0.5], window: 3),
    MetricDescriptor(name: "app_info", type: .info, help: "About", constant: [.init(name: "version", value: "1")]),
    MetricDescriptor(name: "phase", type: .stateset, help: "Phase", labels: [stage], states: ["idle", "busy"]),
    MetricDescriptor(name: "odd", type: .counter, help: "No suffix"),
  ]

  private static func filled() throws -> Registry { try registry(of: metrics.map(\.name)) }

  /// Of the metrics with these names, filled.
  private static func registry(of names: [String]) throws -> Registry {
    let registry = Registry(metrics: metrics.filter { names.contains($0.name) }, limits: .init()) { 1_000_000_000 }
    for name in names {
      switch name {
      case "busy_seconds_total": try registry.counter(name).with()?.increment(by: 3)
      case "loss": try registry.gauge(name).with("val")?.set(0.25)
      case "reward": try registry.histogram(name).with()?.observe(-2)
      case "rate": try registry.summary(name).with("train")?.observe(1.5)
      case "app_info": try registry.info(name).with()?.set()
      case "phase": try registry.stateSet(name).with("val")?.set("busy")
      default: break
      }
    }
    return registry
  }

  private static func text(_ registry: Registry, _ format: ExpositionFormat) -> String {
    String(decoding: ExpositionRenderer(registry).bytes(ExpositionVariant(format)), as: UTF8.self)
  }

  @Test func openMetrics() throws {
    let registry = try Self.filled()
    let expected = """
      # TYPE busy_seconds counter
      # UNIT busy_seconds seconds
      # HELP busy_seconds A \\"b\\" \\\\ c\\nd
      busy_seconds_total 3
      # TYPE loss gauge
      # HELP loss Loss
      loss{stage="val"} 0.25
      # TYPE reward histogram
      # HELP reward Reward
      reward_bucket{le="-1.0"} 1
      reward_bucket{le="0.5"} 1
      reward_bucket{le="+Inf"} 1
      # TYPE rate summary
      # HELP rate Rate
      rate{stage="train",quantile="0.5"} 1.5
      rate_sum{stage="train"} 1.5
      rate_count{stage="train"} 1
      # TYPE app info
      # HELP app About
      app_info{version="1"} 1
      # TYPE phase stateset
      # HELP phase Phase
      phase{stage="val",phase="idle"} 0
      phase{stage="val",phase="busy"} 1
      # TYPE odd unknown
      # HELP odd No suffix
      odd 0
      # EOF

      """
    #expect(Self.text(registry, .openMetrics100) == expected)
    #expect(Self.text(registry, .openMetrics001) == expected)
    #expect(Self.text(Registry(metrics: []), .openMetrics100) == "# EOF\n")
  }

  @Test func exemplarsAndBeginnings() throws {
    let registry = Registry(metrics: [
      MetricDescriptor(name: "c_total", type: .counter, help: "C", exposesCreated: true),
      MetricDescriptor(name: "h", type: .histogram, help: "H", buckets: [1]),
      MetricDescriptor(name: "s", type: .summary, help: "S", exposesCreated: true),
    ])
    let counter = try #require(try registry.counter("c_total").with())
    let histogram = try #require(try registry.histogram("h").with())
    let summary = try #require(try registry.summary("s").with())
    summary.observe(2)
    let renderer = ExpositionRenderer(registry)
    let text = { String(decoding: renderer.bytes(ExpositionVariant(.openMetrics100)), as: UTF8.self) }
    #expect(!text().contains(" # {"))
    counter.series.add(2, exemplar: [.init("step", "5\"\n"), .init("run", "a")], time: 1_520_879_607_789_000_000)
    histogram.series.observe(0.67, exemplar: [.init("step", "6")], time: 1_520_879_607_000_000_000)
    let created = try [counter.series, summary.series].map { series in
      Double((try #require(series.created) + 500_000) / 1_000_000) / 1e3
    }
    let seconds = { (value: Double) in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: FloatText.bytesMax) { text in
        guard let start = text.baseAddress else { return "" }
        var cursor = start
        FloatText.write(value, at: &cursor)
        return String(decoding: UnsafeBufferPointer(start: start, count: cursor - start), as: UTF8.self)
      }
    }
    let expected = """
      # TYPE c counter
      # HELP c C
      c_total 2 # {step="5\\"\\n",run="a"} 2 1520879607.789
      c_created \(seconds(created[0]))
      # TYPE h histogram
      # HELP h H
      h_bucket{le="1.0"} 1 # {step="6"} 0.67 1520879607
      h_bucket{le="+Inf"} 1
      h_sum 0.67
      h_count 1
      # TYPE s summary
      # HELP s S
      s_sum 2
      s_count 1
      s_created \(seconds(created[1]))
      # EOF

      """
    #expect(text() == expected)
    // Again, from what was kept.
    counter.increment()
    #expect(text() == expected.replacing("c_total 2 #", with: "c_total 3 #"))
    #expect(!String(decoding: renderer.bytes(), as: UTF8.self).contains("created"))
  }

  /// Whatever changes between two expositions, the one from kept parts is the one made from nothing.
  @Test(arguments: [UInt64(1), 2, 3]) func whatIsKeptIsWhatWouldBeRendered(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let run = LabelDescriptor(name: "run", maxValues: 700, evictsOldest: true)
    let registry = Registry(
      metrics: [
        MetricDescriptor(name: "g", type: .gauge, help: "", labels: [run]),
        MetricDescriptor(name: "c_total", type: .counter, help: "", labels: [run]),
        MetricDescriptor(name: "h", type: .histogram, help: "", labels: [run], buckets: [-1, 1, 2]),
        MetricDescriptor(name: "s", type: .summary, help: "", labels: [run], quantiles: [0.5, 0.9]),
        MetricDescriptor(name: "p", type: .stateset, help: "", labels: [run], states: ["a", "b"]),
        MetricDescriptor(name: "i_info", type: .info, help: "", labels: [run]),
      ]
    )
    let kept = ExpositionRenderer(registry)
    for step in 0..<120 {
      for _ in 0..<Int.random(in: 0..<40, using: &random) {
        let run = "r\(Int.random(in: 0..<50 + step * 20, using: &random))\"\n"
        let value = Double(Int.random(in: 0..<1000, using: &random)) / 100 - 3
        switch Int.random(in: 0..<8, using: &random) {
        case 0: try registry.gauge("g").with(run)?.set(value)
        case 1: try registry.counter("c_total").with(run)?.increment()
        case 2: try registry.histogram("h").with(run)?.observe(value)
        case 3: try registry.summary("s").with(run)?.observe(value)
        case 4: try registry.stateSet("p").with(run)?.set(value < 0 ? "a" : "b")
        case 5: try registry.info("i_info").with(run)?.set()
        case 6: _ = try registry.gauge("g").with(run)
        default:
          let family = try registry.gauge("g")
          if let gauge = family.with(run) { family.remove(gauge) }
        }
      }
      let format = ExpositionFormat.allCases[Int.random(in: 0..<ExpositionFormat.allCases.count, using: &random)]
      let encoding = ContentEncoding.allCases[Int.random(in: 0..<2, using: &random)]
      let packed = kept.bytes(ExpositionVariant(format, encoding: encoding))
      let bytes = encoding == .gzip ? try Self.gunzip(packed) : packed
      // Another renderer on the same registry shares the pages, so the truth is another registry's: restored.
      #expect(bytes == ExpositionRenderer(try Self.copy(of: registry)).bytes(ExpositionVariant(format)), "step \(step)")
    }
  }

  @Test func whatRestsIsNotRenderedAgain() throws {
    let registry = Registry(metrics: [MetricDescriptor(name: "g", type: .gauge, help: "", labels: [.init(name: "n")])])
    for number in 0..<5_000 { try registry.gauge("g").with("\(number)")?.set(Double(number)) }
    let renderer = ExpositionRenderer(registry)
    for encoding in ContentEncoding.allCases {
      let variant = ExpositionVariant(encoding: encoding)
      let addresses = {
        renderer.render(variant).map { $0.withUnsafeReadableBytes { Int(bitPattern: $0.baseAddress) } }
      }
      let (first, second) = (addresses(), addresses())
      try registry.gauge("g").with("4999")?.set(1)
      let third = addresses()
      // A gzip body has a header and a trailer of its own each time.
      let own = encoding == .gzip ? 2 : 0
      #expect(zip(first, second).filter { $0 != $1 }.count <= own)
      #expect(zip(second, third).filter { $0 != $1 }.count <= own + 1, "one part of five has changed")
      #expect(first.count > 4)
    }
  }

  /// Metrics by their names and those of their samples, in every format; what is kept of all stays as it is.
  @Test func onlyWhatIsNamedIsShown() throws {
    let registry = try Self.filled()
    let renderer = ExpositionRenderer(registry)
    let own = [MetricFamily(name: "own_total", type: .counter, help: "Own", samples: [Sample(value: 1)])]
    let all = ExpositionFormat.allCases.map { renderer.bytes(ExpositionVariant($0), families: own) }
    for (names, families) in [
      (["loss"], ["loss"]), (["busy_seconds"], ["busy_seconds_total"]), (["reward_bucket"], ["reward"]),
      (["rate_count", "app"], ["rate", "app_info"]), (["own_total", "nothing"], ["own_total"]), (["loss_sum"], []),
      (["nothing"], []),
    ] as [(Set<String>, [String])] {
      let expected = ExpositionRenderer(try Self.registry(of: families))
      for format in ExpositionFormat.allCases {
        let variant = ExpositionVariant(format, selection: MetricSelection(names: names))
        let bytes = renderer.bytes(variant, families: own)
        #expect(
          bytes == expected.bytes(ExpositionVariant(format), families: families == ["own_total"] ? own : []),
          "\(names) \(format)"
        )
      }
      let packed = ExpositionVariant(encoding: .gzip, selection: MetricSelection(names: names))
      let plain = ExpositionVariant(selection: MetricSelection(names: names))
      #expect(try Self.gunzip(renderer.bytes(packed, families: own)) == renderer.bytes(plain, families: own))
    }
    #expect(ExpositionFormat.allCases.map { renderer.bytes(ExpositionVariant($0), families: own) } == all)
  }

  /// Parts that were compressed apart make one stream that zlib itself takes, checksum included.
  private static func gunzip(_ packed: [UInt8]) throws -> [UInt8] {
    var stream = z_stream()
    try #require(inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size)) == Z_OK)
    defer { inflateEnd(&stream) }
    var packed = packed
    var plain = [UInt8](repeating: 0, count: 4 << 20)
    let status = packed.withUnsafeMutableBufferPointer { source in
      plain.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        return inflate(&stream, Z_FINISH)
      }
    }
    try #require(status == Z_STREAM_END && stream.avail_in == 0)
    return Array(plain[..<Int(stream.total_out)])
  }

  private static func copy(of registry: Registry) throws -> Registry {
    let copy = Registry(metrics: registry.snapshot().map(\.metric.descriptor))
    var changes = StateChanges(isWhole: true)
    registry.encodeSeries(into: &changes, includes: { _ in true }, feeder: { _ in -1 })
    let saved = try SavedRegistry(StateImage(SavedState(changes)))
    try copy.restoreSeries(from: saved, keeps: { _ in true }, feeder: { _ in nil })
    return copy
  }
}

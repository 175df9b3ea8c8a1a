import LogStations
import MetricModel
import MetricRegistry
import Testing

/// Native histograms that processes have counted, against one histogram that was given all observations.
@Suite struct EventNativeTests {
  private static func histogram(_ registry: Registry) throws -> NativeHistogramReading {
    let index = try #require(registry.index(of: "h"))
    return try #require(registry.series(metric: index, labelValues: [])?.nativeHistogram)
  }

  /// As a process says it: with what it has counted since it began.
  private static func members(_ reading: NativeHistogramReading, bounds: [Double]) -> String {
    func object(_ pairs: [(some Any, UInt64)]) -> String {
      "{" + pairs.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }
    let classic = zip(bounds.map { "\($0)" } + ["+Inf"], reading.classic).map { ($0, $1) }
    return "\"count\":\(reading.count),\"sum\":\(reading.sum)"
      + (bounds.isEmpty ? "" : ",\"buckets\":\(object(classic))")
      + ",\"schema\":\(reading.schema),\"zero\":\(reading.zeroCount)"
      + ",\"positive\":\(object(reading.positive.map { ($0.index, $0.count) }))"
      + ",\"negative\":\(object(reading.negative.map { ($0.index, $0.count) }))"
  }

  private static func text(_ reading: NativeHistogramReading) -> String {
    "\(reading.schema) \(reading.zeroCount) \(reading.positive) \(reading.negative) \(reading.count) \(reading.classic)"
  }

  @Test(arguments: 1...30 as ClosedRange<UInt64>)
  func theyAreWhatOneHistogramWouldHaveCounted(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let factor: Double = [1.003, 1.1, 1.5, 3, 300].randomElement(using: &random) ?? 2
    let bucketsMax = Int.random(in: 1...60, using: &random)
    let bounds: [Double] = Bool.random(using: &random) ? [-1, 0, 1e-3, 7] : []
    let spread = Double.random(in: 0.1...20, using: &random)
    let metric = MetricDescriptor(
      name: "h",
      type: .histogram,
      help: "h",
      buckets: bounds,
      nativeHistogram: .init(factor: factor, maxBuckets: bucketsMax)
    )
    let catalog = """
      version: 1
      metrics:
        h:
          type: histogram
          help: h
          native: { factor: \(factor), max_buckets: \(bucketsMax) }
          \(bounds.isEmpty ? "" : "buckets: \(bounds)")
      watchers:
        app: { files: "events/*", format: events }
      """
    let station = try Station(catalog)
    let all = Registry(metrics: [metric])
    let processes = (0..<3).map { _ in Registry(metrics: [metric]) }
    for number in 1...40 {
      let place = Int.random(in: 0..<3, using: &random)
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        let magnitude = Double(sign: .plus, exponent: 0, significand: .random(in: 0...spread, using: &random))
        let sign: Double = [-1, 0, 1, 1].randomElement(using: &random) ?? 1
        for registry in [all, processes[place]] {
          try #require(registry.histogram("h").with()).observe(sign * magnitude * magnitude * magnitude)
        }
      }
      let file = "events/p\(place)"
      if !station.folder.exists(file) { try station.write("{\"events\":1,\"process\":\"p\(place)\"}\n", to: file) }
      let members = Self.members(try Self.histogram(processes[place]), bounds: bounds)
      try station.append("{\"n\":\(number),\"metric\":\"h\",\(members)}\n", to: file)
      switch Int.random(in: 0..<8, using: &random) {
      case 0: try station.restart(catalog, from: station.save())
      case 1: try station.reload(catalog)
      case 2...4: station.settle()
      default: break
      }
    }
    station.settle()
    for (place, registry) in processes.enumerated() {
      let members = Self.members(try Self.histogram(registry), bounds: bounds)
      try station.append(
        (station.folder.exists("events/p\(place)") ? "" : "{\"events\":1,\"process\":\"p\(place)\"}\n")
          + "{\"n\":99,\"metric\":\"h\",\(members)}\n",
        to: "events/p\(place)"
      )
    }
    station.settle()
    let (shown, expected) = (try Self.histogram(station.registry), try Self.histogram(all))
    #expect(Self.text(shown) == Self.text(expected))
    #expect(abs(shown.sum - expected.sum) <= 1e-9 * max(1, abs(expected.sum)))
    #expect(station.registry.rejections().map { "\($0)" } == [])
  }
}

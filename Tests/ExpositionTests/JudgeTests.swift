import Exposition
import Foundation
import MetricModel
import MetricRegistry
import Testing

/// Registries made up from a seed, rendered in every format, and read back by other people's parsers.
///
/// It wants Python with `prometheus_client`, whose path `make test` hands over as `JUDGE_PYTHON`; `make judge` judges
/// `REGISTRIES` of them.
@Suite struct JudgeTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let python = environment["JUDGE_PYTHON"]
  private static let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Judge/judge.py")

  @Test(.enabled(if: python != nil, "JUDGE_PYTHON names no Python with prometheus_client"))
  func othersReadWhatWasMeant() throws {
    let registries = Self.environment["REGISTRIES"].flatMap { Int($0) } ?? 500
    var frames = Data()
    for seed in 0..<registries {
      var maker = RegistryMaker(seed: UInt64(seed))
      let (registry, truth) = try maker.make()
      let renderer = ExpositionRenderer(registry)
      let formats: [(String, ExpositionFormat)] = [
        ("text", .text004), ("openmetrics", .openMetrics100), ("protobuf", .protobuf),
      ]
      for (name, format) in formats {
        let bytes = renderer.bytes(ExpositionVariant(format))
        frames += try Self.frame("registry \(seed)", name, bytes, truth)
      }
    }
    let (status, output) = try Self.judge(frames)
    #expect(status == 0, "\(output.prefix(4_000))")
    #expect(output.contains("\(3 * registries) expositions, 0 problems"))
  }

  /// A judge that finds nothing says nothing.
  @Test(.enabled(if: python != nil, "JUDGE_PYTHON names no Python with prometheus_client"))
  func theJudgeFindsFaults() throws {
    let registry = Registry(metrics: [
      MetricDescriptor(name: "a_total", type: .counter, help: "A"),
      MetricDescriptor(name: "h", type: .histogram, help: "H", buckets: [1]),
    ])
    try registry.counter("a_total").with()?.increment(by: 3)
    let truth = [
      Truth(name: "a_total", type: "counter", help: "A", samples: [.init("a_total", [], 3)]),
      Truth(
        name: "h",
        type: "histogram",
        help: "H",
        samples: [
          .init("h_bucket", [["le", Truth.bits(1)]], 0), .init("h_bucket", [["le", Truth.bits(.infinity)]], 0),
          .init("h_sum", [], 0), .init("h_count", [], 0),
        ]
      ),
    ]
    let text = String(decoding: ExpositionRenderer(registry).bytes(), as: UTF8.self)
    let openMetrics = String(
      decoding: ExpositionRenderer(registry).bytes(ExpositionVariant(.openMetrics100)),
      as: UTF8.self
    )
    let protobuf = ExpositionRenderer(registry).bytes(ExpositionVariant(.protobuf))
    let faults: [(String, [UInt8])] = [
      ("text", Array(text.replacing("a_total 3", with: "a_total 4").utf8)),
      ("text", Array(text.replacing("HELP a_total A", with: "HELP a_total B").utf8)),
      ("text", Array(text.replacing("h_sum 0\n", with: "").utf8)),
      ("openmetrics", Array(openMetrics.replacing("# EOF\n", with: "").utf8)),
      ("openmetrics", Array(openMetrics.replacing("TYPE a counter", with: "TYPE a_total counter").utf8)),
      ("openmetrics", Array(openMetrics.replacing("le=\"1.0\"", with: "le=\"2.0\"").utf8)),
      ("protobuf", Array(protobuf.dropLast())), ("protobuf", Array(protobuf.dropFirst(2))),
    ]
    for (number, (format, bytes)) in faults.enumerated() {
      let (status, output) = try Self.judge(try Self.frame("fault \(number)", format, bytes, truth))
      #expect(status == 1 && output.contains("1 problems"), "fault \(number) was not found: \(output)")
    }
    for (format, bytes) in [
      ("text", Array(text.utf8)), ("openmetrics", Array(openMetrics.utf8)), ("protobuf", protobuf),
    ] {
      let (status, output) = try Self.judge(try Self.frame("right", format, bytes, truth))
      #expect(status == 0, "\(output)")
    }
  }

  private static func frame(_ name: String, _ format: String, _ bytes: [UInt8], _ truth: [Truth]) throws -> Data {
    struct Head: Encodable {
      var name: String
      var format: String
      var bytes: Int
      var families: [Truth]
    }
    var frame = try JSONEncoder().encode(Head(name: name, format: format, bytes: bytes.count, families: truth))
    frame.append(UInt8(ascii: "\n"))
    frame.append(contentsOf: bytes)
    return frame
  }

  private static func judge(_ frames: Data) throws -> (status: Int32, output: String) {
    let file = FileManager.default.temporaryDirectory.appending(path: "judge-\(UUID().uuidString)")
    try frames.write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(filePath: try #require(python))
    let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first { FileManager.default.fileExists(atPath: $0) }
    process.arguments = [script.path, file.path] + (promtool.map { [$0] } ?? [])
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}

/// What a family has to say, in the text format's terms.
struct Truth: Encodable {
  struct Sample: Encodable {
    var name: String
    var labels: [[String]]
    var value: Double

    init(_ name: String, _ labels: [[String]], _ value: Double) {
      (self.name, self.labels, self.value) = (name, labels, value)
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.unkeyedContainer()
      try container.encode(name)
      try container.encode(labels)
      try container.encode(Truth.bits(value))
    }
  }

  var name: String
  var type: String
  var help: String
  var unit = ""
  /// Whether a bound is negative.
  var negative = false
  var samples: [Sample]

  static func bits(_ value: Double) -> String {
    let digits = String(value.bitPattern, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// Makes registries up, and knows what they hold without asking them.
private struct RegistryMaker {
  private var state: UInt64
  private static let texts = [
    "", "plain", "a b", "\"quoted\"", "back\\slash", "line\nbreak", "\\n", "tab\there", "ünïcode", "日本", "emoji🙂",
    "}{=,",
    "trailing\\", "a\u{2028}b", "#", "\"", "a=\"b\"", "0.5", "NaN",
  ]
  private static let values: [Double] = [
    0, -0.0, 1, -1, 0.1, 1 / 3, 1e21, 1e-7, 123_456.789, 0x1p53 - 1, 0x1p53, 0x1p53 + 2, 0x1p63,
    Double.leastNonzeroMagnitude,
    .leastNormalMagnitude,
    .greatestFiniteMagnitude, .infinity, -.infinity, .nan, .pi, 1e15, 1e16, 123_456_789_012_345_680, 0.000_1, 0.000_01,
  ]

  init(seed: UInt64) { state = seed &* 0x9E37_79B9 }

  private mutating func next(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }

  private mutating func value() -> Double {
    next(3) > 0 ? Self.values[next(Self.values.count)] : Double(bitPattern: UInt64(next(.max)) << 1)
  }

  /// A label value; what is empty is refused.
  private mutating func labelValue(_ number: Int) -> String { Self.texts[1 + next(Self.texts.count - 1)] + "\(number)" }

  mutating func make() throws -> (Registry, [Truth]) {
    var descriptors: [MetricDescriptor] = []
    for number in 0..<(1 + next(8)) { descriptors.append(descriptor(number)) }
    let registry = Registry(metrics: descriptors)
    return (registry, descriptors.compactMap { truth($0, registry) })
  }

  private mutating func descriptor(_ number: Int) -> MetricDescriptor {
    let type = MetricType.allCases[next(MetricType.allCases.count)]
    let unit = type.isNumeric && next(3) == 0 ? "seconds" : nil
    let suffix = type == .counter ? "_total" : type == .info ? "_info" : ""
    let labels = (0..<next(4)).map { LabelDescriptor(name: "l\($0)") }
    var bounds: [Double] = []
    for _ in 0..<next(6) { bounds.append([-1e300, -2.5, -1, 0, 1e-9, 0.1, 1, 10, 1e5, 1e6, 1e21][next(11)]) }
    return MetricDescriptor(
      name: "m\(number)" + (unit.map { "_" + $0 } ?? "") + suffix,
      type: type,
      help: Self.texts[next(Self.texts.count)] + Self.texts[next(Self.texts.count)],
      unit: unit,
      labels: labels,
      buckets: Array(Set(bounds)).sorted(),
      quantiles: [[], [0.5], [0, 0.25, 0.999, 1]][next(3)],
      window: 1 + next(5),
      constant: next(2) == 0 ? [] : [.init(name: "k", value: Self.texts[next(Self.texts.count)])],
      states: ["idle", "busy\"\n", "x\\"]
    )
  }

  private mutating func truth(_ descriptor: MetricDescriptor, _ registry: Registry) -> Truth? {
    var truth = Truth(
      name: descriptor.name,
      type: descriptor.type.rawValue,
      help: descriptor.help,
      unit: descriptor.unit ?? "",
      negative: descriptor.type == .histogram && (descriptor.buckets.first ?? 0) < 0,
      samples: []
    )
    for number in 0..<(descriptor.labels.isEmpty ? 1 : next(6)) {
      let values = descriptor.labels.indices.map { _ in labelValue(number) }
      guard let index = registry.index(of: descriptor.name),
        let series = registry.series(metric: index, labelValues: values)
      else { continue }
      let labels = zip(descriptor.labels, values).map { [$0.name, $1] }
      truth.samples += samples(of: series, descriptor, labels)
    }
    return truth.samples.isEmpty ? nil : truth
  }

  private mutating func samples(
    of series: Series,
    _ descriptor: MetricDescriptor,
    _ labels: [[String]]
  ) -> [Truth.Sample] {
    let name = descriptor.name
    switch descriptor.type {
    case .counter:
      var sum = 0.0
      for _ in 0..<next(3) {
        let value = abs(value())
        if series.add(value) { sum += value }
      }
      return [.init(name, labels, sum)]
    case .gauge:
      if next(6) == 0 { return [] }
      let value = value()
      series.set(value)
      return [.init(name, labels, value)]
    case .info:
      series.set(1)
      return [.init(name, labels + descriptor.constant.map { [$0.name, $0.value] }, 1)]
    case .stateset:
      let state = next(descriptor.states.count)
      series.setState(descriptor.states[state])
      return descriptor.states.enumerated().map { .init(name, labels + [[name, $1]], $0 == state ? 1 : 0) }
    case .histogram:
      var observed: [Double] = []
      for _ in 0..<next(20) { observed.append(observation(mayBeNegative: (descriptor.buckets.first ?? 0) < 0)) }
      for value in observed { series.observe(value) }
      let buckets = (descriptor.buckets + [.infinity]).map { bound in
        Truth.Sample(
          name + "_bucket",
          labels + [["le", Truth.bits(bound)]],
          Double(observed.filter { $0 <= bound }.count)
        )
      }
      return buckets + [
        .init(name + "_sum", labels, observed.reduce(0, +)), .init(name + "_count", labels, Double(observed.count)),
      ]
    case .summary:
      var observed: [Double] = []
      for _ in 0..<next(9) { observed.append(observation(mayBeNegative: false)) }
      for value in observed { series.observe(value) }
      let recent = observed.suffix(descriptor.window).sorted()
      let quantiles = descriptor.quantiles.map { quantile in
        let rank = Int((quantile * Double(recent.count)).rounded(.up))
        return Truth.Sample(
          name,
          labels + [["quantile", Truth.bits(quantile)]],
          recent.isEmpty ? .nan : recent[max(rank, 1) - 1]
        )
      }
      return quantiles + [
        .init(name + "_sum", labels, observed.reduce(0, +)), .init(name + "_count", labels, Double(observed.count)),
      ]
    }
  }

  private mutating func observation(mayBeNegative: Bool) -> Double {
    let value = [0, 0.1, 1, 10, 0.5, 1e9, 1e-9, Double.leastNonzeroMagnitude][next(8)] * Double(next(5))
    return mayBeNegative && next(2) == 0 ? -value : value
  }
}

import Exposition
import Foundation
import MetricModel
import MetricRegistry
import Testing

/// Registries made up from a seed, rendered in every format, and read back by other people's parsers.
///
/// `make judge` judges `REGISTRIES` of them.
@Suite struct JudgeTests {
  @Test(.enabled(if: Judges.python != nil, "JUDGE_PYTHON names no Python with prometheus_client"))
  func othersReadWhatWasMeant() throws {
    let registries = Judges.environment["REGISTRIES"].flatMap { Int($0) } ?? 500
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
        frames += try Judges.frame("registry \(seed)", name, bytes, truth)
      }
    }
    let (status, output) = try Judges.judge(frames)
    #expect(status == 0, "\(output.prefix(4_000))")
    #expect(output.contains("\(3 * registries) expositions, 0 problems"))
  }

  private static let start: Int64 = 1_700_000_000_123_456_789
  private static let exemplarTime: Int64 = 1_700_000_009_987_654_321
  private static let observed = [0.5, -3, 0, 17]

  /// A counter with an exemplar, and a histogram with classic and native buckets.
  private static func filled() throws -> Registry {
    let registry = Registry(
      metrics: [
        MetricDescriptor(name: "a_total", type: .counter, help: "A", exposesCreated: true),
        MetricDescriptor(
          name: "h",
          type: .histogram,
          help: "H",
          buckets: [1],
          nativeHistogram: .init(factor: 1.1, maxBuckets: 3)
        ),
      ],
      limits: RegistryLimits(),
      now: { start }
    )
    let counter = try #require(try registry.counter("a_total").with())
    counter.series.add(3, exemplar: [.init("step", "5")], time: exemplarTime)
    let histogram = try #require(try registry.histogram("h").with())
    for value in observed { histogram.series.observe(value, exemplar: [.init("of", "\(value)")], time: exemplarTime) }
    return registry
  }

  private static let truth: [Truth] = {
    let exemplars = observed.map { Truth.Exemplar([["of", "\($0)"]], $0, exemplarTime) }
    let native = Truth.Native(
      factor: Truth.bits(1.1),
      maxBuckets: 3,
      observed: observed.map(Truth.bits),
      exemplars: exemplars
    )
    return [
      Truth(
        name: "a_total",
        type: "counter",
        help: "A",
        showsCreated: true,
        samples: [
          .init("a_total", [], 3, .init(exemplar: .init([["step", "5"]], 3, exemplarTime))),
          .init("a_created", [], 0, .init(created: start)),
        ]
      ),
      Truth(
        name: "h",
        type: "histogram",
        help: "H",
        samples: [
          .init("h_bucket", [["le", Truth.bits(1)]], 3, .init(exemplar: exemplars[2])),
          .init("h_bucket", [["le", Truth.bits(.infinity)]], 4, .init(exemplar: exemplars[3])),
          .init("h_sum", [], 14.5), .init("h_count", [], 4), .init("h_created", [], 0, .init(created: start)),
          .init("h", [], 0, .init(native: native)),
        ]
      ),
    ]
  }()

  private static func expositions(_ registry: Registry) -> (text: String, openMetrics: String, protobuf: [UInt8]) {
    let renderer = ExpositionRenderer(registry)
    return (
      String(decoding: renderer.bytes(), as: UTF8.self),
      String(decoding: renderer.bytes(ExpositionVariant(.openMetrics100)), as: UTF8.self),
      renderer.bytes(ExpositionVariant(.protobuf))
    )
  }

  /// A judge that finds nothing says nothing.
  @Test(.enabled(if: Judges.python != nil, "JUDGE_PYTHON names no Python with prometheus_client"))
  func theJudgeFindsFaults() throws {
    let (text, openMetrics, protobuf) = Self.expositions(try Self.filled())
    let faults: [(String, [UInt8])] = [
      ("text", Array(text.replacing("a_total 3", with: "a_total 4").utf8)),
      ("text", Array(text.replacing("HELP a_total A", with: "HELP a_total B").utf8)),
      ("text", Array(text.replacing("h_sum 14.5\n", with: "").utf8)),
      ("openmetrics", Array(openMetrics.replacing("# EOF\n", with: "").utf8)),
      ("openmetrics", Array(openMetrics.replacing("TYPE a counter", with: "TYPE a_total counter").utf8)),
      ("openmetrics", Array(openMetrics.replacing("le=\"1.0\"", with: "le=\"2.0\"").utf8)),
      ("openmetrics", Array(openMetrics.replacing("step=\"5\"", with: "step=\"6\"").utf8)),
      ("openmetrics", Array(openMetrics.replacing(" 17 1700000009.988", with: " 17 1700000009.987").utf8)),
      ("openmetrics", Array(openMetrics.replacing("1700000000.123", with: "1700000000.124").utf8)),
      ("protobuf", Array(protobuf.dropLast())), ("protobuf", Array(protobuf.dropFirst(2))),
    ]
    for (number, (format, bytes)) in faults.enumerated() {
      try expect("fault \(number)", Self.truth, format, bytes, isFound: true)
    }
    for (format, bytes) in [
      ("text", Array(text.utf8)), ("openmetrics", Array(openMetrics.utf8)), ("protobuf", protobuf),
    ] {
      try expect("right", Self.truth, format, bytes, isFound: false)
    }
  }

  /// The other way round: what protobuf says is right, and something else was meant.
  @Test(
    .enabled(if: Judges.python != nil, "JUDGE_PYTHON names no Python with prometheus_client"),
    arguments: [
      { $0[0].samples[0].more?.exemplar?.time += 1 },
      { $0[0].samples[0].more?.exemplar?.labels[0][1] = "6" },
      { $0[0].samples[0].more?.exemplar?.value = Truth.bits(4) },
      { $0[0].samples[1].more?.created? += 1 },
      { $0[1].samples[1].more?.exemplar = nil },
      { $0[1].samples[4].more?.created? -= 1 },
      { $0[1].samples[5].more?.native?.observed[1] = Truth.bits(3) },
      { $0[1].samples[5].more?.native?.observed[2] = Truth.bits(1) },
      { $0[1].samples[5].more?.native?.observed[3] = Truth.bits(18) },
      { $0[1].samples[5].more?.native?.maxBuckets = 2 },
      { $0[1].samples[5].more?.native?.factor = Truth.bits(2) },
      { $0[1].samples[5].more?.native?.exemplars.removeFirst() },
      { $0[1].samples[5].more?.native = nil },
    ] as [@Sendable (inout [Truth]) -> Void]
  )
  func theJudgeFindsWhatProtobufAloneHas(change: @Sendable (inout [Truth]) -> Void) throws {
    var truth = Self.truth
    change(&truth)
    try expect("another truth", truth, "protobuf", Self.expositions(try Self.filled()).protobuf, isFound: true)
  }

  private func expect(
    _ name: String,
    _ truth: [Truth],
    _ format: String,
    _ bytes: [UInt8],
    isFound: Bool
  ) throws {
    let (status, output) = try Judges.judge(try Judges.frame(name, format, bytes, truth))
    let asExpected = isFound ? status == 1 && output.contains("1 problems") : status == 0
    #expect(asExpected, "\(name) in \(format): \(output)")
  }
}

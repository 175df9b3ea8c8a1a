import Foundation
import LogStations
import MetricModel
import Synchronization
import Testing

@testable import MetricRegistry

@Suite struct NativeHistogramTests {
  private static let bounds = ExactBounds()

  private static func histogram(factor: Double, maxBuckets: Int = 160, buckets: [Double]? = nil) throws -> Histogram {
    let native = MetricDescriptor.NativeHistogram(factor: factor, maxBuckets: maxBuckets)
    let metric = MetricDescriptor(name: "h", type: .histogram, help: "", buckets: buckets, nativeHistogram: native)
    return try #require(try Registry(metrics: [metric]).histogram("h").with())
  }

  private static func reading(_ histogram: Histogram) throws -> NativeHistogramReading {
    try #require(histogram.series.nativeHistogram)
  }

  private static func counts(_ buckets: [(index: Int, count: UInt64)]) -> [Int: UInt64] {
    Dictionary(uniqueKeysWithValues: buckets.map { ($0.index, $0.count) })
  }

  @Test func theBoundsAreTheNearestNumbers() {
    #expect(NativeSchema.fractions == Self.bounds.fractions)
  }

  /// As client_golang picks it.
  @Test(arguments: [
    (65536.0, -4), (1e9, -4), (65535, -3), (256, -3), (16, -2), (4, -1), (3, 0), (2, 0), (1.5, 1), (1.1, 3), (1.01, 7),
    (1.003, 8), (1.00001, 8), (1.0.nextUp, 8), (.greatestFiniteMagnitude, -4),
  ])
  func theSchemaFollowsFromTheFactor(factor: Double, schema: Int) {
    #expect(NativeSchema.schema(factor: factor) == schema)
  }

  @Test(arguments: NativeSchema.range)
  func aBoundBelongsToItsBucket(schema: Int) {
    let perOctave = 1 << max(schema, 0)
    let octaves = schema > 4 ? [-127, -1, 0, 1, 1023] : Array(-127...1023)
    for octave in octaves {
      for index in octave * perOctave..<(octave + 1) * perOctave {
        let index = schema < 0 ? index >> -schema : index
        let bound = Self.bounds.bound(index, schema: schema)
        guard bound.isFinite, bound > 0 else { continue }
        let indices = [bound.nextDown, bound, bound.nextUp].map { NativeSchema.index(of: $0, schema: schema) }
        if indices != [index, index, index + 1] {
          Issue.record("\(bound) at schema \(schema): \(indices), not \(index)")
        }
      }
    }
    let last = NativeSchema.index(of: .greatestFiniteMagnitude, schema: schema)
    #expect(last == Self.bounds.index(of: .greatestFiniteMagnitude, schema: schema))
    #expect(NativeSchema.index(of: .infinity, schema: schema) == last + 1)
  }

  /// Random observations against buckets counted one by one: also where the resolution was halved.
  @Test func everyValueLiesInItsBucket() throws {
    for seed in UInt64(1)...60 {
      var random = SplitMix(state: seed)
      let schema = Int.random(in: NativeSchema.range, using: &random)
      let factor = Self.bounds.bound(1, schema: schema).nextUp
      let bucketsMax = Int.random(in: 1...100, using: &random)
      let classic: [Double]? = Bool.random(using: &random) ? [-1, 0, 1e-3, 7] : nil
      let histogram = try Self.histogram(factor: factor, maxBuckets: bucketsMax, buckets: classic)
      let spread = Double.random(in: 0.1...300, using: &random)
      let values = (0..<Int.random(in: 0...400, using: &random)).map { _ -> Double in
        let magnitude = exp2(Double.random(in: -spread...spread, using: &random))
        switch Int.random(in: 0..<20, using: &random) {
        case 0: return 0
        case 1...4: return -magnitude
        default: return magnitude
        }
      }
      for value in values { histogram.observe(value) }
      let reading = try Self.reading(histogram)
      #expect(reading.count == UInt64(values.count), "seed \(seed)")
      #expect(reading.sum == values.reduce(0, +), "seed \(seed)")
      let buckets: [UInt64] = (reading.positive + reading.negative).map { $0.count }
      #expect(buckets.reduce(reading.zeroCount, +) == reading.count, "seed \(seed)")
      #expect(reading.zeroCount == UInt64(values.count { abs($0) <= 0x1p-128 }), "seed \(seed)")
      let bounds = (classic ?? []) + [.infinity]
      let cumulative = bounds.map { bound in UInt64(values.count { $0 <= bound }) }
      #expect(reading.classic == cumulative, "seed \(seed)")
      func expected(_ schema: Int, sign: Double) -> [Int: UInt64] {
        values.reduce(into: [:]) { counts, value in
          if value * sign > 0x1p-128 { counts[Self.bounds.index(of: value * sign, schema: schema), default: 0] += 1 }
        }
      }
      #expect(Self.counts(reading.positive) == expected(reading.schema, sign: 1), "seed \(seed)")
      #expect(Self.counts(reading.negative) == expected(reading.schema, sign: -1), "seed \(seed)")
      let indices: [Int] = reading.positive.map { $0.index }
      #expect(indices == indices.sorted(), "seed \(seed)")
      // Halved as often as was needed, and no further.
      let fitting = (-4...schema).last { expected($0, sign: 1).count + expected($0, sign: -1).count <= bucketsMax }
      #expect(reading.schema == fitting ?? -4, "seed \(seed)")
    }
  }

  @Test func whatIsNoFiniteNumber() throws {
    let histogram = try Self.histogram(factor: 2, buckets: [1])
    let greatest = Double.greatestFiniteMagnitude
    for value in [greatest, -greatest, -greatest, 0, -0.0, 0x1p-128, -0x1p-130, .leastNonzeroMagnitude] {
      #expect(histogram.observe(value))
    }
    for value in [Double.infinity, -.infinity, .nan] { #expect(!histogram.observe(value)) }
    let reading = try Self.reading(histogram)
    #expect(Self.counts(reading.positive) == [1024: 1] && Self.counts(reading.negative) == [1024: 2])
    #expect(reading.zeroCount == 5 && reading.count == 8 && reading.sum == -greatest)
    #expect(reading.classic == [7, 8])
  }

  @Test func withoutClassicBucketsThereIsOnlyTheLast() throws {
    let histogram = try Self.histogram(factor: 1.1)
    histogram.observe(3)
    #expect(histogram.series.metric.descriptor.buckets.isEmpty)
    #expect(histogram.series.metric.descriptor.timeSeriesPerChild == 3)
    #expect(histogram.series.histogram?.buckets == [1] && histogram.series.histogram?.sum == 3)
  }

  /// Threads observe while others read: the parts of each reading agree, and nothing is lost.
  @Test func observationsAndReadingsAtOnce() throws {
    let histogram = try Self.histogram(factor: 1.01, maxBuckets: 20, buckets: [0, 10])
    let rounds = 5_000
    let readings = Atomic(0)
    let running = Atomic(3)
    onThreads(5) { thread in
      if thread < 3 {
        while readings.load(ordering: .relaxed) == 0 { sched_yield() }
        for round in 0..<rounds { histogram.observe(Double((round * 7) % 201 - 100), exemplar: ["n": "\(round)"]) }
        running.subtract(1, ordering: .releasing)
        return
      }
      var last: UInt64 = 0
      while running.load(ordering: .acquiring) > 0 {
        guard let reading = histogram.series.nativeHistogram else { break }
        readings.add(1, ordering: .relaxed)
        let negative = reading.negative.reduce(reading.zeroCount) { $0 + $1.count }
        let total = reading.positive.reduce(negative) { $0 + $1.count }
        if total != reading.count || reading.classic.last != reading.count {
          Issue.record("parts of different moments")
        }
        if reading.count < last { Issue.record("a count fell") }
        if reading.classic[0] != negative { Issue.record("classic and native buckets of different moments") }
        for exemplar in histogram.series.nativeExemplars {
          let round = exemplar.labels.first.flatMap { Int($0.value) } ?? 0
          if exemplar.value != Double((round * 7) % 201 - 100) { Issue.record("a torn exemplar") }
        }
        last = reading.count
      }
    }
    #expect(try Self.reading(histogram).count == UInt64(3 * rounds))
    #expect(histogram.series.nativeExemplars.count == 10)
  }
}

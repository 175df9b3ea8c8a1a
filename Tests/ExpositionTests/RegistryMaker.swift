import MetricModel
import MetricRegistry
import Synchronization

/// What a registry takes for the wall clock, in nanoseconds since 1970: its series begin when this says.
final class Clock: Sendable {
  let time = Atomic<Int64>(0)
}

/// Makes registries up, and knows what they hold without asking them.
struct RegistryMaker {
  private var state: UInt64
  private let clock: Clock
  /// When the registry began.
  private var start: Int64
  private static let texts = [
    "", "plain", "a b", "\"quoted\"", "back\\slash", "line\nbreak", "\\n", "tab\there", "ünïcode", "日本", "emoji🙂",
    "}{=,",
    "trailing\\", "a\u{3000}b", "#", "\"", "a=\"b\"", "0.5", "NaN",
  ]
  private static let values: [Double] = [
    0, -0.0, 1, -1, 0.1, 1 / 3, 1e21, 1e-7, 123_456.789, 0x1p53 - 1, 0x1p53, 0x1p53 + 2, 0x1p63,
    Double.leastNonzeroMagnitude,
    .leastNormalMagnitude,
    .greatestFiniteMagnitude, .infinity, -.infinity, .nan, .pi, 1e15, 1e16, 123_456_789_012_345_680, 0.000_1, 0.000_01,
  ]

  init(seed: UInt64) {
    state = seed &* 0x9E37_79B9
    clock = Clock()
    start = 0
    start = 1_500_000_000_000_000_000 + Int64(next(400_000_000)) * 1_000_000_001
    clock.time.store(start, ordering: .relaxed)
  }

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
    let registry = Registry(metrics: descriptors, limits: RegistryLimits()) { [clock] in
      clock.time.load(ordering: .relaxed)
    }
    return (registry, descriptors.compactMap { truth($0, registry) })
  }

  private mutating func descriptor(_ number: Int) -> MetricDescriptor {
    let type = MetricType.allCases[next(MetricType.allCases.count)]
    let unit = type.isNumeric && next(3) == 0 ? "seconds" : nil
    let suffix = type == .counter ? "_total" : type == .info ? "_info" : ""
    let labels = (0..<next(4)).map { LabelDescriptor(name: "l\($0)") }
    var bounds: [Double] = []
    for _ in 0..<next(6) { bounds.append([-1e300, -2.5, -1, 0, 1e-9, 0.1, 1, 10, 1e5, 1e6, 1e21][next(11)]) }
    let native = MetricDescriptor.NativeHistogram(
      factor: [1.001, 1.01, 1.1, 1.5, 2, 3, 20, 70_000][next(8)],
      maxBuckets: [1, 4, 20, 160][next(4)]
    )
    return MetricDescriptor(
      name: "m\(number)" + (unit.map { "_" + $0 } ?? "") + suffix,
      type: type,
      help: Self.texts[next(Self.texts.count)] + Self.texts[next(Self.texts.count)],
      unit: unit,
      labels: labels,
      buckets: Array(Set(bounds)).sorted(),
      nativeHistogram: next(2) == 0 ? native : nil,
      quantiles: [[], [0.5], [0, 0.25, 0.999, 1]][next(3)],
      window: 1 + next(5),
      exposesCreated: next(2) == 0,
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
      showsCreated: descriptor.exposesCreated,
      samples: []
    )
    for number in 0..<(descriptor.labels.isEmpty ? 1 : next(6)) {
      let values = descriptor.labels.indices.map { _ in labelValue(number) }
      // Those without labels began with the registry.
      if values.isEmpty {
        clock.time.store(start, ordering: .relaxed)
      } else {
        clock.time.add(1_000_000_000 + Int64(next(1_000)) * 1_000_003, ordering: .relaxed)
      }
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
    switch descriptor.type {
    case .counter: return counter(series, descriptor, labels)
    case .gauge:
      if next(6) == 0 { return [] }
      let value = value()
      series.set(value)
      return [.init(descriptor.name, labels, value)]
    case .info:
      series.set(1)
      return [.init(descriptor.name, labels + descriptor.constant.map { [$0.name, $0.value] }, 1)]
    case .stateset:
      let state = next(descriptor.states.count)
      series.setState(descriptor.states[state])
      return descriptor.states.enumerated().map {
        .init(descriptor.name, labels + [[descriptor.name, $1]], $0 == state ? 1 : 0)
      }
    case .histogram: return histogram(series, descriptor, labels)
    case .summary: return summary(series, descriptor, labels)
    }
  }
}

// MARK: What counts and observes

extension RegistryMaker {
  private mutating func counter(
    _ series: Series,
    _ descriptor: MetricDescriptor,
    _ labels: [[String]]
  ) -> [Truth.Sample] {
    var sum = 0.0
    var last: Truth.Exemplar?
    for _ in 0..<next(3) {
      let value = abs(value())
      let exemplar = exemplar(value)
      let isTaken = exemplar.map { series.add(value, exemplar: $0.labels, time: $0.time) } ?? series.add(value)
      guard isTaken else { continue }
      // Finite numbers that add up to more than there is stay at the greatest.
      sum = min(sum + value, .greatestFiniteMagnitude)
      last = exemplar?.truth ?? last
    }
    let family = descriptor.name.hasSuffix("_total") ? String(descriptor.name.dropLast(6)) : descriptor.name
    return [.init(descriptor.name, labels, sum, .init(exemplar: last)), created(family, labels)]
  }

  private mutating func histogram(
    _ series: Series,
    _ descriptor: MetricDescriptor,
    _ labels: [[String]]
  ) -> [Truth.Sample] {
    let name = descriptor.name
    let bounds = descriptor.buckets + [.infinity]
    var observed: [Double] = []
    var slots: [Truth.Exemplar?] = bounds.map { _ in nil }
    var recent: [Truth.Exemplar] = []
    for _ in 0..<next(20) {
      let isNegative = bounds[0] < 0 && next(2) == 0
      let value = abs(descriptor.nativeHistogram == nil ? observation() : spreadObservation()) * (isNegative ? -1 : 1)
      observed.append(value)
      guard let exemplar = exemplar(value) else {
        series.observe(value)
        continue
      }
      series.observe(value, exemplar: exemplar.labels, time: exemplar.time)
      guard let kept = exemplar.truth, let slot = bounds.firstIndex(where: { value <= $0 }) else { continue }
      slots[slot] = kept
      recent.append(kept)
    }
    var samples = zip(bounds, slots).map { bound, exemplar in
      Truth.Sample(
        name + "_bucket",
        labels + [["le", Truth.bits(bound)]],
        Double(observed.filter { $0 <= bound }.count),
        .init(exemplar: exemplar, isTextOnly: bounds.count == 1 && descriptor.nativeHistogram != nil)
      )
    }
    samples.append(.init(name + "_sum", labels, observed.reduce(0, +)))
    samples.append(.init(name + "_count", labels, Double(observed.count)))
    samples.append(created(name, labels))
    if let native = descriptor.nativeHistogram {
      let truth = Truth.Native(
        factor: Truth.bits(native.factor),
        maxBuckets: native.maxBuckets,
        observed: observed.map(Truth.bits),
        // As many as client_golang keeps.
        exemplars: recent.suffix(10)
      )
      samples.append(.init(name, labels, 0, .init(native: truth)))
    }
    return samples
  }

  private mutating func summary(
    _ series: Series,
    _ descriptor: MetricDescriptor,
    _ labels: [[String]]
  ) -> [Truth.Sample] {
    let name = descriptor.name
    var observed: [Double] = []
    for _ in 0..<next(9) { observed.append(observation()) }
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
      created(name, labels),
    ]
  }

  private func created(_ family: String, _ labels: [[String]]) -> Truth.Sample {
    .init(family + "_created", labels, 0, .init(created: clock.time.load(ordering: .relaxed)))
  }

  private mutating func observation() -> Double {
    [0, 0.1, 1, 10, 0.5, 1e9, 1e-9, Double.leastNonzeroMagnitude][next(8)] * Double(next(5))
  }

  /// Over many buckets; also on powers of two, which are bounds of every resolution, and almost without end.
  private mutating func spreadObservation() -> Double {
    switch next(8) {
    case 0: observation()
    case 1: Double(sign: .plus, exponent: next(300) - 150, significand: 1)
    case 2 where next(10) == 0: .greatestFiniteMagnitude / 16
    default: Double(sign: .plus, exponent: next(40) - 20, significand: 1 + Double(next(1 << 20)) / Double(1 << 20))
    }
  }

  /// Where something came from: as the registry is told, and what it keeps of that. nil: nothing is told.
  private mutating func exemplar(
    _ value: Double
  ) -> (labels: [Exemplar.Label], time: Int64, truth: Truth.Exemplar?)? {
    guard next(2) == 0 else { return nil }
    // client_python takes every quote for a value's beginning or end here, escaped or not: they come in pairs.
    let texts = Self.texts.filter { text in text.count { $0 == "\"" } % 2 == 0 }
    var labels = ["step", "trace_id", "_"].prefix(next(4)).map { Exemplar.Label($0, texts[next(texts.count)]) }
    let isTooLong = next(10) == 0
    if isTooLong { labels.append(.init("long", String(repeating: "é", count: Exemplar.codePointsMax - 3))) }
    let time = clock.time.load(ordering: .relaxed) + Int64(next(1_000_000)) * 1_000_001
    let kept = labels.filter { !$0.value.isEmpty }.map { [$0.name, $0.value] }
    return (labels, time, isTooLong || kept.isEmpty ? nil : Truth.Exemplar(kept, value, time))
  }
}

import MetricModel
import MetricRegistry

/// A family of one of the OpenMetrics project's cases, as the judge has read it, and how the registry is brought to say
/// the same. It never bends a case: what cannot be said as it stands is left, with the reason.
struct CaseFamily: Decodable {
  struct Sample: Decodable {
    struct Exemplar: Decodable {
      var labels: [[String]]
      var value: String
      var time: Int64?
    }

    var name: String
    /// `le` and `quantile` as the bits of a number.
    var labels: [[String]]
    var value: String
    var hasTime: Bool
    var exemplar: Exemplar?

    var number: Double { Self.number(value) }

    static func number(_ bits: String) -> Double { Double(bitPattern: UInt64(bits, radix: 16) ?? 0) }
  }

  /// Why a family cannot be built.
  enum Inexpressible: String, Error {
    case gaugeHistogram = "a gauge histogram"
    case time = "a sample with a time of its own"
    case exemplarWithoutTime = "an exemplar without a time"
    case noSamples = "no samples"
    case emptyLabel = "an empty label value"
    case differentLabels = "series with different labels"
    case noCount = "a value of unknown type that is no count"
    case noObservations = "quantiles that no observations give"
  }

  /// One series: its samples in the case's order.
  private struct Child {
    var labels: [[String]]
    var samples: [Sample]

    func first(_ suffix: String) -> Sample? { samples.first { $0.name.hasSuffix(suffix) } }

    /// Samples with a bound or a state, and that as a text.
    func all(_ label: String) -> [(label: String, sample: Sample)] {
      samples.compactMap { sample in sample.labels.first { $0[0] == label }.map { ($0[1], sample) } }
    }

    func numbers(_ label: String) -> [Double] { all(label).map { Sample.number($0.label) } }

    /// Nanoseconds since 1970.
    var created: Int64? { first("_created").map { Int64(($0.number * 1e3).rounded()) * 1_000_000 } }
  }

  var name: String
  var type: String
  var help: String
  var unit: String
  var samples: [Sample]

  /// A registry that holds the family, and what its exposition has to say.
  func build() throws -> (Registry, Truth) {
    let children = try children()
    let descriptor = descriptor(children)
    let clock = Clock()
    // A series without labels begins with its registry.
    clock.time.store(children[0].created ?? 0, ordering: .relaxed)
    let registry = Registry(metrics: [descriptor], limits: RegistryLimits()) { clock.time.load(ordering: .relaxed) }
    var truth = Truth(
      name: descriptor.name,
      type: type,
      help: help,
      unit: unit,
      negative: (descriptor.buckets.first ?? 0) < 0,
      showsCreated: descriptor.exposesCreated,
      samples: []
    )
    for child in children {
      clock.time.store(child.created ?? 0, ordering: .relaxed)
      let values = child.labels.map { $0[1] }
      guard let series = registry.series(metric: 0, labelValues: values) else { throw Inexpressible.emptyLabel }
      truth.samples += try fill(series, child)
    }
    return (registry, truth)
  }

  private func children() throws -> [Child] {
    if type == "gaugehistogram" { throw Inexpressible.gaugeHistogram }
    if samples.isEmpty { throw Inexpressible.noSamples }
    var children: [Child] = []
    for sample in samples {
      if sample.hasTime { throw Inexpressible.time }
      if let exemplar = sample.exemplar, exemplar.time == nil { throw Inexpressible.exemplarWithoutTime }
      let labels = sample.labels.filter { !["le", "quantile", name].contains($0[0]) }
      if labels.contains(where: { $0[1].isEmpty }) { throw Inexpressible.emptyLabel }
      if let index = children.firstIndex(where: { $0.labels == labels }) {
        children[index].samples.append(sample)
      } else {
        children.append(Child(labels: labels, samples: [sample]))
      }
    }
    let names = children.map { $0.labels.map { $0[0] } }
    if Set(names).count > 1 { throw Inexpressible.differentLabels }
    return children
  }

  private func descriptor(_ children: [Child]) -> MetricDescriptor {
    let first = children[0]
    return MetricDescriptor(
      name: name + (type == "counter" ? "_total" : type == "info" ? "_info" : ""),
      // What has no suffix of a counter is unknown to OpenMetrics.
      type: type == "unknown" ? .counter : MetricType(rawValue: type) ?? .gauge,
      help: help,
      unit: unit.isEmpty ? nil : unit,
      labels: first.labels.map { LabelDescriptor(name: $0[0]) },
      buckets: type == "histogram" ? first.numbers("le").filter(\.isFinite) : [],
      quantiles: first.numbers("quantile"),
      window: Self.window,
      exposesCreated: first.created != nil,
      states: type == "stateset" ? first.all(name).map(\.label) : []
    )
  }

  /// Fills a series, and says what its samples have to be, in the registry's own order.
  private func fill(_ series: Series, _ child: Child) throws -> [Truth.Sample] {
    let value = child.samples[0].number
    let descriptor = series.metric.descriptor
    switch descriptor.type {
    case .counter:
      guard series.add(value) else { throw Inexpressible.noCount }
      return [.init(descriptor.name, child.labels, value)] + created(child)
    case .gauge, .info:
      series.set(value)
      return [.init(descriptor.name, child.labels, value)]
    case .stateset:
      let states = child.all(name)
      guard let active = states.first(where: { $0.sample.number == 1 }) else { throw Inexpressible.noSamples }
      series.setState(active.label)
      return states.map { .init(name, child.labels + [[name, $0.label]], $0.sample.number) }
    case .histogram: return observeBuckets(series, child)
    case .summary: return try observeQuantiles(series, child)
    }
  }

  private func created(_ child: Child) -> [Truth.Sample] {
    child.created.map { [.init(name + "_created", child.labels, 0, .init(created: $0))] } ?? []
  }

  /// OpenMetrics lets a histogram leave out its sum and count; the registry's have both.
  private func observeBuckets(_ series: Series, _ child: Child) -> [Truth.Sample] {
    let buckets = child.all("le").map(\.sample)
    var counts = zip(buckets, [0] + buckets.map(\.number)).map { UInt64($0.number - $1) }
    var left = child.first("_sum")?.number ?? 0
    var truth: [Truth.Sample] = []
    for (bucket, sample) in buckets.enumerated() {
      var kept: Truth.Exemplar?
      if let exemplar = sample.exemplar, let time = exemplar.time {
        let value = Sample.number(exemplar.value)
        series.observe(value, exemplar: exemplar.labels.map { Exemplar.Label($0[0], $0[1]) }, time: time)
        counts[bucket] -= 1
        left -= child.first("_sum") == nil ? 0 : value
        kept = Truth.Exemplar(exemplar.labels, value, time)
      }
      truth.append(.init(sample.name, sample.labels, sample.number, .init(exemplar: kept)))
    }
    series.addObservations(bucketCounts: counts, sum: left)
    let exemplars = buckets.compactMap { $0.exemplar.map { Sample.number($0.value) } }
    truth.append(.init(name + "_sum", child.labels, child.first("_sum")?.number ?? exemplars.reduce(0, +)))
    truth.append(.init(name + "_count", child.labels, buckets.last?.number ?? 0))
    return truth + created(child)
  }

  /// Enough for quantiles that differ by a hundredth.
  private static let window = 5

  /// The last observations give the quantiles, one before them what is missing of the sum, and zeros the count.
  private func observeQuantiles(_ series: Series, _ child: Child) throws -> [Truth.Sample] {
    guard let sum = child.first("_sum")?.number, let count = child.first("_count")?.number else {
      throw Inexpressible.noObservations
    }
    let quantiles = child.all("quantile").map { (Sample.number($0.label), $0.sample.number) }
    var observations: [Double]?
    if quantiles.isEmpty {
      observations = [sum] + Array(repeating: 0, count: max(0, Int(count) - 1))
    } else if let recent = Self.observations(quantiles), Int(count) > recent.count {
      let zeros = Array(repeating: 0.0, count: Int(count) - recent.count - 1)
      let near = sum - recent.reduce(0, +)
      let candidates = (-20...20).map { near + Double($0) * near.ulp }
      observations = candidates.map { [$0] + zeros + recent }.first { $0.reduce(0, +) == sum }
    }
    guard let observations else { throw Inexpressible.noObservations }
    for value in observations { series.observe(value) }
    return child.all("quantile").map { .init(name, $0.sample.labels, $0.sample.number) }
      + [.init(name + "_sum", child.labels, sum), .init(name + "_count", child.labels, count)] + created(child)
  }

  /// As many ascending observations as the window has that give the quantiles by nearest rank.
  private static func observations(_ quantiles: [(quantile: Double, value: Double)]) -> [Double]? {
    let byRank = quantiles.map { (rank: max(1, Int(($0.quantile * Double(window)).rounded(.up))), value: $0.value) }
    let observations = (1...window).map { rank in (byRank.first { $0.rank >= rank } ?? byRank[byRank.count - 1]).value }
    let isRight = byRank.allSatisfy { observations[$0.rank - 1] == $0.value } && observations == observations.sorted()
    return isRight ? observations : nil
  }
}

internal import MetricModel

/// What stands before and after a series' labels in each of its lines: `name_bucket{` and `,le="0.1"} `. One set serves
/// all series of a family.
struct LineForms: Sendable {
  struct Form {
    var head: Range<Int>
    var tail: Range<Int>
    /// Head and tail together.
    var count: Int { head.count + tail.count }
  }

  private(set) var bytes: [UInt8] = []
  private(set) var forms: [Form] = []
  /// OpenMetrics has no sum, and then no count either, where observations may be negative.
  let hasSum: Bool
  let hasCreated: Bool
  /// Whether exemplars stand after the values.
  let hasExemplars: Bool

  init(_ descriptor: MetricDescriptor, _ notation: Notation) {
    let name = descriptor.name
    let isOpenMetrics = notation == .openMetricsLines
    hasSum = !(isOpenMetrics && descriptor.hasNegativeBuckets)
    hasCreated = isOpenMetrics && descriptor.exposesCreated && descriptor.hasBeginning
    hasExemplars = isOpenMetrics
    switch descriptor.type {
    case .counter, .gauge:
      add(name, descriptor)
    case .info:
      add(name, descriptor, further: descriptor.constant.map { ($0.name, $0.value) })
    case .stateset:
      for state in descriptor.states { add(name, descriptor, further: [(name, state)]) }
    case .histogram:
      for bound in descriptor.buckets + [.infinity] {
        add(name + "_bucket", descriptor, further: [("le", FloatText.canonical(bound))])
      }
    case .summary:
      for quantile in descriptor.quantiles {
        add(name, descriptor, further: [("quantile", FloatText.canonical(quantile))])
      }
    }
    if descriptor.type == .summary || (descriptor.type == .histogram && hasSum) {
      add(name + "_sum", descriptor)
      add(name + "_count", descriptor)
    }
    if hasCreated {
      let family = descriptor.type == .counter && name.hasSuffix("_total") ? String(name.dropLast(6)) : name
      add(family + "_created", descriptor)
    }
  }

  private mutating func add(
    _ name: String,
    _ descriptor: MetricDescriptor,
    further: [(name: String, value: String)] = []
  ) {
    let hasLabels = !descriptor.labels.isEmpty
    let headStart = bytes.count
    bytes.append(contentsOf: name.utf8)
    let isBraced = hasLabels || !further.isEmpty
    if isBraced { bytes.append(UInt8(ascii: "{")) }
    let tailStart = bytes.count
    for (position, label) in further.enumerated() {
      if hasLabels || position > 0 { bytes.append(UInt8(ascii: ",")) }
      TextEscaping.appendLabel(name: label.name, value: label.value, to: &bytes)
    }
    if isBraced { bytes.append(UInt8(ascii: "}")) }
    bytes.append(UInt8(ascii: " "))
    forms.append(Form(head: headStart..<tailStart, tail: tailStart..<bytes.count))
  }
}

extension MetricDescriptor {
  var hasNegativeBuckets: Bool { type == .histogram && (buckets.first ?? 0) < 0 }

  /// Whether its series know when they began; an embedder may ask any type to show it.
  var hasBeginning: Bool { type == .counter || type == .histogram || type == .summary }
}

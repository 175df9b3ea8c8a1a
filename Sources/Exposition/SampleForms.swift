import MetricModel

/// What stands before and after a series' labels in each of its sample lines: `name_bucket{` and `,le="0.1"} `. One
/// set serves all series of a family.
struct SampleForms {
  struct Form {
    var head: Range<Int>
    var tail: Range<Int>
  }

  private(set) var bytes: [UInt8] = []
  private(set) var forms: [Form] = []

  init(_ descriptor: MetricDescriptor) {
    let name = descriptor.name
    let hasLabels = !descriptor.labels.isEmpty
    switch descriptor.type {
    case .counter, .gauge:
      add(name, hasLabels: hasLabels)
    case .info:
      add(name, hasLabels: hasLabels, further: descriptor.constant.map { ($0.name, $0.value) })
    case .stateset:
      for state in descriptor.states { add(name, hasLabels: hasLabels, further: [(name, state)]) }
    case .histogram:
      for bound in descriptor.buckets + [.infinity] {
        add(name + "_bucket", hasLabels: hasLabels, further: [("le", Self.canonical(bound))])
      }
      add(name + "_sum", hasLabels: hasLabels)
      add(name + "_count", hasLabels: hasLabels)
    case .summary:
      for quantile in descriptor.quantiles {
        add(name, hasLabels: hasLabels, further: [("quantile", Self.canonical(quantile))])
      }
      add(name + "_sum", hasLabels: hasLabels)
      add(name + "_count", hasLabels: hasLabels)
    }
  }

  private mutating func add(_ name: String, hasLabels: Bool, further: [(name: String, value: String)] = []) {
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

  private static func canonical(_ value: Double) -> String {
    String(unsafeUninitializedCapacity: FloatText.bytesMax + 2) { buffer in
      guard let start = buffer.baseAddress else { return 0 }
      var cursor = start
      FloatText.writeCanonical(value, at: &cursor)
      return cursor - start
    }
  }
}

internal import MetricModel
internal import MetricRegistry

/// Renders a page's samples as messages `Metric` of the protobuf format, each as a field of its family. Labels are copied
/// from the last rendering, where there is one.
struct MessageWriter: ~Copyable {
  private var numbers: [UInt64] = []
  private var lengths = LineLengths()
  private var scratch = Scratch()
  private var labels = ProtobufEncoding()
  private var labelsPosition = -1
  private var value = ProtobufEncoding()
  private var part = ProtobufEncoding()

  /// The page's messages, and their lengths up to the end of the labels, and behind it.
  mutating func render(
    _ page: PageContent,
    metric: Metric,
    previous: PageCache.Rendering?
  ) -> (piece: Piece, lengths: [LineLength]) {
    scratch.count = 0
    labelsPosition = -1
    lengths.begin(capacity: page.count)
    if let previous {
      previous.withUnsafeParts { bytes, lengths in
        var messages = Messages(page, metric, KeptLines(bytes, lengths))
        write(&messages)
      }
    } else {
      var messages = Messages(page, metric, nil)
      write(&messages)
    }
    return (Piece(scratch.bytes), lengths.kept)
  }

  private struct Messages {
    let page: PageContent
    let metric: Metric
    /// What a message has beside its series' labels: an info's constants, a stateset's states.
    let furtherLabels: [[UInt8]]
    var previous: KeptLines?

    init(_ page: PageContent, _ metric: Metric, _ previous: KeptLines?) {
      (self.page, self.metric, self.previous) = (page, metric, previous)
      let descriptor = metric.descriptor
      switch descriptor.type {
      case .info: furtherLabels = [Self.encoded(descriptor.constant.map { ($0.name, $0.value) })]
      case .stateset: furtherLabels = descriptor.states.map { Self.encoded([(descriptor.name, $0)]) }
      default: furtherLabels = [[]]
      }
    }

    private static func encoded(_ labels: [(String, String)]) -> [UInt8] {
      var message = ProtobufEncoding()
      for (name, value) in labels { ProtobufMessages.label(name, value, to: &message) }
      return message.bytes
    }
  }

  private mutating func write(_ messages: inout Messages) {
    switch messages.metric.descriptor.type {
    case .counter, .gauge, .info, .stateset: writeNumbers(&messages)
    case .histogram: writeHistograms(&messages)
    case .summary: writeSummaries(&messages)
    }
  }

  private mutating func writeNumbers(_ messages: inout Messages) {
    let type = messages.metric.descriptor.type
    let count = messages.page.count
    if numbers.count < count { numbers = Array(repeating: 0, count: count) }
    numbers.withUnsafeMutableBufferPointer {
      messages.page.readBits(into: UnsafeMutableBufferPointer(rebasing: $0[..<count]))
    }
    for position in 0..<count {
      let bits = numbers[position]
      if bits == Series.noValueBits {
        skip(messages.furtherLabels.count, &messages)
        continue
      }
      for further in messages.furtherLabels.indices {
        let number = Double(bitPattern: bits)
        value.bytes.removeAll(keepingCapacity: true)
        if type == .counter {
          part.bytes.removeAll(keepingCapacity: true)
          part.field(1, double: number)
          let series = messages.page.series(at: position)
          if let exemplar = series.exemplar { part.field(2, message: ProtobufMessages.exemplar(exemplar)) }
          if let created = series.created { part.field(3, message: ProtobufMessages.time(created)) }
          value.field(ProtobufMessages.MetricField.counter, message: part)
        } else {
          // A gauge: nine bytes.
          value.varint(ProtobufMessages.MetricField.gauge << 3 | 2)
          value.varint(9)
          value.field(1, double: type == .stateset ? (Double(further) == number ? 1 : 0) : number)
        }
        writeMessage(position, further, &messages)
      }
    }
  }

  private mutating func writeHistograms(_ messages: inout Messages) {
    let bounds = messages.metric.descriptor.buckets + [.infinity]
    if numbers.count < bounds.count { numbers = Array(repeating: 0, count: bounds.count) }
    let page = messages.page
    page.forEachSeries { position, series in
      part.bytes.removeAll(keepingCapacity: true)
      if series.isDropped || !encodeBuckets(of: series, bounds) {
        skip(1, &messages)
        return
      }
      if let created = series.created { part.field(15, message: ProtobufMessages.time(created)) }
      for exemplar in series.nativeExemplars { part.field(16, message: ProtobufMessages.exemplar(exemplar)) }
      value.bytes.removeAll(keepingCapacity: true)
      value.field(ProtobufMessages.MetricField.histogram, message: part)
      writeMessage(position, 0, &messages)
    }
  }

  /// Counts, sum and buckets of a `Histogram` into `part`; false: it is none.
  private mutating func encodeBuckets(
    of series: Series,
    _ bounds: [Double]
  ) -> Bool {
    if let native = series.nativeHistogram {
      part.field(1, varint: native.count)
      part.field(2, double: native.sum)
      // Without classic bounds there are no classic buckets at all.
      if bounds.count > 1 { Self.encodeClassic(native.classic[...], bounds, series.exemplars, into: &part) }
      NativeMessages.encode(native, into: &part)
      return true
    }
    var sum = 0.0
    let isHistogram = numbers.withUnsafeMutableBufferPointer {
      series.readHistogram(into: UnsafeMutableBufferPointer(rebasing: $0[..<bounds.count]), sum: &sum)
    }
    guard isHistogram else { return false }
    part.field(1, varint: numbers[bounds.count - 1])
    part.field(2, double: sum)
    Self.encodeClassic(numbers[..<bounds.count], bounds, series.exemplars, into: &part)
    return true
  }

  private static func encodeClassic(
    _ counts: ArraySlice<UInt64>,
    _ bounds: [Double],
    _ exemplars: [Exemplar?],
    into message: inout ProtobufEncoding
  ) {
    for (bucket, (count, bound)) in zip(counts, bounds).enumerated() {
      var exemplar = ProtobufEncoding()
      if bucket < exemplars.count, let found = exemplars[bucket] {
        exemplar.field(3, message: ProtobufMessages.exemplar(found))
      }
      message.varint(3 << 3 | 2)
      let length = 1 + ProtobufEncoding.varintLength(Int(truncatingIfNeeded: count)) + 9 + exemplar.bytes.count
      message.varint(UInt64(length))
      message.field(1, varint: count)
      message.field(2, double: bound)
      message.bytes += exemplar.bytes
    }
  }

  private mutating func writeSummaries(_ messages: inout Messages) {
    let page = messages.page
    page.forEachSeries { position, series in
      guard !series.isDropped, let summary = series.summary else {
        skip(1, &messages)
        return
      }
      part.bytes.removeAll(keepingCapacity: true)
      part.field(1, varint: summary.count)
      part.field(2, double: summary.sum)
      for (quantile, number) in zip(messages.metric.descriptor.quantiles, summary.quantiles) {
        part.varint(3 << 3 | 2)
        part.varint(18)
        part.field(1, double: quantile)
        part.field(2, double: number)
      }
      if let created = series.created { part.field(4, message: ProtobufMessages.time(created)) }
      value.bytes.removeAll(keepingCapacity: true)
      value.field(ProtobufMessages.MetricField.summary, message: part)
      writeMessage(position, 0, &messages)
    }
  }

  // MARK: One message

  /// Writes the message of a series whose value stands in `value`.
  private mutating func writeMessage(_ position: Int, _ further: Int, _ messages: inout Messages) {
    let start = scratch.count
    if let known = messages.previous?.nextHead().map(Self.labels) {
      begin(labelBytes: known.count)
      scratch.put(known)
    } else {
      encodeLabels(position, messages)
      let extra = messages.furtherLabels[further]
      begin(labelBytes: labels.bytes.count + extra.count)
      labels.bytes.withUnsafeBufferPointer { scratch.put($0) }
      extra.withUnsafeBufferPointer { scratch.put($0) }
    }
    lengths.append(head: scratch.count - start, rest: value.bytes.count)
    value.bytes.withUnsafeBufferPointer { scratch.put($0) }
  }

  /// What follows a message's tag and length.
  private static func labels(ofHead head: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var start = 1
    while head[start] >= 0x80 { start += 1 }
    return UnsafeBufferPointer(rebasing: head[(start + 1)...])
  }

  private mutating func begin(labelBytes: Int) {
    let length = labelBytes + value.bytes.count
    scratch.reserve(length + 11)
    scratch.put(UInt8(ProtobufMessages.metricField << 3 | 2))
    var rest = UInt64(length)
    while rest >= 0x80 {
      scratch.put(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    scratch.put(UInt8(truncatingIfNeeded: rest))
  }

  private mutating func encodeLabels(_ position: Int, _ messages: borrowing Messages) {
    guard labelsPosition != position else { return }
    labelsPosition = position
    labels.bytes.removeAll(keepingCapacity: true)
    let series = messages.page.series(at: position)
    for (label, descriptor) in messages.metric.descriptor.labels.enumerated() {
      ProtobufMessages.label(descriptor.name, series.labelValue(at: label), to: &labels)
    }
  }

  private mutating func skip(_ count: Int, _ messages: inout Messages) {
    for _ in 0..<count {
      _ = messages.previous?.nextHead()
      lengths.appendNotExposed()
    }
  }
}

internal import MetricModel

/// A family that comes as a value, such as what the exporter says of itself: counters, gauges, infos and statesets,
/// rendered anew each time.
enum GivenFamily {
  static func append(_ family: MetricFamily, in format: ExpositionFormat, to bytes: inout [UInt8]) {
    if family.samples.isEmpty { return }
    switch format.syntax {
    case .text:
      TextHeader.appendText(name: family.name, type: family.type, help: family.help, to: &bytes)
      appendLines(family, to: &bytes)
    case .openMetrics:
      TextHeader.appendOpenMetrics(
        name: family.name,
        type: family.type,
        unit: family.unit,
        help: family.help,
        to: &bytes
      )
      appendLines(family, to: &bytes)
    case .protobuf:
      appendMessage(family, to: &bytes)
    }
  }

  private static func appendLines(_ family: MetricFamily, to bytes: inout [UInt8]) {
    for sample in family.samples {
      bytes.append(contentsOf: family.name.utf8)
      for (position, label) in sample.labels.enumerated() {
        bytes.append(position == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
        TextEscaping.appendLabel(name: label.name, value: label.value, to: &bytes)
      }
      if !sample.labels.isEmpty { bytes.append(UInt8(ascii: "}")) }
      bytes.append(UInt8(ascii: " "))
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: FloatText.bytesMax) { text in
        guard let start = text.baseAddress else { return }
        var cursor = start
        FloatText.write(sample.value, at: &cursor)
        bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: cursor - start))
      }
      bytes.append(UInt8(ascii: "\n"))
    }
  }

  private static func appendMessage(_ family: MetricFamily, to bytes: inout [UInt8]) {
    var metrics = ProtobufEncoding()
    for sample in family.samples {
      var metric = ProtobufEncoding()
      for label in sample.labels { ProtobufMessages.label(label.name, label.value, to: &metric) }
      var value = ProtobufEncoding()
      value.field(1, double: sample.value)
      let field = family.type == .counter ? ProtobufMessages.MetricField.counter : ProtobufMessages.MetricField.gauge
      metric.field(field, message: value)
      metrics.field(ProtobufMessages.metricField, message: metric)
    }
    bytes += ProtobufMessages.header(
      name: family.name,
      type: family.type,
      unit: family.unit,
      help: family.help,
      metricBytes: metrics.bytes.count
    )
    bytes += metrics.bytes
  }
}

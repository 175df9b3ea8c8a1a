internal import MetricModel
internal import MetricRegistry

/// The messages of Prometheus' protobuf format that stand around a family's samples.
///
/// Source: `io/prometheus/client/metrics.proto` of prometheus/client_model.
enum ProtobufMessages {
  /// The fields of a message `Metric`.
  enum MetricField {
    static let label: UInt64 = 1
    static let gauge: UInt64 = 2
    static let counter: UInt64 = 3
    static let summary: UInt64 = 4
    static let histogram: UInt64 = 7
  }

  /// The field of a `MetricFamily` that holds its metrics.
  static let metricField: UInt64 = 4

  /// A `MetricFamily` up to its metrics, which take `metricBytes`; with the length of it all before.
  static func header(name: String, type: MetricType, unit: String?, help: String, metricBytes: Int) -> [UInt8] {
    var family = ProtobufEncoding()
    family.field(1, text: name)
    if !help.isEmpty { family.field(2, text: LabelText.cleaned(help)) }
    family.field(3, varint: number(of: type))
    var all = ProtobufEncoding()
    var unitField = ProtobufEncoding()
    if let unit, type.isNumeric { unitField.field(5, text: unit) }
    all.varint(UInt64(family.bytes.count + unitField.bytes.count + metricBytes))
    return all.bytes + family.bytes + unitField.bytes
  }

  /// `MetricType`. Info and stateset are gauges, as in the text format.
  private static func number(of type: MetricType) -> UInt64 {
    switch type {
    case .counter: 0
    case .gauge, .info, .stateset: 1
    case .summary: 2
    case .histogram: 4
    }
  }

  /// A `google.protobuf.Timestamp` of nanoseconds since 1970.
  static func time(_ nanoseconds: Int64) -> ProtobufEncoding {
    var message = ProtobufEncoding()
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    message.field(1, varint: UInt64(bitPattern: rest < 0 ? seconds - 1 : seconds))
    message.field(2, varint: UInt64(rest < 0 ? rest + 1_000_000_000 : rest))
    return message
  }

  static func exemplar(_ exemplar: Exemplar) -> ProtobufEncoding {
    var message = ProtobufEncoding()
    for pair in exemplar.labels { label(pair.name, pair.value, to: &message) }
    message.field(2, double: exemplar.value)
    message.field(3, message: time(exemplar.time))
    return message
  }

  /// A `LabelPair` as a field of a metric or an exemplar.
  static func label(_ name: String, _ value: String, to message: inout ProtobufEncoding) {
    let value = LabelText.cleaned(value)
    let (nameBytes, valueBytes) = (name.utf8.count, value.utf8.count)
    message.varint(MetricField.label << 3 | 2)
    let length =
      nameBytes + valueBytes + 2 + ProtobufEncoding.varintLength(nameBytes)
      + ProtobufEncoding.varintLength(valueBytes)
    message.varint(UInt64(length))
    message.field(1, text: name)
    message.field(2, text: value)
  }
}

internal import MetricRegistry

/// The native part of the protobuf format's message `Histogram`. No text format has it.
///
/// Source: `io/prometheus/client/metrics.proto`; prometheus.io, "Native Histograms".
enum NativeMessages {
  /// The fields of one side of the zero bucket.
  private struct Side {
    let span: UInt64
    let delta: UInt64
  }

  private static let negative = Side(span: 9, delta: 10)
  private static let positive = Side(span: 12, delta: 13)

  static func encode(_ reading: NativeHistogramReading, into message: inout ProtobufEncoding) {
    message.field(5, zigzag: reading.schema)
    // Above 0, so that a histogram without observations is told from a classic one.
    message.field(6, double: reading.zeroThreshold)
    message.field(7, varint: reading.zeroCount)
    encode(reading.negative, negative, into: &message)
    encode(reading.positive, positive, into: &message)
  }

  /// Runs of neighbouring buckets, then each count as the difference from the one before.
  private static func encode(
    _ buckets: [(index: Int, count: UInt64)],
    _ side: Side,
    into message: inout ProtobufEncoding
  ) {
    var next = 0
    var position = 0
    while position < buckets.count {
      let start = position
      let first = buckets[start].index
      position += 1
      while position < buckets.count, buckets[position].index == first + position - start { position += 1 }
      var span = ProtobufEncoding()
      span.field(1, zigzag: first - next)
      span.field(2, varint: UInt64(position - start))
      message.field(side.span, message: span)
      next = first + position - start
    }
    var before: UInt64 = 0
    for bucket in buckets {
      message.field(side.delta, zigzag: Int(bitPattern: UInt(bucket.count &- before)))
      before = bucket.count
    }
  }
}

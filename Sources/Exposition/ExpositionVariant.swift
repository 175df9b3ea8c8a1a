/// The formats that an exposition can have. Never says how they are written: each has a file of its own.
package enum ExpositionFormat: Hashable, Sendable, CaseIterable {
  /// Prometheus' text format, 0.0.4 and 1.0.0: with classic names they differ in the content type alone.
  case text004, text100
  /// OpenMetrics' text format, 0.0.1 and 1.0.0, which differ in the content type alone, too.
  case openMetrics001, openMetrics100
  /// Prometheus' protobuf format: each family's message after its length.
  case protobuf

  var isOpenMetrics: Bool { self == .openMetrics001 || self == .openMetrics100 }
}

/// How a receiver wants names that are not classic to be escaped. Declared names are classic, and with these three
/// they stay what they are; so an escaping is agreed on, and changes nothing.
package enum NameEscaping: String, Hashable, Sendable, CaseIterable {
  case underscores
  case values
  case allowUTF8 = "allow-utf-8"
}

/// What the bytes of an exposition are packed with on their way.
package enum ContentEncoding: String, Hashable, Sendable, CaseIterable {
  case identity, gzip, zstd
}

/// One of the ways in which the same metrics go out: what a request's `Accept` and `Accept-Encoding` come to.
package struct ExpositionVariant: Hashable, Sendable {
  package var format: ExpositionFormat
  package var escaping: NameEscaping
  package var encoding: ContentEncoding

  package init(
    _ format: ExpositionFormat = .text004,
    escaping: NameEscaping = .underscores,
    encoding: ContentEncoding = .identity
  ) {
    self.format = format
    self.escaping = escaping
    self.encoding = encoding
  }

  /// The whole `Content-Type`. Prometheus 3 refuses an answer without one.
  package var contentType: String {
    switch format {
    case .text004: "text/plain; version=0.0.4; charset=utf-8"
    case .text100: "text/plain; version=1.0.0; charset=utf-8; escaping=\(escaping.rawValue)"
    case .openMetrics001: "application/openmetrics-text; version=0.0.1; charset=utf-8"
    case .openMetrics100: "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=\(escaping.rawValue)"
    case .protobuf:
      "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
        + "; escaping=\(escaping.rawValue)"
    }
  }
}

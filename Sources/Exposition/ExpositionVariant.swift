/// The formats that an exposition can have. Never says how they are written: each has a file of its own.
package enum ExpositionFormat: Hashable, Sendable, CaseIterable {
  case text004, text100, openMetrics001, openMetrics100, protobuf

  /// How a format is written. Formats of one syntax differ in the content type alone, since names are classic.
  package enum Syntax: String, Sendable {
    /// Prometheus' text format.
    case text
    /// OpenMetrics' text format.
    case openMetrics = "openmetrics"
    /// Prometheus' protobuf format: each family's message after its length.
    case protobuf
  }

  package var syntax: Syntax {
    switch self {
    case .text004, .text100: .text
    case .openMetrics001, .openMetrics100: .openMetrics
    case .protobuf: .protobuf
    }
  }

  /// How it is called in `Accept` and `Content-Type`.
  var mediaType: MediaType {
    switch self {
    case .text004: MediaType(name: "text/plain", parameters: [("version", "0.0.4")], isMeantWithout: true)
    case .text100: MediaType(name: "text/plain", parameters: [("version", "1.0.0")], hasEscaping: true)
    case .openMetrics001: MediaType(name: "application/openmetrics-text", parameters: [("version", "0.0.1")])
    case .openMetrics100:
      MediaType(
        name: "application/openmetrics-text",
        parameters: [("version", "1.0.0")],
        // Its specification: without a version the oldest of the standard is meant.
        isMeantWithout: true,
        hasEscaping: true
      )
    case .protobuf:
      MediaType(
        name: "application/vnd.google.protobuf",
        parameters: [("proto", "io.prometheus.client.MetricFamily"), ("encoding", "delimited")],
        hasEscaping: true
      )
    }
  }
}

struct MediaType {
  let name: String
  /// What tells it from others of the same name.
  let parameters: [(name: String, value: String)]
  /// Whether it is the one that is meant where no parameters are given.
  var isMeantWithout = false
  /// Whether it says how names are escaped; in older versions that is the classic way.
  var hasEscaping = false
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

/// One of the ways in which the metrics go out: what a request's `Accept`, `Accept-Encoding` and query come to.
package struct ExpositionVariant: Hashable, Sendable {
  package var format: ExpositionFormat
  package var escaping: NameEscaping
  package var encoding: ContentEncoding
  /// nil: all metrics.
  package var selection: MetricSelection?

  package init(
    _ format: ExpositionFormat = .text004,
    escaping: NameEscaping = .underscores,
    encoding: ContentEncoding = .identity,
    selection: MetricSelection? = nil
  ) {
    self.format = format
    self.escaping = escaping
    self.encoding = encoding
    self.selection = selection
  }

  /// The whole `Content-Type`. Prometheus 3 refuses an answer without one.
  package var contentType: String {
    let type = format.mediaType
    var parameters = type.parameters
    if format.syntax != .protobuf { parameters.append(("charset", "utf-8")) }
    if type.hasEscaping { parameters.append(("escaping", escaping.rawValue)) }
    return parameters.reduce(type.name) { "\($0); \($1.name)=\($1.value)" }
  }
}

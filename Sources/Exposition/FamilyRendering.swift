internal import MetricModel
internal import MetricRegistry

/// One family in the formats it was asked for: what never changes (headers, the text around labels) is made once. The
/// samples are kept with the registry's pages.
final class FamilyRendering {
  let metric: Metric
  /// What a scraper may call it by.
  private(set) lazy var names = MetricSelection.names(of: metric.descriptor.name, metric.descriptor.type)
  private var forms: [Notation: LineForms] = [:]
  private var headers: [ExpositionFormat: Piece] = [:]
  /// Of the protobuf header, which holds the length of all.
  private var messageBytes = -1

  init(_ metric: Metric) { self.metric = metric }

  /// The notation of its samples in a format.
  func notation(in format: ExpositionFormat) -> Notation {
    switch format.syntax {
    case .text: .lines
    case .openMetrics: differsInOpenMetrics ? .openMetricsLines : .lines
    case .protobuf: .messages
    }
  }

  /// Whether OpenMetrics writes its samples otherwise than the text format does.
  private var differsInOpenMetrics: Bool {
    metric.descriptor.hasNegativeBuckets || metric.descriptor.exposesCreated || metric.hasExemplars
  }

  func forms(_ notation: Notation) -> LineForms {
    if let known = forms[notation] { return known }
    let made = LineForms(metric.descriptor, notation)
    forms[notation] = made
    return made
  }

  /// What opens the family.
  ///
  /// - Parameter sampleBytes: how long its samples are.
  func header(in format: ExpositionFormat, sampleBytes: Int) -> Piece {
    if let known = headers[format], format != .protobuf || messageBytes == sampleBytes { return known }
    let descriptor = metric.descriptor
    var bytes: [UInt8] = []
    switch format.syntax {
    case .text:
      TextHeader.appendText(name: descriptor.name, type: descriptor.type, help: descriptor.help, to: &bytes)
    case .openMetrics:
      TextHeader.appendOpenMetrics(
        name: descriptor.name,
        type: descriptor.type,
        unit: descriptor.unit,
        help: descriptor.help,
        to: &bytes
      )
    case .protobuf:
      messageBytes = sampleBytes
      bytes = ProtobufMessages.header(
        name: descriptor.name,
        type: descriptor.type,
        unit: descriptor.unit,
        help: descriptor.help,
        metricBytes: sampleBytes
      )
    }
    let piece = Piece(bytes)
    headers[format] = piece
    return piece
  }
}

import MetricModel
import MetricRegistry

/// Prometheus' text format 0.0.4. Families in the registry's order, series by first appearance; a family without
/// samples is left out. Never sends timestamps, never blocks an update.
package struct TextExposition: Sendable {
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  package init() {}

  /// The registry's families, then the given ones (whose samples carry a counter's, gauge's or info's plain name).
  package func render(_ registry: Registry, families: [MetricFamily] = []) -> [UInt8] {
    let planned = registry.snapshot().compactMap { PlannedFamily($0) }
    var given: [UInt8] = []
    for family in families { Self.append(family, to: &given) }
    let bytesMax = planned.reduce(given.count) { $0 + $1.bytesMax }
    return [UInt8](unsafeUninitializedCapacity: bytesMax) { buffer, count in
      guard let start = buffer.baseAddress else { return }
      var writer = SampleWriter(cursor: start)
      for family in planned { writer.write(family) }
      writer.write(given)
      count = writer.cursor - start
      precondition(count <= bytesMax, "an exposition's size was planned too small")
    }
  }

  /// `# HELP` and `# TYPE`; info and stateset are gauges in this format.
  static func appendHeader(name: String, type: MetricType, help: String, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: "# HELP ".utf8)
    bytes.append(contentsOf: name.utf8)
    bytes.append(UInt8(ascii: " "))
    TextEscaping.appendHelp(help, to: &bytes)
    bytes.append(contentsOf: "\n# TYPE ".utf8)
    bytes.append(contentsOf: name.utf8)
    let shown: MetricType = type == .info || type == .stateset ? .gauge : type
    bytes.append(UInt8(ascii: " "))
    bytes.append(contentsOf: shown.rawValue.utf8)
    bytes.append(UInt8(ascii: "\n"))
  }

  private static func append(_ family: MetricFamily, to bytes: inout [UInt8]) {
    if family.samples.isEmpty { return }
    appendHeader(name: family.name, type: family.type, help: family.help, to: &bytes)
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
}

/// A family of which a scrape knows the series and the most bytes they take.
struct PlannedFamily {
  struct Page {
    var page: SeriesPage
    var count: Int
    var labels: LabelTexts
  }

  let descriptor: MetricDescriptor
  let header: [UInt8]
  let forms: SampleForms
  let pages: [Page]
  let bytesMax: Int

  /// Nil: the family has no series.
  init?(_ snapshot: FamilySnapshot) {
    guard !snapshot.pages.isEmpty else { return nil }
    descriptor = snapshot.metric.descriptor
    var header: [UInt8] = []
    TextExposition.appendHeader(
      name: descriptor.name,
      type: descriptor.type,
      help: descriptor.help,
      to: &header
    )
    self.header = header
    forms = SampleForms(descriptor)
    pages = snapshot.pages.map {
      Page(page: $0.page, count: $0.count, labels: LabelTexts.of($0.page, count: $0.count))
    }
    // Each line: head, labels, tail, value, newline.
    let lines = forms.forms.count
    let fixed = forms.bytes.count + lines * (FloatText.bytesMax + 1)
    bytesMax = pages.reduce(header.count) { $0 + $1.labels.bytes.count * lines + $1.count * fixed }
  }
}

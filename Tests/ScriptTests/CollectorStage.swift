import Collectors
import Exposition
import Ingest
import MetricCatalog
import MetricModel
import MetricRegistry

/// A catalog with the collector `system`, whose readings a scene makes up.
final class CollectorStage {
  private static let descriptor = CollectorDescriptor(
    name: "system",
    help: "h",
    keys: [.init("match", .matches, help: "h")],
    records: [
      RecordDescriptor(
        "disk",
        help: "h",
        labels: [.init("device", "h")],
        readings: [
          ReadingDescriptor("disk.read_bytes", .counter, unit: "bytes", help: "h", source: "s"),
          ReadingDescriptor("disk.busy_ratio", .gauge, unit: "ratio", help: "h", source: "s", joining: .mean),
          ReadingDescriptor("disk.hottest_celsius", .gauge, help: "h", source: "s", joining: .maximum),
          ReadingDescriptor("disk.since_seconds", .gauge, help: "h", source: "s", joining: .minimum),
        ]
      ),
      RecordDescriptor(
        "host",
        help: "h",
        readings: [ReadingDescriptor("host.boots", .counter, help: "h", source: "s")]
      ),
      RecordDescriptor(
        "gpu",
        help: "h",
        labels: [.init("number", "h", identifies: false), .init("uuid", "h")],
        readings: [ReadingDescriptor("gpu.joules", .counter, help: "h", source: "s")]
      ),
    ]
  )

  private let registry: Registry
  private let mapping: ReadingMapping
  var sight = Sight()

  /// - Parameter former: whose sums go on where they are mapped alike.
  init(_ yaml: String, after former: CollectorStage?) throws {
    let loading = CatalogLoader.load(bytes: Array(yaml.utf8), path: "metrics.yaml", collectors: [Self.descriptor])
    guard let catalog = loading.catalog else {
      throw ScriptMistake("the catalog is wrong: \(loading.diagnostics.map(\.message))")
    }
    registry = Registry(metrics: catalog.metrics)
    // It makes the series that begin at 0.
    _ = LogIngest(catalog: catalog, registry: registry)
    mapping = ReadingMapping(catalog.collectors[0], Self.descriptor, registry: registry, metrics: catalog.metrics)
    if let former {
      mapping.takeOver(former.mapping)
      sight = former.sight
    }
  }

  /// `RECORD LABEL… READING=VALUE…`, several with semicolons between them; what is no reading is a capture.
  func collect(_ text: String) throws {
    var batch = ReadingBatch()
    for part in text.split(separator: ";") {
      let words = part.split(separator: " ").map(String.init)
      guard let kind = Self.descriptor.records.firstIndex(where: { $0.name == words.first }) else {
        throw ScriptMistake("there is no record `\(words.first ?? "")`")
      }
      let record = Self.descriptor.records[kind]
      var values = [Double?](repeating: nil, count: record.readings.count)
      var captures: [(String, String)] = []
      for word in words.dropFirst() {
        guard let equals = word.firstIndex(of: "=") else { continue }
        let (name, value) = (word[..<equals], String(word[word.index(after: equals)...]))
        if let reading = record.readings.firstIndex(where: { $0.name == "\(record.name).\(name)" }) {
          values[reading] = Double(value)
        } else {
          captures.append((String(name), value))
        }
      }
      batch.add(kind, labels: words.dropFirst().filter { !$0.contains("=") }, captures: captures, values: values)
    }
    mapping.apply(batch)
  }

  /// The collector failed.
  func suspend() { mapping.suspend() }

  func changes() -> [String] {
    let samples = String(decoding: ExpositionRenderer(registry).bytes(), as: UTF8.self)
      .split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    return sight.changes(to: samples, counts: Sight.refused(registry), warnings: [])
  }
}

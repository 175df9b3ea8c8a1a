import Collectors

/// Bytes that a test hands to a parser.
func withBytes<Result>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
  Array(text.utf8).withUnsafeBufferPointer(body)
}

extension ReadingBatch {
  /// The values of a record by reading name, found by the collector's descriptor: what a test looks at.
  func values(_ collector: (some Collector).Type, _ record: String, _ labels: String...) -> [String: Double]? {
    guard let kind = collector.descriptor.records.firstIndex(where: { $0.name == record }),
      let found = records.first(where: { $0.kind == kind && Array($0.labels.prefix(labels.count)) == labels })
    else { return nil }
    let names = collector.descriptor.records[kind].readings.map(\.name)
    return Dictionary(
      uniqueKeysWithValues: zip(names, values[found.values]).compactMap { name, value in
        value.map { (name, $0) }
      }
    )
  }
}

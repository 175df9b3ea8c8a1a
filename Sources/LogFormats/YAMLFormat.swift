internal import Diagnostics
internal import YAMLSyntax

extension FormatDescriptor {
  static let yaml = FormatDescriptor(
    name: "yaml",
    help: "a [YAML document](#yaml-documents), which is one record",
    content: .document(
      Document(
        bytesMax: YAMLLimits.fileBytesMax,
        unendedBytesMax: YAMLLimits.fileBytesMax,
        parser: { YAMLFormat(fields: $1) }
      )
    )
  )
}

/// A YAML document, such as a run's `args.yaml` or `hparams.yaml`: it is one record, what is nested has dotted names. A
/// scalar is what the core rules of YAML 1.2 say, so that `no` is a text; tags, which Python's writers leave, say nothing.
///
/// Half a document is mostly a document, too. So one without a newline at its end counts as half written until it rests.
package struct YAMLFormat: DocumentParser {
  package var fields: FieldTable { record.fields }

  private var record: RecordBuilder

  package init(fields: FieldTable) {
    record = RecordBuilder(fields: fields)
  }

  /// Parses a document, which is nothing unless it is a mapping.
  package mutating func parseDocument(
    _ bytes: UnsafeRawBufferPointer,
    isAtRest: Bool,
    into batch: inout RecordBatch
  ) -> DocumentContent {
    guard bytes.count <= YAMLLimits.fileBytesMax, isAtRest || bytes.last == UInt8(ascii: "\n") else { return .half }
    let document = YAMLDocument.parse(SourceFile(path: "", bytes: Array(bytes)))
    // What is only refused in a catalog (tags, merge keys, equal keys) stands beside a root.
    guard let root = document.root else { return .half }
    guard case .mapping(let mapping) = root.content else { return .nothing }
    record.begin(in: batch)
    take(mapping, in: .root, into: &batch)
    record.end(in: &batch)
    return .record
  }

  /// Recurses at most `YAMLLimits.depthMax` times.
  private mutating func take(
    _ mapping: YAMLMapping,
    in parent: RecordBuilder.Position,
    into batch: inout RecordBatch
  ) {
    for entry in mapping.entries {
      var key = entry.key.text
      let place = key.withUTF8 { record.key($0, raw: $0, in: parent) }
      take(entry.value, place, into: &batch)
    }
  }

  private mutating func take(_ node: YAMLNode, _ place: RecordBuilder.Position, into batch: inout RecordBatch) {
    switch node.content {
    case .scalar(let scalar):
      take(scalar, place, into: &batch)
    case .sequence(let items):
      record.takeContainer(place, into: &batch)
      for (index, item) in items.enumerated() { take(item, record.element(index, in: place), into: &batch) }
    case .mapping(let mapping):
      record.takeContainer(place, into: &batch)
      take(mapping, in: place, into: &batch)
    }
  }

  private mutating func take(_ scalar: YAMLScalar, _ place: RecordBuilder.Position, into batch: inout RecordBatch) {
    if scalar.isNull { return record.takeMissing(place, in: &batch) }
    let number = scalar.bool.map { $0 ? 1 : 0 } ?? scalar.double
    var text = scalar.text
    text.withUTF8 { bytes in
      guard let base = bytes.baseAddress else { return record.takeMissing(place, in: &batch) }
      let (start, end) = ByteScan.trimmedOfLines(from: base, to: base + bytes.count)
      if let number {
        record.takeWord(number, place, from: start, to: end, into: &batch)
      } else {
        record.takeText(place, from: start, to: end, into: &batch)
      }
    }
  }
}

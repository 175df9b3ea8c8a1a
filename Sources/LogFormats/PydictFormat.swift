package import StateStore

extension FormatDescriptor {
  static let pydict = FormatDescriptor(
    name: "pydict",
    help: "lines of a console log with [Python dicts](#python-dicts) in them, each of which is a record",
    content: .lines(sayWhenWhole: true) { TextOnly(PydictFormat(lineBytesMax: $1, fields: $2)) }
  )
}

/// Console lines with Python dicts in them, whatever stands around them: each dict is a record. A line without one is
/// unmatched; one that is cut or breaks off makes its line malformed.
package struct PydictFormat: RecordParser {
  package var fields: FieldTable { scanner.fields }

  private var scanner: PydictScanner
  private var lines: ConsoleLines

  package init(lineBytesMax: Int, fields: FieldTable) {
    scanner = PydictScanner(fields: fields)
    lines = ConsoleLines(lineBytesMax: lineBytesMax)
  }

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int {
    guard var scan = ConsoleLines.Scan(bytes, isClosed: isClosed) else { return 0 }
    while batch.records.count < RecordBatch.recordsMax, let line = lines.next(&scan, malformed: &batch.malformed) {
      lines.show(line) { Self.parseLine(from: $0, to: $1, &scanner, into: &batch) }
    }
    return scan.count
  }

  package func encode(into encoder: inout StateEncoder) { lines.encode(into: &encoder) }

  package mutating func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    try lines.resume(from: &decoder)
  }

  package var learnedCount: Int { scanner.learnedCount }

  package mutating func share(with other: any RecordParser) -> Bool {
    guard let other = other as? PydictFormat else { return false }
    return scanner.share(with: other.scanner)
  }

  private static func parseLine(
    from start: BytePointer,
    to end: BytePointer,
    _ scanner: inout PydictScanner,
    into batch: inout RecordBatch
  ) {
    var hasRecord = false
    var isBroken = false
    var cursor = start
    while let brace = ByteScan.first(UInt8(ascii: "{"), from: cursor, to: end) {
      cursor = brace
      switch scanner.scanRecord(&cursor, end: end, into: &batch) {
      case .record: hasRecord = true
      case .broken: isBroken = true
      case .none: break
      case .cut:
        isBroken = true
        cursor = end
      }
    }
    if isBroken {
      batch.malformed += 1
    } else if !hasRecord {
      batch.unmatched += 1
    }
  }
}

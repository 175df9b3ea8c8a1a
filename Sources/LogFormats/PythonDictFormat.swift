/// Console lines with Python dicts in them, whatever stands around them: each dict is a record. A line without one is
/// unmatched; one that is cut or breaks off makes its line malformed.
package struct PythonDictFormat: RecordParser {
  package var fields: FieldTable { scanner.fields }

  private var scanner: PythonDictScanner
  private var lines: ConsoleLines

  package init(lineBytesMax: Int, fields: FieldTable) {
    scanner = PythonDictScanner(fields: fields)
    lines = ConsoleLines(lineBytesMax: lineBytesMax)
  }

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int {
    guard var scan = ConsoleLines.Scan(bytes, isClosed: isClosed) else { return 0 }
    while batch.records.count < RecordBatch.recordsMax, let line = lines.next(&scan, malformed: &batch.malformed) {
      lines.show(line) { Self.parseLine(from: $0, to: $1, &scanner, into: &batch) }
    }
    return scan.count
  }

  package var checkpoint: ParserCheckpoint { ParserCheckpoint(isInsideLongLine: lines.isInsideLongLine) }

  package mutating func resume(from checkpoint: ParserCheckpoint) {
    lines.isInsideLongLine = checkpoint.isInsideLongLine
  }

  package var learnedCount: Int { scanner.learnedCount }

  package mutating func share(with other: any RecordParser) -> Bool {
    guard let other = other as? PythonDictFormat else { return false }
    return scanner.share(with: other.scanner)
  }

  private static func parseLine(
    from start: BytePointer,
    to end: BytePointer,
    _ scanner: inout PythonDictScanner,
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

package import StateStore

extension FormatDescriptor {
  static let jsonl = FormatDescriptor(
    name: "jsonl",
    help: "lines of JSON: each is an object, which is a record. Nested values have dotted names, such as `eval.loss`",
    content: .lines(sayWhenWhole: true) { TextOnly(JSONLFormat(lineBytesMax: $1, fields: $2)) }
  )
}

/// A JSON object a line. What is no whole object is malformed, and the next line is read for itself.
package struct JSONLFormat: RecordParser {
  package var fields: FieldTable { scanner.fields }

  private var scanner: JSONRecordScanner
  private var lines: LineCutter

  package init(lineBytesMax: Int, fields: FieldTable) {
    scanner = JSONRecordScanner(fields: fields)
    lines = LineCutter(lineBytesMax: lineBytesMax)
  }

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return 0 }
    let start = base.assumingMemoryBound(to: UInt8.self)
    let end = start + bytes.count
    var cursor = start
    scan: while cursor < end, batch.records.count < RecordBatch.recordsMax {
      switch lines.step(from: cursor, end: end, isClosed: isClosed) {
      case .line(let lineEnd, let next):
        parseLine(from: cursor, to: lineEnd, into: &batch)
        cursor = next
      case .tooLong(let next):
        batch.malformed += 1
        cursor = next
      case .skipped(let next):
        cursor = next
      case .unfinished:
        break scan
      }
    }
    return cursor - start
  }

  package func encode(into encoder: inout StateEncoder) { lines.encode(into: &encoder) }

  package mutating func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    try lines.resume(from: &decoder)
  }

  package var learnedCount: Int { scanner.learnedCount }

  package mutating func share(with other: any RecordParser) -> Bool {
    guard let other = other as? JSONLFormat else { return false }
    return scanner.share(with: other.scanner)
  }

  @inline(__always)
  private mutating func parseLine(from start: BytePointer, to end: BytePointer, into batch: inout RecordBatch) {
    var cursor = ByteScan.skippingMark(from: start, to: end)
    JSONRecordScanner.skipBlanks(&cursor, end: end)
    if cursor == end { return }
    let before = (records: batch.records.count, values: batch.values.count, text: batch.text.count)
    if scanner.scanRecord(&cursor, end: end, into: &batch) {
      JSONRecordScanner.skipBlanks(&cursor, end: end)
      if cursor == end { return }
      // Something stands behind the object.
      batch.records.removeSubrange(before.records...)
      batch.cut(toValues: before.values, text: before.text)
    }
    batch.malformed += 1
  }
}

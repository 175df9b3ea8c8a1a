extension FormatDescriptor {
  static let jsonl = FormatDescriptor(
    name: "jsonl",
    help: "lines of JSON: each is an object, which is a record. Nested values have dotted names, such as `eval.loss`",
    content: .lines(sayWhenWhole: true) { TextOnly(JSONLFormat(lineBytesMax: $0.lineBytesMax, fields: $0.fields)) }
  )
}

/// A JSON object a line. What is no whole object is malformed, and the next line is read for itself.
struct JSONLFormat: LineFormat {
  var lines: LineCutter
  private var scanner: JSONRecordScanner
  private var outdated = JSONOutdatedLines()

  init(lineBytesMax: Int, fields: FieldTable) {
    lines = LineCutter(lineBytesMax: lineBytesMax)
    scanner = JSONRecordScanner(fields: fields)
  }

  var fields: FieldTable { scanner.record.fields }
  var learnedCount: Int { scanner.record.learnedCount }

  mutating func share(withSame other: JSONLFormat) -> Bool { scanner.record.share(with: other.scanner.record) }

  mutating func parse(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int {
    // A line is handed over from inside `lines`.
    var lines = self.lines
    defer { self.lines = lines }
    let lineBytesMax = lines.lineBytesMax
    return lines.cut(bytes, isClosed: isClosed, into: &batch) { cursor, end, batch in
      outdated.pass(&cursor, end: end, lineBytesMax: lineBytesMax, into: &batch)
    } _: { start, end, batch in
      parseLine(from: start, to: end, into: &batch)
    }
  }

  @inline(__always)
  mutating func parseLine(from start: BytePointer, to end: BytePointer, into batch: inout RecordBatch) {
    var cursor = ByteCursor(start, end: end)
    cursor.skipBlanks()
    if cursor.isAtEnd { return }
    while true {
      let before = (records: batch.records.count, values: batch.values.count, text: batch.text.count)
      guard scanner.scanRecord(&cursor, into: &batch) else { break }
      let objectEnd = cursor.at
      cursor.skipBlanks()
      if cursor.isAtEnd { return outdated.learn(from: start, to: end, &scanner.record, of: batch) }
      // A further object may follow behind a carriage return.
      if ByteScan.first(LineCutter.carriageReturn, from: objectEnd, to: cursor.at) != nil { continue }
      // Something stands behind the object.
      batch.records.removeSubrange(before.records...)
      batch.cut(toValues: before.values, text: before.text)
      break
    }
    batch.countMalformed(.isNot("a JSON object"), from: start, to: end)
  }
}

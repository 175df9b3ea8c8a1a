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
  /// How lines are written of which the digest may be all that is wanted.
  private var shape: JSONShape?
  /// Whether the line at hand has that shape.
  private var isFamiliar = false
  /// How many lines are not learned from: a few behind those of the shape, then twice as many each time.
  private var linesBeforeLearning = 0
  private var patience = 1
  private static let patienceMin = 8
  private static let patienceMax = 1_024

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
      passOutdatedLines(&cursor, end: end, lineBytesMax: lineBytesMax, into: &batch)
    } _: { start, end, batch in
      parseLine(from: start, to: end, into: &batch)
    }
  }

  /// Takes the digests of lines whose numbers the line behind them replaces.
  private mutating func passOutdatedLines(
    _ cursor: inout BytePointer,
    end: BytePointer,
    lineBytesMax: Int,
    into batch: inout RecordBatch
  ) {
    guard let shape, let settled = batch.settledSlots, shape.slotsEnd <= settled else { return }
    var last: BytePointer?
    shape.read { shape in
      while batch.records.count < RecordBatch.recordsMax,
        let newline = ByteScan.first(LineCutter.newline, from: cursor, to: end),
        end - newline >= JSONShape.bytesBehind, newline - cursor <= lineBytesMax,
        let digest = shape.digest(from: cursor, to: newline)
      {
        batch.records.append(RecordBatch.Record(valuesEnd: batch.values.count, digest: digest))
        last = cursor
        cursor = newline + 1
      }
    }
    // The numbers of the last one are not replaced: all of it is read.
    guard let last else { return }
    batch.records.removeLast()
    cursor = last
    isFamiliar = true
  }

  /// The line was a record, or several.
  @inline(__always)
  private mutating func noteShape(from start: BytePointer, to end: BytePointer, of batch: borrowing RecordBatch) {
    if isFamiliar {
      (isFamiliar, linesBeforeLearning, patience) = (false, Self.patienceMin, Self.patienceMin)
    } else if let settled = batch.settledSlots {
      learn(from: start, to: end, settledSlots: settled)
    }
  }

  /// Takes the shape of a line that was a record for that of those which follow, but less and less often while none do.
  private mutating func learn(from start: BytePointer, to end: BytePointer, settledSlots: Int) {
    if linesBeforeLearning > 0 {
      linesBeforeLearning -= 1
      return
    }
    patience = min(2 * patience, Self.patienceMax)
    linesBeforeLearning = patience
    shape = JSONShape(ofLine: start, to: end, record: &scanner.record, settledSlots: settledSlots)
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
      if cursor.isAtEnd { return noteShape(from: start, to: end, of: batch) }
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

package import PatternSyntax
package import StateStore

/// Console lines of pairs such as `loss:1.44 lr:0.01`: every pair of a line is a field of its record. A line without
/// any is unmatched.
package struct PairsFormat: RecordParser {
  package var fields: FieldTable { record.fields }

  private let pattern: PairPattern
  private var lines: ConsoleLines
  private var record: RecordBuilder
  private var pairs: [PairPattern.Pair] = []

  package init(pattern: PairPattern, lineBytesMax: Int, fields: FieldTable) {
    self.pattern = pattern
    lines = ConsoleLines(lineBytesMax: lineBytesMax)
    record = RecordBuilder(fields: fields)
  }

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int {
    guard var scan = ConsoleLines.Scan(bytes, isClosed: isClosed) else { return 0 }
    // A line is handed over from inside `lines`, whose text it may be.
    var lines = self.lines
    self.lines = ConsoleLines(lineBytesMax: lines.lineBytesMax)
    defer { self.lines = lines }
    while batch.records.count < RecordBatch.recordsMax, let line = lines.next(&scan, malformed: &batch.malformed) {
      lines.show(line) { parseLine(from: $0, to: $1, into: &batch) }
    }
    return scan.count
  }

  package func encode(into encoder: inout StateEncoder) { lines.encode(into: &encoder) }

  package mutating func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    try lines.resume(from: &decoder)
  }

  package var learnedCount: Int { record.learnedCount }

  package mutating func share(with other: any RecordParser) -> Bool {
    guard let other = other as? PairsFormat else { return false }
    return record.share(with: other.record)
  }

  private mutating func parseLine(from start: BytePointer, to end: BytePointer, into batch: inout RecordBatch) {
    pattern.find(in: UnsafeRawBufferPointer(start: start, count: end - start), into: &pairs)
    guard !pairs.isEmpty else {
      batch.unmatched += 1
      return
    }
    record.begin(in: batch)
    for pair in pairs {
      let key = UnsafeBufferPointer(start: start + pair.key.lowerBound, count: pair.key.count)
      let place = record.predictedKey(in: .root, raw: key) ?? record.key(key, raw: key, in: .root)
      record.takeText(place, from: start + pair.value.lowerBound, to: start + pair.value.upperBound, into: &batch)
    }
    record.end(in: &batch)
    pairs.shrink()
  }
}

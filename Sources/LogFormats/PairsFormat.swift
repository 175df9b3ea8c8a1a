internal import PatternSyntax

/// Console lines of pairs such as `loss:1.44 lr:0.01`: every pair of a line is a field of its record. A line without
/// any is unmatched.
struct PairsFormat: LineFormat {
  var lines: ConsoleLines
  private let pattern: PairPattern
  private var record: RecordBuilder
  private var pairs: [PairPattern.Pair] = []

  init(pattern: PairPattern, lineBytesMax: Int, fields: FieldTable) {
    self.pattern = pattern
    lines = ConsoleLines(lineBytesMax: lineBytesMax)
    record = RecordBuilder(fields: fields)
  }

  var fields: FieldTable { record.fields }
  var learnedCount: Int { record.learnedCount }

  mutating func share(withSame other: PairsFormat) -> Bool { record.share(with: other.record) }

  mutating func parseLine(from start: BytePointer, to end: BytePointer, into batch: inout RecordBatch) {
    pattern.find(in: UnsafeRawBufferPointer(start: start, count: end - start), into: &pairs)
    guard !pairs.isEmpty else {
      batch.countUnmatched(.noPair, from: start, to: end)
      return
    }
    record.begin(in: batch)
    var next = 0
    for (index, pair) in pairs.enumerated() {
      let key = UnsafeBufferPointer(start: start + pair.key.lowerBound, count: pair.key.count)
      let place = record.predictedKey(in: .root, raw: key) ?? record.key(key, raw: key, in: .root)
      record.takeText(
        place,
        from: start + pair.value.lowerBound,
        to: start + pair.value.upperBound,
        upTo: record.use(of: place).contains(.duration) ? nextKey(behind: index, &next, start) ?? end : nil,
        into: &batch
      )
    }
    record.end(in: &batch)
    pairs.shrink()
  }

  /// Where the next pair begins. In `eta: 1 day, 0:22:36` the second colon parts no pair, whatever the pattern takes it
  /// for: no key begins with a digit.
  ///
  /// - Parameter next: where it was found for the pairs before, so that none is looked at twice.
  private func nextKey(behind index: Int, _ next: inout Int, _ start: BytePointer) -> BytePointer? {
    next = max(next, index + 1)
    while next < pairs.count, start[pairs[next].key.lowerBound] &- 48 <= 9 { next += 1 }
    guard next < pairs.count else { return nil }
    return start + min(pairs[next].key.lowerBound, pairs[next].value.lowerBound)
  }
}

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

  mutating func parseLine(from start: BytePointer, to lineEnd: BytePointer, into batch: inout RecordBatch) {
    pattern.find(in: UnsafeRawBufferPointer(start: start, count: lineEnd - start), into: &pairs)
    guard !pairs.isEmpty else {
      batch.countUnmatched(.noPair, from: start, to: lineEnd)
      return
    }
    record.begin(in: batch)
    var next = 0
    for (index, pair) in pairs.enumerated() {
      let key = UnsafeBufferPointer(start: start + pair.key.lowerBound, count: pair.key.count)
      let place = record.predictedKey(in: .root, raw: key) ?? record.key(key, raw: key, in: .root)
      let (value, written) = (start + pair.value.lowerBound, start + pair.value.upperBound)
      if ListText.begins(with: value.pointee),
        let list = ListText(
          from: value,
          to: Self.nextKey(in: pairs, behind: index, &next, start) ?? lineEnd,
          decimalCommas: fields.decimalCommas
        ), list.end >= written
      {
        record.takeList(place, list, from: value, to: written, into: &batch)
        continue
      }
      let end = Self.withoutBrackets(from: value, to: written)
      let isOpen = end == written && record.use(of: place).contains(.words) && isOpen(index, start)
      record.takeText(
        place,
        from: value,
        to: end,
        upTo: isOpen ? Self.nextKey(in: pairs, behind: index, &next, start) ?? lineEnd : nil,
        writtenTo: end == written ? nil : written,
        into: &batch
      )
    }
    takeLongKey(from: start, to: lineEnd, into: &batch)
    record.end(in: &batch)
    pairs.shrink()
  }

  /// Where a value ends without brackets that close something before it, such as a whole progress bar. Those that it opens
  /// itself are its own.
  private static func withoutBrackets(from start: BytePointer, to end: BytePointer) -> BytePointer {
    var last = end
    for _ in 0..<bracketsMax {
      guard last > start, let open = opening(of: last[-1]) else { break }
      let value = UnsafeBufferPointer(start: start, count: last - start)
      guard value.count(where: { $0 == open }) < value.count(where: { $0 == last[-1] }) else { break }
      last -= 1
    }
    return last > start ? last : end
  }

  /// A bar in a bar in a list: each asks about the whole value.
  private static let bracketsMax = 4

  @inline(__always)
  private static func opening(of byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "]"): UInt8(ascii: "[")
    case UInt8(ascii: ")"): UInt8(ascii: "(")
    case UInt8(ascii: "}"): UInt8(ascii: "{")
    default: nil
    }
  }

  /// Where blanks part pairs, a key is the last word before the separator. A line that has just one pair may have a key of
  /// several words, such as `Mean reward: -7.91`: it is a further field, if the catalog names it in full.
  private mutating func takeLongKey(from start: BytePointer, to end: BytePointer, into batch: inout RecordBatch) {
    guard pairs.count == 1, !fields.longNames.isEmpty, pattern.keysEndAtBlanks, let pair = pairs.first else { return }
    let key = ByteScan.trimmed(from: start, to: start + pair.key.upperBound)
    guard key.start < start + pair.key.lowerBound else { return }
    let bytes = UnsafeBufferPointer(start: key.start, count: key.end - key.start)
    guard fields.longNames.contains(String(decoding: bytes, as: UTF8.self)) else { return }
    let (value, written) = (start + pair.value.lowerBound, start + pair.value.upperBound)
    let valueEnd = Self.withoutBrackets(from: value, to: written)
    record.takeFurther(
      record.key(bytes, raw: bytes, in: .root),
      from: value,
      to: valueEnd,
      upTo: valueEnd == written ? end : nil,
      into: &batch
    )
  }

  /// Whether there is something between a value and the next key that may belong to it. In most lines there are blanks
  /// alone, and perhaps a comma.
  @inline(__always)
  private func isOpen(_ index: Int, _ start: BytePointer) -> Bool {
    let pair = pairs[index]
    if pair.key.lowerBound > pair.value.lowerBound { return false }
    guard index + 1 < pairs.count else { return true }
    let next = pairs[index + 1].key.lowerBound
    var at = pair.value.upperBound
    if at < next, start[at] == UInt8(ascii: ",") { at += 1 }
    while at < next, ByteScan.isBlank(start[at]) { at += 1 }
    return at < next || start[next] &- 48 <= 9
  }

  /// Where the next pair begins. In `eta: 1 day, 0:22:36` the second colon parts no pair, whatever the pattern takes it
  /// for: no key begins with a digit.
  ///
  /// - Parameter next: where it was found for the pairs before, so that none is looked at twice.
  private static func nextKey(
    in pairs: [PairPattern.Pair],
    behind index: Int,
    _ next: inout Int,
    _ start: BytePointer
  ) -> BytePointer? {
    next = max(next, index + 1)
    while next < pairs.count, start[pairs[next].key.lowerBound] &- 48 <= 9 { next += 1 }
    guard next < pairs.count else { return nil }
    return start + min(pairs[next].key.lowerBound, pairs[next].value.lowerBound)
  }
}

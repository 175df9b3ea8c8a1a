internal import CNumbers

/// How a line of JSON is written, up to its values: lines of one program mostly differ in these alone. By it the digest is
/// had of lines of which no more is wanted, since the line behind them has newer numbers in the same fields.
struct JSONShape {
  /// How many bytes have to be readable from a line's end on: they are compared by words, and numbers read by 32 bytes.
  static let bytesBehind = 64
  /// With more values a record is read as any other.
  private static let valuesMax = 256
  /// A number and its minus are seen at once.
  private static let numberBytesMax = 31

  /// A value, with what is written before it.
  fileprivate struct Value {
    var text: Text
    /// The hash of its field's name.
    var nameHash: UInt64
    /// Whether it is a string, which nobody wants, and not a number.
    var isString: Bool
  }

  /// What is the same in all lines, as words.
  fileprivate struct Text {
    /// The places of its words.
    var words: Range<Int>
    var count: Int
    /// The bits of its bytes in the last word.
    var lastMask: UInt64
  }

  private var values: [Value] = []
  private var words: [UInt64] = []
  private var end = Text(words: 0..<0, count: 0, lastMask: 0)
  /// What is in the digest of values that all lines have.
  private var digest: UInt64 = 0
  /// Behind the last slot of a field that somebody wants.
  private(set) var slotsEnd = 0

  // MARK: Reading

  func read(_ body: (Reader) -> Void) {
    values.withUnsafeBufferPointer { values in
      words.withUnsafeBufferPointer { body(Reader(values: values, words: $0, end: end, digest: digest)) }
    }
  }

  struct Reader {
    fileprivate let values: UnsafeBufferPointer<Value>
    fileprivate let words: UnsafeBufferPointer<UInt64>
    fileprivate let end: Text
    fileprivate let digest: UInt64

    /// The digest of a line; nil: it has another shape. No text of the shape and no number has a newline in it, so nothing is
    /// looked at that begins behind the line's end, and each look reaches less than `bytesBehind` further.
    @inline(__always)
    func digest(from start: BytePointer, to lineEnd: BytePointer) -> UInt64? {
      var digest = self.digest
      var at = start
      for value in values {
        guard take(value.text, &at) else { return nil }
        let text = at
        guard value.isString ? Self.skipString(&at, lineEnd) : Self.skipNumber(&at) else { return nil }
        guard value.isString else {
          digest &+= FieldDigest.hash(text, count: at - text, seed: value.nameHash)
          continue
        }
        let trimmed = ByteScan.trimmed(from: text, to: at)
        if NumberParser.isMissing(from: trimmed.start, to: trimmed.end) { continue }
        digest &+= FieldDigest.hash(trimmed.start, count: trimmed.end - trimmed.start, seed: value.nameHash)
      }
      guard take(end, &at) else { return nil }
      let isAtEnd = at == lineEnd || at + 1 == lineEnd && at.pointee == LineCutter.carriageReturn
      return isAtEnd ? digest : nil
    }

    /// The first word that differs ends it, so that it reads less than a word behind the line.
    @inline(__always)
    private func take(_ text: Text, _ at: inout BytePointer) -> Bool {
      var place = UnsafeRawPointer(at)
      let last = text.words.upperBound - 1
      for word in text.words.lowerBound..<last {
        if place.loadUnaligned(as: UInt64.self) != words[word] { return false }
        place += 8
      }
      guard place.loadUnaligned(as: UInt64.self) & text.lastMask == words[last] else { return false }
      at += text.count
      return true
    }

    /// Moves behind a number that begins with a digit and has a point at most; what follows it is the shape's to compare.
    @inline(__always)
    private static func skipNumber(_ at: inout BytePointer) -> Bool {
      let marks = cnumbers_mark_number(at)
      let minus: UInt32 = at.pointee == UInt8(ascii: "-") ? 1 : 0
      let others = ~(marks.digits | marks.points) >> minus
      let length = others.trailingZeroBitCount
      guard length < JSONShape.numberBytesMax, marks.digits >> minus & 1 == 1 else { return false }
      let points = marks.points >> minus & ((1 << UInt32(length)) &- 1)
      guard points & (points &- 1) == 0 else { return false }
      at += length + Int(minus)
      if at.pointee | 0x20 == UInt8(ascii: "e") { return PlainNumber.skipExponent(&at) }
      return true
    }

    /// Moves to the closing quote of a string without escapes.
    private static func skipString(_ at: inout BytePointer, _ lineEnd: BytePointer) -> Bool {
      guard let (quote, hasEscapes) = JSONString.end(from: at, to: lineEnd), !hasEscapes else { return false }
      at = quote
      return true
    }
  }
}

// MARK: - Learning

extension JSONShape {
  /// The shape of a line that was a record a moment ago; nil: what it has is wanted for more than its latest numbers, or not
  /// written plainly.
  init?(ofLine start: BytePointer, to end: BytePointer, record: inout RecordBuilder, settledSlots: Int) {
    var cursor = ByteCursor(start, end: end)
    var text = start
    record.beginAgain()
    guard cursor.isAt(UInt8(ascii: "{")), learn(&cursor, .root, &text, record: &record), slotsEnd <= settledSlots else {
      return nil
    }
    let rest = ByteScan.trimmed(from: cursor.at, to: end)
    guard rest.start == rest.end else { return nil }
    self.end = add(from: text, to: cursor.at)
  }

  /// - Parameter text: where what is written before the next value begins.
  private mutating func learn(
    _ cursor: inout ByteCursor,
    _ place: RecordBuilder.Position,
    _ text: inout BytePointer,
    record: inout RecordBuilder
  ) -> Bool {
    guard place.node != FieldTree.unknown, values.count < Self.valuesMax else { return false }
    let use = record.use(of: place)
    if cursor.take(UInt8(ascii: "{")) {
      return use.isEmpty
        && JSONSyntax.scanItems(&cursor, close: UInt8(ascii: "}")) { cursor in
          let start = cursor.at + 1
          guard let key = JSONSyntax.scanKey(&cursor),
            let quote = JSONString.end(from: start, to: cursor.end)?.quote
          else { return false }
          let raw = UnsafeBufferPointer(start: start, count: quote - start)
          let member = key.withUnsafeBufferPointer { record.key($0, raw: raw, in: place) }
          return learn(&cursor, member, &text, record: &record)
        }
    }
    if cursor.take(UInt8(ascii: "[")) {
      var count = 0
      return use.isEmpty
        && JSONSyntax.scanItems(&cursor, close: UInt8(ascii: "]")) { cursor in
          defer { count += 1 }
          return learn(&cursor, record.element(count, in: place), &text, record: &record)
        }
    }
    if cursor.take(UInt8(ascii: "\"")) {
      guard use.isEmpty, let (quote, hasEscapes) = JSONString.end(from: cursor.at, to: cursor.end), !hasEscapes else {
        return false
      }
      values.append(Value(text: add(from: text, to: cursor.at), nameHash: place.nameHash, isString: true))
      (cursor.at, text) = (quote + 1, quote)
      return true
    }
    let start = cursor.at
    cursor.skip(while: JSONRecordScanner.isWordByte)
    if PlainNumber.isOne(from: start, to: cursor.at) {
      guard use.isEmpty || use.contains(.latest) else { return false }
      if !use.isEmpty { slotsEnd = max(slotsEnd, Int(record.tree.nodes[Int(place.node)].slot) + 1) }
      values.append(Value(text: add(from: text, to: start), nameHash: place.nameHash, isString: false))
      text = cursor.at
      return true
    }
    // A word is part of the shape.
    switch JSONRecordScanner.word(from: start, to: cursor.at) {
    case .null: return use.isEmpty
    case .named:
      digest &+= FieldDigest.hash(start, count: cursor.at - start, seed: place.nameHash)
      return use.isEmpty
    case .number, nil: return false
    }
  }

  private mutating func add(from start: BytePointer, to end: BytePointer) -> Text {
    let first = words.count
    var place = start
    repeat {
      var word: UInt64 = 0
      withUnsafeMutableBytes(of: &word) { bytes in
        bytes.copyBytes(from: UnsafeBufferPointer(start: place, count: min(8, end - place)))
      }
      words.append(word)
      place += 8
    } while place < end
    let bytesInLast = end - start - 8 * (words.count - first - 1)
    var lastMask: UInt64 = 0
    withUnsafeMutableBytes(of: &lastMask) { bytes in
      for index in 0..<bytesInLast { bytes[index] = 0xFF }
    }
    return Text(words: first..<words.count, count: end - start, lastMask: lastMask)
  }
}

/// Turns one Python dict, as `print` and `repr` write it, into a record, in one pass over its bytes: nested dicts, lists
/// and tuples become dotted fields, the last of equal keys wins. JSON objects are dicts too. It builds no tree of values.
struct PydictScanner {
  /// Deeper than any log; the scanner recurses.
  static let depthMax = 64

  enum Outcome {
    /// `cursor` is behind the dict.
    case record
    /// The line ends inside the dict.
    case cut
    /// It is a dict up to `cursor`, and there no more.
    case broken
    /// A brace that begins no dict, or an empty one, which says nothing.
    case none
  }

  /// What the records are made with: it knows the fields.
  var record: RecordBuilder
  private var scratch: [UInt8] = []

  init(fields: FieldTable) {
    record = RecordBuilder(fields: fields)
  }

  /// Scans the dict whose brace is at `cursor` into a record of `batch`. Unless it is one, the batch is as before.
  /// `cursor` always moves.
  mutating func scanRecord(_ cursor: inout ByteCursor, into batch: inout RecordBatch) -> Outcome {
    cursor.at += 1
    cursor.skipBlanks()
    guard Self.beginsMember(at: cursor) else {
      // A key that stays open up to the line's end may be one that was cut.
      return Self.isOpenString(at: cursor) ? .cut : .none
    }
    record.begin(in: batch)
    if scanMembers(&cursor, in: .root, depth: 1, into: &batch) {
      record.end(in: &batch)
      scratch.shrink()
      return .record
    }
    record.giveUp(in: &batch)
    return cursor.isAtEnd ? .cut : .broken
  }

  /// Whether a key, which is a text or a number, and a colon stand here, and so no element of a set.
  private static func beginsMember(at start: ByteCursor) -> Bool {
    var cursor = start
    if PythonString.begins(at: &cursor) {
      guard PythonString.scan(&cursor) != nil else { return false }
    } else {
      guard beginsNumberKey(at: cursor) else { return false }
      cursor.skip(while: isWordByte)
    }
    cursor.skipBlanks()
    return cursor.isAt(UInt8(ascii: ":"))
  }

  private static func isOpenString(at start: ByteCursor) -> Bool {
    var cursor = start
    guard PythonString.begins(at: &cursor) else { return false }
    if PythonString.scan(&cursor) != nil { cursor.skipBlanks() }
    return cursor.isAtEnd
  }

  // MARK: Members and elements

  private mutating func scanMembers(
    _ cursor: inout ByteCursor,
    in parent: RecordBuilder.Place,
    depth: Int,
    into batch: inout RecordBatch
  ) -> Bool {
    while true {
      cursor.skipBlanks()
      // Also behind a comma.
      if cursor.take(UInt8(ascii: "}")) { return true }
      guard let place = scanKey(&cursor, in: parent) else { return false }
      cursor.skipBlanks()
      guard cursor.take(UInt8(ascii: ":")) else { return false }
      cursor.skipBlanks()
      guard scanValue(&cursor, place, depth: depth, into: &batch) else { return false }
      cursor.skipBlanks()
      guard cursor.take(UInt8(ascii: ",")) || cursor.isAt(UInt8(ascii: "}")) else { return false }
    }
  }

  private mutating func scanKey(
    _ cursor: inout ByteCursor,
    in parent: RecordBuilder.Place
  ) -> RecordBuilder.Place? {
    guard PythonString.begins(at: &cursor) else { return scanOtherKey(&cursor, in: parent) }
    guard let (text, hasEscapes) = PythonString.scan(&cursor) else { return nil }
    let raw = UnsafeBufferPointer(start: text.0, count: text.1 - text.0)
    if let place = record.predictedKey(in: parent, raw: raw) { return place }
    guard hasEscapes else { return record.key(raw, raw: raw, in: parent) }
    scratch.removeAll(keepingCapacity: true)
    PythonString.unescape(from: text.0, to: text.1, into: &scratch)
    return scratch.withUnsafeBufferPointer { record.key($0, raw: raw, in: parent) }
  }

  /// A number, by its text.
  @inline(never)
  private mutating func scanOtherKey(
    _ cursor: inout ByteCursor,
    in parent: RecordBuilder.Place
  ) -> RecordBuilder.Place? {
    guard Self.beginsNumberKey(at: cursor) else { return nil }
    let start = cursor.at
    cursor.skip(while: Self.isWordByte)
    let raw = UnsafeBufferPointer(start: start, count: cursor.at - start)
    return record.predictedKey(in: parent, raw: raw) ?? record.key(raw, raw: raw, in: parent)
  }

  private mutating func scanElements(
    _ cursor: inout ByteCursor,
    close: UInt8,
    in parent: RecordBuilder.Place,
    depth: Int,
    into batch: inout RecordBatch
  ) -> Bool {
    var index = 0
    while true {
      cursor.skipBlanks()
      if cursor.isAtEnd { return false }
      if cursor.take(close) { return true }
      let place = record.element(index, in: parent)
      guard scanValue(&cursor, place, depth: depth, into: &batch) else { return false }
      index += 1
      cursor.skipBlanks()
      guard cursor.take(UInt8(ascii: ",")) || cursor.isAt(close) else { return false }
    }
  }
}

// MARK: - Values

extension PydictScanner {
  @inline(__always)
  private mutating func scanValue(
    _ cursor: inout ByteCursor,
    _ place: RecordBuilder.Place,
    depth: Int,
    into batch: inout RecordBatch
  ) -> Bool {
    let start = cursor.at
    if let number = NumberParser.scanExact(&cursor), cursor.isAtEnd || !Self.isWordByte(cursor.at.pointee) {
      record.takeNumber(number, place, from: start, to: cursor.at, into: &batch)
      return true
    }
    cursor.at = start
    return scanRest(&cursor, place, depth: depth, into: &batch)
  }

  /// A value that is no short number.
  @inline(never)
  private mutating func scanRest(
    _ cursor: inout ByteCursor,
    _ place: RecordBuilder.Place,
    depth: Int,
    into batch: inout RecordBatch
  ) -> Bool {
    guard !cursor.isAtEnd else { return false }
    if PythonString.begins(at: &cursor) { return scanString(&cursor, place, into: &batch) }
    let start = cursor.at
    switch start.pointee {
    case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "("):
      guard depth < Self.depthMax else { return false }
      record.takeContainer(place, into: &batch)
      let open = start.pointee
      cursor.at += 1
      cursor.skipBlanks()
      if open == UInt8(ascii: "{"), Self.beginsMember(at: cursor) {
        return scanMembers(&cursor, in: place, depth: depth + 1, into: &batch)
      }
      let close = open == UInt8(ascii: "(") ? UInt8(ascii: ")") : open + 2
      return scanElements(&cursor, close: close, in: place, depth: depth + 1, into: &batch)
    case UInt8(ascii: "<"):
      // An object without a form of its own, such as `<Strategy.STEPS: 'steps'>`.
      guard Self.skipAngles(&cursor) else { return false }
      record.takeText(place, from: start, to: cursor.at, into: &batch)
      return true
    default:
      cursor.skip(while: Self.isWordByte)
      guard cursor.at > start else { return false }
      if cursor.isAt(UInt8(ascii: "(")) {
        return scanCall(&cursor, from: start, place, depth: depth, into: &batch)
      }
      takeWord(place, from: start, to: cursor.at, into: &batch)
      return true
    }
  }

  private mutating func scanString(
    _ cursor: inout ByteCursor,
    _ place: RecordBuilder.Place,
    into batch: inout RecordBatch
  ) -> Bool {
    guard let (text, hasEscapes) = PythonString.scan(&cursor) else { return false }
    let raw = ByteScan.trimmed(from: text.0, to: text.1)
    guard hasEscapes else {
      record.takeText(place, from: raw.start, to: raw.end, into: &batch)
      return true
    }
    scratch.removeAll(keepingCapacity: true)
    PythonString.unescape(from: text.0, to: text.1, into: &scratch)
    record.takeText(place, scratch, raw: raw, into: &batch)
    return true
  }

  /// `np.float64(0.5)`, `tensor(0.5, device='cuda:0')`, `PosixPath('runs')`: the value is the first argument, unless that
  /// has a name. With `cursor` at the bracket and the name before it from `start`.
  private mutating func scanCall(
    _ cursor: inout ByteCursor,
    from start: BytePointer,
    _ place: RecordBuilder.Place,
    depth: Int,
    into batch: inout RecordBatch
  ) -> Bool {
    guard depth < Self.depthMax else { return false }
    cursor.at += 1
    var argument = cursor
    argument.skipBlanks()
    var afterName = argument
    afterName.skip(while: Self.isWordByte)
    let isNamed = afterName.at > argument.at && afterName.isAt(UInt8(ascii: "="))
    if isNamed || argument.isAt(UInt8(ascii: ")")) {
      guard Self.skipToClose(&cursor) else { return false }
      record.takeText(place, from: start, to: cursor.at, into: &batch)
      return true
    }
    cursor = argument
    guard scanRestOrNumber(&cursor, place, depth: depth + 1, into: &batch) else { return false }
    return Self.skipToClose(&cursor)
  }

  /// `scanValue`, which goes into its callers whole, for a caller that it calls itself.
  @inline(never)
  private mutating func scanRestOrNumber(
    _ cursor: inout ByteCursor,
    _ place: RecordBuilder.Place,
    depth: Int,
    into batch: inout RecordBatch
  ) -> Bool {
    scanValue(&cursor, place, depth: depth, into: &batch)
  }

  /// A long number, a word that stands for a value, or a name.
  private mutating func takeWord(
    _ place: RecordBuilder.Place,
    from start: BytePointer,
    to end: BytePointer,
    into batch: inout RecordBatch
  ) {
    if Self.isWord(start, end, "True") || Self.isWord(start, end, "true") || Self.isWord(start, end, "np.True_") {
      record.takeWord(1, place, from: start, to: end, into: &batch)
    } else if Self.isWord(start, end, "False") || Self.isWord(start, end, "false")
      || Self.isWord(start, end, "np.False_")
    {
      record.takeWord(0, place, from: start, to: end, into: &batch)
    } else if start.pointee &- 48 <= 9 || start.pointee == UInt8(ascii: "-"),
      let number = NumberParser.parse(from: start, to: end), number.isFinite
    {
      record.takeNumber(number, place, from: start, to: end, into: &batch)
    } else {
      record.takeText(place, from: start, to: end, into: &batch)
    }
  }

  private static func isWord(_ start: BytePointer, _ end: BytePointer, _ word: StaticString) -> Bool {
    end - start == word.utf8CodeUnitCount
      && UnsafeBufferPointer(start: start, count: end - start).elementsEqual(
        UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
      )
  }

  /// Letters, digits and what stands in numbers and dotted names.
  private static func isWordByte(_ byte: UInt8) -> Bool {
    JSONRecordScanner.isWordByte(byte) || byte == UInt8(ascii: "_")
  }

  private static func beginsNumberKey(at cursor: ByteCursor) -> Bool {
    !cursor.isAtEnd && (cursor.at.pointee &- 48 <= 9 || cursor.at.pointee == UInt8(ascii: "-"))
  }
}

// MARK: - What is not taken

extension PydictScanner {
  /// Moves behind the bracket that closes what the cursor is in. False: `cursor` is at its end, or at a character that a
  /// string cannot have.
  private static func skipToClose(_ cursor: inout ByteCursor) -> Bool {
    var depth = 1
    while !cursor.isAtEnd {
      switch cursor.at.pointee {
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        guard PythonString.scan(&cursor) != nil else { return false }
        continue
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
      cursor.at += 1
      if depth == 0 { return true }
    }
    return false
  }

  private static func skipAngles(_ cursor: inout ByteCursor) -> Bool {
    var depth = 0
    while !cursor.isAtEnd {
      if cursor.isAt(UInt8(ascii: "<")) { depth += 1 }
      if cursor.isAt(UInt8(ascii: ">")) { depth -= 1 }
      cursor.at += 1
      if depth == 0 { return true }
    }
    return false
  }
}

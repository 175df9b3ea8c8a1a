internal import Glibc

/// Turns one JSON object into a record, in one pass over its bytes: nested objects and arrays become dotted fields, the
/// last of equal keys wins. It builds no tree of values, and it checks the syntax also of what nobody wants.
struct JSONRecordScanner {
  /// Deeper than any log; the scanner recurses.
  static let depthMax = 64

  /// What the records are made with: it knows the fields.
  var record: RecordBuilder
  /// What is known of the columns of a document.
  var columns = DocumentColumns()
  private var scratch: [UInt8] = []

  init(fields: FieldTable) {
    record = RecordBuilder(fields: fields)
  }

  /// Scans the object that begins at `cursor` into a record of `batch` and moves past it. False: it is none, and the
  /// batch is as before.
  mutating func scanRecord(_ cursor: inout ByteCursor, into batch: inout RecordBatch) -> Bool {
    guard cursor.isAt(UInt8(ascii: "{")) else { return false }
    record.begin(in: batch)
    cursor.at += 1
    guard scanMembers(&cursor, in: .root, depth: 1, into: &batch) else {
      record.giveUp(in: &batch)
      return false
    }
    record.end(in: &batch)
    scratch.shrink()
    return true
  }

  /// Scans the value that begins at `cursor` into the record at hand, as the one of a field that is known. False: it is
  /// none.
  mutating func scanField(
    _ cursor: inout ByteCursor,
    _ place: RecordBuilder.Position,
    into batch: inout RecordBatch
  ) -> Bool {
    scanValue(&cursor, place, depth: 1, into: &batch)
  }

  /// An array whose elements belong to one record each.
  fileprivate struct Column {
    /// The keys that lead to it, as they are and as they are written.
    var keys: [(text: [UInt8], raw: UnsafeBufferPointer<UInt8>)]
    /// At its next element; nil: it has no more.
    var rest: ByteCursor?
    /// How many elements were taken.
    var count = 0
    var known: DocumentColumns.Column

    var name: String { keys.map { String(decoding: $0.text, as: UTF8.self) }.joined(separator: ".") }
  }

  private var hasArrays = false
  private var hasSingleValues = false
  /// Whether the object whose columns were scanned last has values, but none in arrays.
  var lacksColumns: Bool { hasSingleValues && !hasArrays }

  /// Scans the object that begins at `cursor` into records of `batch` and moves past it: the elements with one index, of
  /// all arrays in it and in the objects that it holds, are one record. False: it is none, and some records may be there.
  mutating func scanColumns(_ cursor: inout ByteCursor, into batch: inout RecordBatch) -> Bool {
    var columns: [Column] = []
    (hasArrays, hasSingleValues) = (false, false)
    guard findColumns(&cursor, [], &columns) else { return false }
    var records = 0
    while columns.contains(where: { $0.rest != nil }) {
      record.begin(in: batch)
      for index in columns.indices {
        guard let place = place(of: columns[index]) else { continue }
        let (digest, values) = (record.digest, batch.values.count)
        let depth = columns[index].keys.count + 1
        guard columns[index].takeElement({ scanValue(&$0, place, depth: depth, into: &batch) }) else { return false }
        if columns[index].isOutsideDigest { record.leaveOut(since: digest) }
        if columns[index].isLate {
          for value in batch.values.indices[values...] { batch.values[value].isLate = true }
          batch.hasLateValues = true
        }
      }
      record.end(in: &batch)
      records += 1
    }
    self.columns.update(columns.map { ($0.name, $0.count) }, of: records)
    return true
  }

  private mutating func findColumns(
    _ cursor: inout ByteCursor,
    _ keys: [(text: [UInt8], raw: UnsafeBufferPointer<UInt8>)],
    _ columns: inout [Column]
  ) -> Bool {
    guard cursor.take(UInt8(ascii: "{")), keys.count + 1 < Self.depthMax else { return false }
    return JSONSyntax.scanItems(&cursor, close: UInt8(ascii: "}")) { cursor in
      let start = cursor.at + 1
      guard let text = JSONSyntax.scanKey(&cursor), let quote = JSONString.end(from: start, to: cursor.end)?.quote
      else { return false }
      let keys = keys + [(text, UnsafeBufferPointer(start: start, count: quote - start))]
      if cursor.isAt(UInt8(ascii: "{")) { return findColumns(&cursor, keys, &columns) }
      var elements = cursor
      guard JSONSyntax.skipValue(&cursor, depth: keys.count) else { return false }
      guard elements.take(UInt8(ascii: "[")) else {
        hasSingleValues = true
        return true
      }
      hasArrays = true
      elements.skipBlanks()
      if elements.isAt(UInt8(ascii: "]")) { return true }
      guard columns.count < RecordBuilder.fieldsPerRecordMax else {
        record.fields.tell(.recordFields)
        return true
      }
      var column = Column(keys: keys, rest: elements, known: DocumentColumns.Column())
      column.known = self.columns.column(column.name)
      columns.append(column)
      return true
    }
  }

  /// nil: the column has no element left.
  private mutating func place(of column: Column) -> RecordBuilder.Position? {
    guard column.rest != nil else { return nil }
    return column.keys.reduce(.root) { parent, key in
      record.predictedKey(in: parent, raw: key.raw)
        ?? key.text.withUnsafeBufferPointer { record.key($0, raw: key.raw, in: parent) }
    }
  }

  private mutating func scanMembers(
    _ cursor: inout ByteCursor,
    in parent: RecordBuilder.Position,
    depth: Int,
    into batch: inout RecordBatch
  ) -> Bool {
    cursor.skipBlanks()
    if cursor.take(UInt8(ascii: "}")) { return true }
    while true {
      guard cursor.take(UInt8(ascii: "\"")) else { return false }
      let place: RecordBuilder.Position
      if let predicted = record.predictedKey(in: parent, &cursor) {
        place = predicted
      } else {
        guard let key = scanKey(&cursor, in: parent) else { return false }
        place = key
      }
      cursor.skipBlanks()
      guard cursor.take(UInt8(ascii: ":")) else { return false }
      cursor.skipBlanks()
      guard scanValue(&cursor, place, depth: depth, into: &batch) else { return false }
      cursor.skipBlanks()
      if cursor.take(UInt8(ascii: "}")) { return true }
      guard cursor.take(UInt8(ascii: ",")) else { return false }
      cursor.skipBlanks()
    }
  }

  /// A key that was not predicted, with `cursor` behind its opening quote.
  @inline(never)
  private mutating func scanKey(_ cursor: inout ByteCursor, in parent: RecordBuilder.Position) -> RecordBuilder
    .Position?
  {
    let start = cursor.at
    guard let (quote, hasEscapes) = JSONString.end(from: start, to: cursor.end) else { return nil }
    cursor.at = quote + 1
    let raw = UnsafeBufferPointer(start: start, count: quote - start)
    guard hasEscapes else { return record.key(raw, raw: raw, in: parent) }
    scratch.removeAll(keepingCapacity: true)
    guard JSONString.unescape(from: start, to: quote, into: &scratch) else { return nil }
    return scratch.withUnsafeBufferPointer { record.key($0, raw: raw, in: parent) }
  }

  private mutating func scanElements(
    _ cursor: inout ByteCursor,
    in parent: RecordBuilder.Position,
    depth: Int,
    into batch: inout RecordBatch
  ) -> Bool {
    cursor.skipBlanks()
    if cursor.isAtEnd { return false }
    if cursor.take(UInt8(ascii: "]")) { return true }
    var index = 0
    while true {
      let place = record.element(index, in: parent)
      guard scanValue(&cursor, place, depth: depth, into: &batch) else { return false }
      cursor.skipBlanks()
      if cursor.take(UInt8(ascii: "]")) { return true }
      guard cursor.take(UInt8(ascii: ",")) else { return false }
      cursor.skipBlanks()
      index += 1
    }
  }

  @inline(__always)
  private mutating func scanValue(
    _ cursor: inout ByteCursor,
    _ place: RecordBuilder.Position,
    depth: Int,
    into batch: inout RecordBatch
  ) -> Bool {
    let start = cursor.at
    if Self.beginsLikeNumber(start, cursor.end), let number = NumberParser.scanExact(&cursor) {
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
    _ place: RecordBuilder.Position,
    depth: Int,
    into batch: inout RecordBatch
  ) -> Bool {
    guard !cursor.isAtEnd else { return false }
    let start = cursor.at
    switch start.pointee {
    case UInt8(ascii: "\""):
      return scanString(&cursor, place, into: &batch)
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard depth < Self.depthMax else { return false }
      record.takeContainer(place, into: &batch)
      cursor.at += 1
      return start.pointee == UInt8(ascii: "{")
        ? scanMembers(&cursor, in: place, depth: depth + 1, into: &batch)
        : scanElements(&cursor, in: place, depth: depth + 1, into: &batch)
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      cursor.skip(while: Self.isWordByte)
      return scanWord(from: start, to: cursor.at, place, into: &batch)
    default:
      return false
    }
  }

  @inline(__always)
  static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// A long number or one of JSON's words.
  private mutating func scanWord(
    from start: BytePointer,
    to end: BytePointer,
    _ place: RecordBuilder.Position,
    into batch: inout RecordBatch
  ) -> Bool {
    guard let word = Self.word(from: start, to: end) else { return false }
    switch word {
    case .null: record.takeMissing(place, in: &batch)
    case .number(let number): record.takeNumber(number, place, from: start, to: end, into: &batch)
    case .named(let number): record.takeWord(number, place, from: start, to: end, into: &batch)
    }
    return true
  }

  enum Word {
    case null
    case number(Double)
    /// `true`, `false`, `NaN`, `Infinity`, `-Infinity`: a number whose text stays.
    case named(Double)
  }

  /// What a run of word bytes stands for; nil where JSON has no such word.
  static func word(from start: BytePointer, to end: BytePointer) -> Word? {
    if isWord(start, end, "null") { return .null }
    if isWord(start, end, "true") { return .named(1) }
    if isWord(start, end, "false") { return .named(0) }
    if isWord(start, end, "NaN") { return .named(.nan) }
    if isWord(start, end, "Infinity") { return .named(.infinity) }
    if isWord(start, end, "-Infinity") { return .named(-.infinity) }
    guard beginsLikeNumber(start, end) else { return nil }
    return NumberParser.parse(from: start, to: end).map { .number($0) }
  }

  private static func isWord(_ start: BytePointer, _ end: BytePointer, _ word: StaticString) -> Bool {
    end - start == word.utf8CodeUnitCount && memcmp(start, word.utf8Start, word.utf8CodeUnitCount) == 0
  }

  @inline(__always)
  private static func beginsLikeNumber(_ start: BytePointer, _ end: BytePointer) -> Bool {
    guard start < end else { return false }
    let digit = start.pointee == UInt8(ascii: "-") ? start + 1 : start
    return digit < end && digit.pointee &- 48 <= 9
  }

  private mutating func scanString(
    _ cursor: inout ByteCursor,
    _ place: RecordBuilder.Position,
    into batch: inout RecordBatch
  ) -> Bool {
    guard let (quote, hasEscapes) = JSONString.end(from: cursor.at + 1, to: cursor.end) else { return false }
    let raw = ByteScan.trimmed(from: cursor.at + 1, to: quote)
    cursor.at = quote + 1
    guard hasEscapes else {
      record.takeText(place, from: raw.start, to: raw.end, into: &batch)
      return true
    }
    scratch.removeAll(keepingCapacity: true)
    guard JSONString.unescape(from: raw.start, to: raw.end, into: &scratch) else { return false }
    record.takeText(place, scratch, raw: raw, into: &batch)
    return true
  }
}

extension JSONRecordScanner.Column {
  /// Hands over the cursor at the next element, and moves behind it. False: it is none.
  fileprivate mutating func takeElement(_ scan: (inout ByteCursor) -> Bool) -> Bool {
    guard var cursor = rest, scan(&cursor) else { return false }
    cursor.skipBlanks()
    let isLast = !cursor.take(UInt8(ascii: ","))
    cursor.skipBlanks()
    rest = isLast ? nil : cursor
    count += 1
    return true
  }

  /// Whether the element that was taken last came when its record was there already.
  fileprivate var isOutsideDigest: Bool { known.inDigest.map { count > $0 } ?? false }

  /// Whether it was not there when the document was read last.
  fileprivate var isLate: Bool { count > known.count }
}

extension FormatDescriptor {
  static let json = FormatDescriptor(
    name: "json",
    help: """
      a JSON document, which is one record, or a list of them: a document that is an array, or an array in it that `records` \
      names. Nested values have dotted names
      """,
    keys: [
      Key(
        name: "records",
        form: .text { path in
          if path.isEmpty { return Mistake("this text cannot be empty", help: #"the document itself is `"."`"#) }
          let names = path.split(separator: ".", omittingEmptySubsequences: false)
          guard path != ".", names.contains(where: \.isEmpty) else { return nil }
          return Mistake("a dotted path has a name between its dots, such as `log_history`")
        },
        help: """
          dotted path of the array that holds the records, or `.` for a document that is that array itself. Default: a \
          document that is an array is its records, and any other is one record
          """
      ),
      Key(
        name: "orient",
        form: .text { word in
          if ["records", "columns"].contains(word) { return nil }
          let help = #"`records` for `[{"loss": 1}, {"loss": 2}]`, `columns` for `{"loss": [1, 2]}`"#
          return Mistake("records lie in a document as `records` or as `columns`", help: help)
        },
        byDefault: .text("records"),
        help: """
          `columns` for records that lie side by side in arrays, such as `{"loss": [1, 2], "val_loss": [3, 4]}` \
          ([below](#columns-of-json)); default `records`
          """
      ),
    ],
    content: .document(
      Document(
        bytesMax: JSONFormat.documentBytesMax,
        // A JSON document says itself where it ends.
        unendedBytesMax: 0,
        parser: {
          JSONFormat(records: $0.text("records"), inColumns: $0.text("orient") == "columns", fields: $1)
        }
      )
    )
  )
}

/// A whole JSON document: its records are the objects of one of its arrays, or what stands in its arrays side by side, or it
/// is one record itself. It is read whole or not at all: half a document is one that is being written.
package struct JSONFormat: DocumentParser {
  /// A `trainer_state.json` of a million steps has about so much; a larger document is no log.
  static let documentBytesMax = 64 << 20

  package var fields: FieldTable { scanner.record.fields }

  package var columns: DocumentColumns {
    get { scanner.columns }
    set { scanner.columns = newValue }
  }

  private var scanner: JSONRecordScanner
  private let path: [UInt8]?
  private let inColumns: Bool

  /// - Parameters:
  ///   - records: the dotted path of the array whose objects are the records; `.` for a document that is that array itself;
  ///     nil: it is where it is an array, and otherwise it is one record.
  ///   - inColumns: whether the path leads to an object whose arrays are the columns of a table instead.
  package init(records: String?, inColumns: Bool = false, fields: FieldTable) {
    let path = records ?? (inColumns ? "." : nil)
    self.path = path.map { $0 == "." ? [] : Array($0.utf8) }
    self.inColumns = inColumns
    scanner = JSONRecordScanner(fields: fields)
  }

  /// Parses a document. Elements of a list of records that are no objects are malformed.
  package mutating func parseDocument(
    _ bytes: UnsafeRawBufferPointer,
    isAtRest: Bool,
    into batch: inout RecordBatch
  ) -> DocumentContent {
    guard let base = bytes.baseAddress, bytes.count <= Self.documentBytesMax else { return .half }
    let before = BatchMark(batch)
    let start = base.assumingMemoryBound(to: UInt8.self)
    let end = start + bytes.count
    var cursor = ByteCursor(ByteScan.skippingMark(from: start, to: end), end: end)
    cursor.skipBlanks()
    var content = DocumentContent.nothing
    var isWhole: Bool
    if let path {
      isWhole = path.withUnsafeBufferPointer { find($0[...], &cursor, depth: 0, &content, into: &batch) }
    } else if cursor.isAt(UInt8(ascii: "[")) {
      isWhole = scanList(&cursor, &content, into: &batch)
    } else if cursor.isAt(UInt8(ascii: "{")) {
      content = .record
      isWhole = scanner.scanRecord(&cursor, into: &batch)
    } else {
      isWhole = JSONSyntax.skipValue(&cursor)
    }
    cursor.skipBlanks()
    isWhole = isWhole && cursor.isAtEnd
    if !isWhole || content == .nothing { before.restore(&batch) }
    return isWhole ? content : .half
  }

  /// The records at `cursor`, if they are there.
  private mutating func scanList(
    _ cursor: inout ByteCursor,
    _ content: inout DocumentContent,
    into batch: inout RecordBatch
  ) -> Bool {
    if inColumns, cursor.isAt(UInt8(ascii: "{")) {
      let isWhole = scanner.scanColumns(&cursor, into: &batch)
      content = scanner.lacksColumns ? .nothing : .records
      return isWhole
    }
    guard !inColumns, cursor.take(UInt8(ascii: "[")) else {
      content = .nothing
      return JSONSyntax.skipValue(&cursor)
    }
    content = .records
    return JSONSyntax.scanItems(&cursor, close: UInt8(ascii: "]")) { scanElement(&$0, into: &batch) }
  }

  /// An object is a record, anything else is malformed.
  private mutating func scanElement(_ cursor: inout ByteCursor, into batch: inout RecordBatch) -> Bool {
    if cursor.isAt(UInt8(ascii: "{")) { return scanner.scanRecord(&cursor, into: &batch) }
    let start = cursor.at
    guard JSONSyntax.skipValue(&cursor) else { return false }
    batch.countMalformed(.isNot("a JSON object"), from: start, to: cursor.at)
    return true
  }

  private mutating func find(
    _ path: Slice<UnsafeBufferPointer<UInt8>>,
    _ cursor: inout ByteCursor,
    depth: Int,
    _ content: inout DocumentContent,
    into batch: inout RecordBatch
  ) -> Bool {
    guard depth < JSONRecordScanner.depthMax else { return false }
    if path.isEmpty { return scanList(&cursor, &content, into: &batch) }
    guard cursor.take(UInt8(ascii: "{")) else { return JSONSyntax.skipValue(&cursor) }
    let before = BatchMark(batch)
    return JSONSyntax.scanItems(&cursor, close: UInt8(ascii: "}")) { cursor in
      guard let key = JSONSyntax.scanKey(&cursor) else { return false }
      guard let rest = Self.rest(of: path, after: key) else { return JSONSyntax.skipValue(&cursor) }
      // Of equal keys the last wins.
      before.restore(&batch)
      content = .nothing
      return find(rest, &cursor, depth: depth + 1, &content, into: &batch)
    }
  }

  /// What is left of a path behind a key, which may have dots itself; nil where the path does not begin with it.
  private static func rest(
    of path: Slice<UnsafeBufferPointer<UInt8>>,
    after key: [UInt8]
  ) -> Slice<UnsafeBufferPointer<UInt8>>? {
    guard path.starts(with: key) else { return nil }
    let rest = path.dropFirst(key.count)
    if rest.isEmpty { return rest }
    return rest.first == UInt8(ascii: ".") && rest.count > 1 ? rest.dropFirst() : nil
  }
}

/// Where a batch ended.
private struct BatchMark {
  private let records: Int
  private let values: Int
  private let text: Int
  private let malformed: Int

  init(_ batch: borrowing RecordBatch) {
    (records, values, text, malformed) = (batch.records.count, batch.values.count, batch.text.count, batch.malformed)
  }

  /// Takes back what was added since.
  func restore(_ batch: inout RecordBatch) {
    batch.records.removeSubrange(records...)
    batch.cut(toValues: values, text: text)
    batch.malformed = malformed
  }
}

/// JSON's syntax for what is not taken: skipped, but checked.
enum JSONSyntax {
  /// Skips the value at `cursor`; false where it is none or nested too deep.
  static func skipValue(_ cursor: inout ByteCursor, depth: Int = 1) -> Bool {
    guard depth <= JSONRecordScanner.depthMax else { return false }
    if cursor.take(UInt8(ascii: "{")) {
      return scanItems(&cursor, close: UInt8(ascii: "}")) { scanKey(&$0) != nil && skipValue(&$0, depth: depth + 1) }
    }
    if cursor.take(UInt8(ascii: "[")) {
      return scanItems(&cursor, close: UInt8(ascii: "]")) { skipValue(&$0, depth: depth + 1) }
    }
    let start = cursor.at
    if cursor.isAt(UInt8(ascii: "\"")) {
      guard let (quote, _) = JSONString.end(from: start + 1, to: cursor.end) else { return false }
      cursor.at = quote + 1
      return true
    }
    cursor.skip(while: JSONRecordScanner.isWordByte)
    return JSONRecordScanner.word(from: start, to: cursor.at) != nil
  }

  /// Scans the items behind an opening bracket up to `close`, with commas between them.
  static func scanItems(_ cursor: inout ByteCursor, close: UInt8, item: (inout ByteCursor) -> Bool) -> Bool {
    cursor.skipBlanks()
    if cursor.take(close) { return true }
    while item(&cursor) {
      cursor.skipBlanks()
      if cursor.take(close) { return true }
      guard cursor.take(UInt8(ascii: ",")) else { return false }
      cursor.skipBlanks()
    }
    return false
  }

  /// A key's text, with `cursor` at its quote; moves behind its colon.
  static func scanKey(_ cursor: inout ByteCursor) -> [UInt8]? {
    guard cursor.take(UInt8(ascii: "\"")), let (quote, _) = JSONString.end(from: cursor.at, to: cursor.end) else {
      return nil
    }
    var key: [UInt8] = []
    guard JSONString.unescape(from: cursor.at, to: quote, into: &key) else { return nil }
    cursor.at = quote + 1
    cursor.skipBlanks()
    guard cursor.take(UInt8(ascii: ":")) else { return nil }
    cursor.skipBlanks()
    return key
  }
}

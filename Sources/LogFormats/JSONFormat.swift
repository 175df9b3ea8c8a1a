extension FormatDescriptor {
  static let json = FormatDescriptor(
    name: "json",
    help: "a JSON document, which is one record, or with `records` a list of them. Nested values have dotted names",
    keys: [
      Key(
        name: "records",
        form: .text { path in
          if path.isEmpty { return Mistake("this text cannot be empty") }
          let names = path.split(separator: ".", omittingEmptySubsequences: false)
          guard names.contains(where: \.isEmpty) else { return nil }
          return Mistake("a dotted path has a name between its dots, such as `log_history`")
        },
        help: "dotted path of the array that holds the records. Default: the whole document is one record"
      )
    ],
    content: .document(
      Document(
        bytesMax: JSONFormat.documentBytesMax,
        // A JSON document says itself where it ends.
        unendedBytesMax: 0,
        isOneRecord: { $0.text("records") == nil },
        parser: { JSONFormat(records: $0.text("records"), fields: $1) }
      )
    )
  )
}

/// A whole JSON document: its records are the objects of one of its arrays, or it is one record itself. It is read whole
/// or not at all: half a document is one that is being written.
package struct JSONFormat: DocumentParser {
  /// A `trainer_state.json` of a million steps has about so much; a larger document is no log.
  static let documentBytesMax = 64 << 20

  package var fields: FieldTable { scanner.record.fields }

  private var scanner: JSONRecordScanner
  private let path: [UInt8]?

  /// - Parameter records: the dotted path of the array whose objects are the records; an empty one for a document that is
  ///   that array itself; nil: the document is one record.
  package init(records: String?, fields: FieldTable) {
    path = records.map { Array($0.utf8) }
    scanner = JSONRecordScanner(fields: fields)
  }

  /// Parses a document. False: it is not whole or not JSON, and the batch is as before. Elements of the array that are no
  /// objects are malformed; a path that leads to no array leads to no records.
  package mutating func parseDocument(
    _ bytes: UnsafeRawBufferPointer,
    isAtRest: Bool,
    into batch: inout RecordBatch
  ) -> Bool {
    guard let base = bytes.baseAddress, bytes.count <= Self.documentBytesMax else { return false }
    let before = (records: batch.records.count, values: batch.values.count, text: batch.text.count, batch.malformed)
    let start = base.assumingMemoryBound(to: UInt8.self)
    let end = start + bytes.count
    var cursor = ByteCursor(ByteScan.skippingMark(from: start, to: end), end: end)
    cursor.skipBlanks()
    let isWhole: Bool
    if let path {
      isWhole = path.withUnsafeBufferPointer { find($0[...], &cursor, depth: 0, into: &batch) }
    } else {
      isWhole = scanElement(&cursor, into: &batch)
    }
    cursor.skipBlanks()
    if isWhole, cursor.isAtEnd { return true }
    batch.records.removeSubrange(before.records...)
    batch.cut(toValues: before.values, text: before.text)
    batch.malformed = before.3
    return false
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
    into batch: inout RecordBatch
  ) -> Bool {
    guard depth < JSONRecordScanner.depthMax else { return false }
    if path.isEmpty {
      guard cursor.take(UInt8(ascii: "[")) else { return JSONSyntax.skipValue(&cursor) }
      return JSONSyntax.scanItems(&cursor, close: UInt8(ascii: "]")) { scanElement(&$0, into: &batch) }
    }
    guard cursor.take(UInt8(ascii: "{")) else { return JSONSyntax.skipValue(&cursor) }
    let before = (records: batch.records.count, values: batch.values.count, text: batch.text.count, batch.malformed)
    return JSONSyntax.scanItems(&cursor, close: UInt8(ascii: "}")) { cursor in
      guard let key = JSONSyntax.scanKey(&cursor) else { return false }
      guard let rest = Self.rest(of: path, after: key) else { return JSONSyntax.skipValue(&cursor) }
      // Of equal keys the last wins.
      batch.records.removeSubrange(before.records...)
      batch.cut(toValues: before.values, text: before.text)
      batch.malformed = before.3
      return find(rest, &cursor, depth: depth + 1, into: &batch)
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

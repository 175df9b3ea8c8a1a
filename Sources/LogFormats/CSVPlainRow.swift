/// A row whose cells are unquoted, as many as the header's, one of them a number: nearly all rows. Whatever else a row may
/// hold is `CSVRow`'s.
struct CSVPlainRow {
  private var cursor: BytePointer
  private let end: BytePointer
  private let separator: UInt8
  private let values: UnsafeMutablePointer<RecordBatch.Value>
  private(set) var valuesCount = 0
  private(set) var digest: UInt64 = 0
  private var hasNumber = false

  init(cursor: BytePointer, end: BytePointer, separator: UInt8, values: UnsafeMutablePointer<RecordBatch.Value>) {
    self.cursor = cursor
    self.end = end > cursor && end[-1] == UInt8(ascii: "\r") ? end - 1 : end
    self.separator = separator
    self.values = values
  }

  /// False: this row wants care.
  @inline(__always)
  mutating func parse(_ columns: UnsafeBufferPointer<CSVHeader.Column>, text batch: inout RecordBatch) -> Bool {
    for index in columns.indices {
      if index > 0 {
        guard cursor < end, cursor.pointee == separator else { return false }
        cursor += 1
      }
      skipBlanks()
      let start = cursor
      if cursor < end, cursor.pointee == separator { continue }
      if let number = NumberParser.scanExact(&cursor, end: end) {
        let textEnd = cursor
        skipBlanks()
        if cursor == end || cursor.pointee == separator {
          hasNumber = true
          take(columns[index], from: start, to: textEnd, number: number, text: &batch)
          continue
        }
      }
      cursor = start
      guard parseRest(of: columns[index], text: &batch) else { return false }
    }
    if cursor < end {
      guard cursor.pointee == separator else { return false }
      cursor += 1
      skipBlanks()
    }
    return hasNumber && cursor == end
  }

  @inline(__always)
  private mutating func skipBlanks() {
    while cursor < end, ByteScan.isBlank(cursor.pointee), cursor.pointee != separator { cursor += 1 }
  }

  /// A cell that is no short number, with `cursor` at its first character.
  @inline(never)
  private mutating func parseRest(of column: CSVHeader.Column, text batch: inout RecordBatch) -> Bool {
    guard cursor < end else { return true }
    if cursor.pointee == UInt8(ascii: "\"") || ListText.begins(with: cursor.pointee) { return false }
    let cellEnd = ByteScan.first(separator, from: cursor, to: end) ?? end
    let (start, textEnd) = ByteScan.trimmed(from: cursor, to: cellEnd)
    cursor = cellEnd
    if NumberParser.isMissing(from: start, to: textEnd) { return true }
    var number = NumberParser.parse(from: start, to: textEnd)
    if number == nil {
      // Zero bytes are for those who decide about whole lines.
      if ByteScan.first(0, from: start, to: textEnd) != nil { return false }
      if column.field.use.contains(.duration) { number = DurationParser.parse(from: start, to: textEnd) }
    } else {
      hasNumber = true
      if number?.isFinite == false { batch.hasNonFinite = true }
    }
    take(column, from: start, to: textEnd, number: number, text: &batch)
    return true
  }

  @inline(__always)
  private mutating func take(
    _ column: CSVHeader.Column,
    from start: BytePointer,
    to textEnd: BytePointer,
    number: Double?,
    text batch: inout RecordBatch
  ) {
    if column.isHidden { return }
    guard
      let value = column.field.value(from: start, to: textEnd, number: number, digest: &digest, text: &batch)
    else { return }
    (values + valuesCount).initialize(to: value)
    valuesCount &+= 1
  }
}

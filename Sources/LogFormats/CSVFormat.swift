internal import Budgets
package import StateStore

extension FormatDescriptor {
  static let csv = FormatDescriptor(
    name: "csv",
    help: "separated values with a header: a line is a record, and a column is a field",
    keys: [
      Key(
        name: "separator",
        form: .text(check: separatorMistake),
        help: """
          one ASCII character, or `blanks` for [columns parted by runs of blanks](#tables-by-blanks). Default: the exporter \
          finds it in the header
          """
      ),
      Key(name: "columns", form: .fieldNames, help: "the columns' names, for a file without header"),
      Key(name: "comment", form: .text, help: "lines that begin with this text are skipped"),
    ],
    content: .lines(sayWhenWhole: false) { site in
      let (format, lineBytesMax, fields) = (site.format, site.lineBytesMax, site.fields)
      let (columns, comment) = (format.fieldNames("columns"), format.text("comment"))
      if format.text("separator") == blanks {
        return TextOnly(
          BlankTableFormat(columns: columns, comment: comment, lineBytesMax: lineBytesMax, fields: fields)
        )
      }
      return TextOnly(
        CSVFormat(
          separator: format.text("separator")?.utf8.first,
          columns: columns,
          comment: comment,
          lineBytesMax: lineBytesMax,
          fields: fields
        )
      )
    }
  )

  /// The separator of tables whose columns are parted by runs of blanks.
  private static let blanks = "blanks"

  private static func separatorMistake(_ text: String) -> Mistake? {
    if text == blanks { return nil }
    guard let byte = text.utf8.first, text.utf8.count == 1, byte < 0x80, !"\"\r\n".utf8.contains(byte) else {
      let help = #"write one ASCII character in quotes: "," ";" "|" "\t"; for runs of blanks write `blanks`"#
      return Mistake("a separator is one character, or `blanks`", help: help)
    }
    return CSVFormat.isSeparator(byte) ? nil : Mistake("`\(text)` is part of numbers, so it cannot separate them")
  }
}

/// Separated values with a header: columns are known by name, for each header as it stands. Two ways lead through a row:
/// a fast one for plain cells, and `CSVRow` for whatever else a row may hold; both give the same record.
package struct CSVFormat: RecordParser {
  package private(set) var fields: FieldTable

  private let comment: [UInt8]?
  private var separator: UInt8?
  private var lines: LineCutter
  private var header: CSVHeader
  private var hasHeader = false
  /// The names in a line before the header that begins with `#`: the header, if numbers follow, else a remark.
  private var remarkNames: [String]? {
    didSet { if remarkNames == nil { remarkShare.removeAll() } }
  }
  private var remarkShare: CopiedShare
  private var row = CSVRow()
  /// How many rows are read whole before outdated ones are looked for again: twice as many each time that this is in vain.
  private var wholeRows = 1
  /// The file has rested behind a quote that stands open in the row that is read next.
  private var distrustsOpenQuote = false

  /// - Parameters:
  ///   - separator: nil: found by the header.
  ///   - columns: the names of a log without header.
  ///   - comment: a line that begins with this text is skipped.
  ///   - lineBytesMax: the longest row, quoted newlines included; these have limits of their own (`CSVRow`).
  package init(separator: UInt8?, columns: [String]?, comment: String?, lineBytesMax: Int, fields: FieldTable) {
    self.separator = separator
    self.comment = comment.flatMap { $0.isEmpty ? nil : Array($0.utf8) }
    self.lines = LineCutter(lineBytesMax: lineBytesMax)
    self.fields = fields
    header = CSVHeader(budget: fields.budget)
    remarkShare = CopiedShare(of: fields.budget)
    if let columns {
      _ = header.install(columns, fields: &self.fields, isCertain: true)
      hasHeader = true
    }
  }

  package mutating func parse(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int {
    // What rests is said anew before each reading of it.
    defer {
      distrustsOpenQuote = false
      batch.partsThousands = separator != UInt8(ascii: ";")
    }
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return 0 }
    let start = base.assumingMemoryBound(to: UInt8.self)
    let end = start + bytes.count
    var cursor = start
    while cursor < end, batch.records.count < RecordBatch.recordsMax {
      let before = cursor
      if hasHeader, let separator, lines.lineEnd == LineCutter.newline {
        let recordsEnd = passOutdatedRows(&cursor, end: end, separator: separator, into: &batch)
        parsePlainRows(&cursor, end: end, separator: separator, upTo: recordsEnd, into: &batch)
        if batch.records.count == recordsEnd { continue }
      }
      if cursor == end || batch.records.count >= RecordBatch.recordsMax { break }
      guard parseRowWithCare(&cursor, end: end, isClosed: isClosed, into: &batch) else { break }
      assert(cursor > before, "a parser makes progress")
    }
    return cursor - start
  }

  /// Whether it can stand between cells.
  fileprivate static func isSeparator(_ byte: UInt8) -> Bool {
    byte < 0x80 && !"\"\r\n+-.0123456789".utf8.contains(byte)
  }

  package func encode(into encoder: inout StateEncoder) {
    encoder.encode(hasHeader ? header.names : nil)
    encoder.encode(separator)
    encoder.encode(remarkNames)
    encoder.encode(lines.isInsideLongLine)
    encoder.encode(lines.lineEnd)
  }

  package mutating func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    if let names = try decoder.decode([String]?.self) {
      _ = header.install(names, fields: &fields, isCertain: true)
      hasHeader = true
    }
    if let known = try decoder.decode(UInt8?.self) {
      guard Self.isSeparator(known) else { throw StateDecoder.Failure() }
      separator = known
    }
    remarkNames = try decoder.decode()
    lines.isInsideLongLine = try decoder.decode()
    lines.lineEnd = try decoder.lineEnd()
  }

  package mutating func rested(on bytes: UnsafeRawBufferPointer) {
    distrustsOpenQuote = bytes.contains(UInt8(ascii: "\n"))
  }

  package var learnedCount: Int { header.installCount &+ fields.names.count }

  package mutating func share(with other: any RecordParser) -> Bool {
    guard let other = other as? CSVFormat else { return false }
    return fields.share(with: other.fields) && header.share(with: other.header)
  }
}

// MARK: - Plain rows

extension CSVFormat {
  /// Takes the digests of rows whose numbers the row behind them replaces. Returns up to how many records the rows behind
  /// are read whole.
  private mutating func passOutdatedRows(
    _ cursor: inout BytePointer,
    end: BytePointer,
    separator: UInt8,
    into batch: inout RecordBatch
  ) -> Int {
    // In `1e5` it could part no cells.
    let partsNumbers = separator | 0x20 == UInt8(ascii: "e")
    guard let outdated = header.outdated, let settled = batch.settledSlots, outdated.slotsEnd <= settled,
      !lines.isInsideLongLine, !partsNumbers
    else { return RecordBatch.recordsMax }
    guard let outdatedEnd = batch.outdatedEnd else { return batch.records.count + 1 }
    let recordsBefore = batch.records.count
    let rowBytesMax = lines.lineBytesMax
    let firstCommentByte = comment?.first
    var last: BytePointer?
    outdated.read { row in
      while batch.records.count < outdatedEnd,
        let newline = ByteScan.first(UInt8(ascii: "\n"), from: cursor, to: end),
        end - newline >= CSVOutdatedRow.bytesBehind, newline - cursor <= rowBytesMax,
        cursor.pointee != firstCommentByte,
        let digest = row.digest(from: cursor, to: newline, separator: separator)
      {
        batch.records.append(RecordBatch.Record(valuesEnd: batch.values.count, digest: digest))
        last = cursor
        cursor = newline + 1
      }
    }
    // The numbers of the last one are not replaced: all of it is read.
    if let last {
      batch.records.removeLast()
      cursor = last
    }
    wholeRows = batch.records.count > recordsBefore ? 1 : min(2 * wholeRows, RecordBatch.recordsMax)
    return min(batch.records.count + wholeRows, RecordBatch.recordsMax)
  }

  /// Parses rows of plain cells, up to the first that is anything else, or until there are so many records.
  private mutating func parsePlainRows(
    _ cursor: inout BytePointer,
    end: BytePointer,
    separator: UInt8,
    upTo recordsEnd: Int,
    into batch: inout RecordBatch
  ) {
    let rowBytesMax = lines.lineBytesMax
    let firstCommentByte = comment?.first
    guard !lines.isInsideLongLine else { return }
    withUnsafeTemporaryAllocation(of: RecordBatch.Value.self, capacity: max(header.usedCount, 1)) { values in
      guard let values = values.baseAddress else { return }
      header.columns.withUnsafeBufferPointer { columns in
        while cursor < end, batch.records.count < recordsEnd {
          guard let newline = ByteScan.first(UInt8(ascii: "\n"), from: cursor, to: end),
            newline - cursor <= rowBytesMax, cursor.pointee != firstCommentByte
          else { return }
          let textStart = batch.text.count
          var plain = CSVPlainRow(cursor: cursor, end: newline, separator: separator, values: values)
          guard plain.parse(columns, text: &batch) else {
            batch.text.removeSubrange(textStart...)
            return
          }
          batch.values.append(contentsOf: UnsafeBufferPointer(start: values, count: plain.valuesCount))
          batch.records.append(RecordBatch.Record(valuesEnd: batch.values.count, digest: plain.digest))
          cursor = newline + 1
        }
      }
    }
  }
}

// MARK: - All other rows

extension CSVFormat {
  /// Takes the row at `cursor`, whatever it is. False: it has no end yet.
  private mutating func parseRowWithCare(
    _ cursor: inout BytePointer,
    end: BytePointer,
    isClosed: Bool,
    into batch: inout RecordBatch
  ) -> Bool {
    switch lines.step(from: cursor, end: end, isClosed: isClosed) {
    case .unfinished:
      return false
    case .skipped(let next):
      cursor = next
      return true
    case .tooLong(let next):
      batch.countMalformed(.tooLong, from: cursor, to: next)
      cursor = next
      return true
    case .line(let lineEnd, let next):
      let start = ByteScan.skippingMark(from: cursor, to: lineEnd)
      if isComment(from: start, to: lineEnd) {
        cursor = next
        return true
      }
      // Where lines end in carriage returns a row is one of them.
      let isRow = lines.lineEnd == LineCutter.carriageReturn
      let end = isRow ? lineEnd : end
      let lineBytes = lineEnd - start
      let rowBytesMax = min(lines.lineBytesMax - (start - cursor), lineBytes + CSVRow.quotedBytesMax)
      let limit = end - start > rowBytesMax ? start + rowBytesMax : end
      let found = separator ?? CSVRow.separator(from: start, to: limit)
      // Only the line of an open quote is lost, not the lines that it would have swallowed.
      let isStray = isClosed || limit < end || isRow
      guard let separator = found else {
        guard isStray || isOver(from: next, to: end) else { return false }
        passBy(&cursor, to: next, .openQuote, into: &batch)
        return true
      }
      switch row.read(from: start, to: end, separator: separator, rowBytesMax: rowBytesMax) {
      case .row(let rowEnd):
        take(&cursor, to: rowEnd, orLine: next, separator: separator, into: &batch)
      case .unterminated:
        guard isClosed || isRow else { return false }
        take(&cursor, to: isRow ? next : end, orLine: next, separator: separator, into: &batch)
      case .open:
        guard isStray || isOver(from: next, to: end) else { return false }
        passBy(&cursor, to: next, .openQuote, into: &batch)
      case .stray:
        passBy(&cursor, to: next, .openQuote, into: &batch)
      case .tooWide:
        passBy(&cursor, to: next, .noRoom, into: &batch)
      }
      distrustsOpenQuote = false
      row.shrink()
      return true
    }
  }

  private func isComment(from start: BytePointer, to end: BytePointer) -> Bool {
    guard let comment else { return false }
    let (start, end) = ByteScan.trimmed(from: start, to: end)
    return UnsafeBufferPointer(start: start, count: end - start).starts(with: comment)
  }

  private func passBy(
    _ cursor: inout BytePointer,
    to next: BytePointer,
    _ reason: BadLine.Reason,
    into batch: inout RecordBatch
  ) {
    batch.countMalformed(reason, from: cursor, to: next)
    cursor = next
  }

  /// Takes what was read. Several lines that are no row together are read one by one: the quote that joined them was left
  /// by a torn line.
  private mutating func take(
    _ cursor: inout BytePointer,
    to rowEnd: BytePointer,
    orLine next: BytePointer,
    separator: UInt8,
    into batch: inout RecordBatch
  ) {
    if row.spansLines, hasHeader, !isRowOfTable { return passBy(&cursor, to: next, .openQuote, into: &batch) }
    if let reason = take(separator: separator, into: &batch) {
      batch.countMalformed(reason, from: cursor, to: rowEnd)
    }
    cursor = rowEnd
  }

  /// Whether nothing will close the quote that stands open before `start`: the log has rested behind it, and one of the
  /// lines there is by itself a row of the table with a number, which texts of several lines hardly have. Where there is no
  /// table yet, a writer that is in the middle of a quoted cell hardly rests at a line's end.
  private mutating func isOver(from start: BytePointer, to end: BytePointer) -> Bool {
    guard distrustsOpenQuote else { return false }
    guard hasHeader, let separator else { return end[-1] == UInt8(ascii: "\n") }
    var start = start
    while let newline = ByteScan.first(UInt8(ascii: "\n"), from: start, to: end) {
      let next = newline + 1
      if case .row = row.read(from: start, to: next, separator: separator, rowBytesMax: next - start),
        isRowOfTable, row.cells.indices.contains(where: row.isNumber)
      {
        return true
      }
      start = next
    }
    return false
  }

  private var isRowOfTable: Bool {
    let isOverByEmptyCell = row.cells.count == header.columns.count + 1 && row.cells.last?.isEmpty == true
    return row.cells.count == header.columns.count || isOverByEmptyCell || header.namesAgain(in: row) != nil
  }

  /// Decides what `row` is: nothing, a header, a record or malformed. Returns why it is malformed.
  private mutating func take(separator: UInt8, into batch: inout RecordBatch) -> BadLine.Reason? {
    if row.isBlank { return nil }
    if !hasHeader { return takeFirstHeader(separator: separator, into: &batch) }
    self.separator = separator
    if row.cells.count != header.columns.count { row.dropEmptyLastCell() }
    if let names = header.namesAgain(in: row) {
      return names == header.names || header.install(names, fields: &fields) ? nil : .noRoom
    }
    if row.hasControlCharacters { return .controlCharacters }
    guard row.cells.count == header.columns.count else {
      return .cells(row.cells.count, columns: header.columns.count)
    }
    header.append(row, to: &batch, fields: &fields)
    return nil
  }

  private mutating func takeFirstHeader(separator: UInt8, into batch: inout RecordBatch) -> BadLine.Reason? {
    if row.text.first == UInt8(ascii: "#"), comment == nil, !row.hasControlCharacters {
      row.dropEmptyLastCell()
      var names = row.cells.indices.map(row.name)
      if let first = names.first {
        let bare = first.utf8.drop { $0 == UInt8(ascii: "#") || ByteScan.isBlank($0) }
        names[0] = String(decoding: Array(bare), as: UTF8.self)
      }
      remarkNames = nil
      if remarkShare.grow(by: CSVHeader.bytes(of: names)) { remarkNames = names } else { fields.tell(.header) }
      return nil
    }
    if CSVHeader.isPlausible(row) {
      row.dropEmptyLastCell()
      let hasNumber = row.cells.indices.contains(where: row.isNumber)
      let before = header
      guard install(row.cells.indices.map(row.name), separator: separator) else { return .noRoom }
      guard hasNumber, header.wantedCount == 0, fields.wantsSome else { return nil }
      // With a number among its names, of which nobody wants one, it is the first row of a log without header.
      (header, hasHeader) = (before, false)
      return .noHeader
    }
    guard let names = remarkNames, names.count == row.cells.count, !row.hasControlCharacters else { return .noHeader }
    guard install(names, separator: separator) else { return .noHeader }
    header.append(row, to: &batch, fields: &fields)
    return nil
  }

  /// False: there is no room for such a header.
  private mutating func install(_ names: [String], separator: UInt8) -> Bool {
    guard header.install(names, fields: &fields) else { return false }
    self.separator = separator
    hasHeader = true
    remarkNames = nil
    return true
  }
}

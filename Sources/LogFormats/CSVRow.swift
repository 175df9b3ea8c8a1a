/// One row of separated values, cut into trimmed and unquoted cells by the rules of RFC 4180. Slow and complete; reused
/// from row to row.
struct CSVRow {
  /// The cells' texts, side by side.
  private(set) var text: [UInt8] = []
  /// Where each cell stands in `text`.
  private(set) var cells: [Range<Int>] = []
  private(set) var hasControlCharacters = false
  /// Newlines in its quoted cells.
  private var newlines = 0

  enum Reading {
    case row(next: BytePointer)
    /// A row without its newline, up to the end of the bytes.
    case unterminated
    /// A quote stays open, or the row's end is beyond the limit.
    case open
    /// A quote stays open over too many lines, or what closes it some lines later closes no cell.
    case stray
    /// More than `cellsMax` cells.
    case tooWide
  }

  /// Reads the row that begins at `start`. A quoted cell may hold separators, doubled quotes and newlines; a quote
  /// inside an unquoted cell is a character like others.
  ///
  /// Any quote may be one that a torn line left open, so over several lines the rules are strict: a cell has few lines,
  /// and its closing quote stands at its end.
  mutating func read(from start: BytePointer, to end: BytePointer, separator: UInt8, rowBytesMax: Int) -> Reading {
    text.removeAll(keepingCapacity: true)
    cells.removeAll(keepingCapacity: true)
    hasControlCharacters = false
    newlines = 0
    let limit = end - start > rowBytesMax ? start + rowBytesMax : end
    var cursor = start
    while true {
      guard cells.count < Self.cellsMax else { return .tooWide }
      switch readCell(&cursor, limit: limit, separator: separator) {
      case .closed: break
      case .open: return .open
      case .stray: return .stray
      }
      if cursor == end { return .unterminated }
      // At the limit only the row's newline may stand.
      let byte = cursor.pointee
      cursor += 1
      if byte == UInt8(ascii: "\n") { return .row(next: cursor) }
      if cursor > limit { return .open }
    }
  }

  /// Bounds what one row makes us keep; rows wider than any table of fields.
  static let cellsMax = 100_000

  /// How far a quoted cell may reach beyond the line that it begins in: texts that a model wrote, but not a log.
  static let quotedLinesMax = 128
  static let quotedBytesMax = 64 << 10

  /// Whether the row has more than one line.
  var spansLines: Bool { newlines > 0 }

  /// Reads a line whose cells are parted by runs of blanks and TABs. A cell in quotes may hold blanks.
  mutating func readByBlanks(from start: BytePointer, to end: BytePointer) {
    text.removeAll(keepingCapacity: true)
    cells.removeAll(keepingCapacity: true)
    hasControlCharacters = false
    newlines = 0
    var at = start
    while cells.count < Self.cellsMax {
      while at < end, ByteScan.isBlank(at.pointee) { at += 1 }
      guard at < end else { return }
      let first = text.count
      if at.pointee == UInt8(ascii: "\""), ByteScan.first(UInt8(ascii: "\""), from: at + 1, to: end) != nil {
        at += 1
        _ = readQuoted(&at, limit: end)
      }
      while at < end, !ByteScan.isBlank(at.pointee) {
        append(at.pointee)
        at += 1
      }
      cells.append(first..<text.count)
    }
  }

  private enum Cell {
    case closed, open, stray
  }

  /// Reads a cell up to its separator, its newline or the limit.
  private mutating func readCell(_ cursor: inout BytePointer, limit: BytePointer, separator: UInt8) -> Cell {
    let textStart = text.count
    var at = cursor
    while at < limit, ByteScan.isBlank(at.pointee), at.pointee != separator { at += 1 }
    if at < limit, at.pointee == UInt8(ascii: "\"") {
      at += 1
      let newlinesBefore = newlines
      let cell = readQuoted(&at, limit: limit)
      guard cell == .closed else { return cell }
      if newlines > newlinesBefore {
        while at < limit, isPadding(at.pointee), at.pointee != separator { at += 1 }
        if at < limit, at.pointee != separator, at.pointee != UInt8(ascii: "\n") { return .stray }
      }
    }
    while at < limit, at.pointee != separator, at.pointee != UInt8(ascii: "\n") {
      append(at.pointee)
      at += 1
    }
    cursor = at
    var first = textStart
    var last = text.count
    while first < last, isPadding(text[first]) { first += 1 }
    while first < last, isPadding(text[last - 1]) { last -= 1 }
    cells.append(first..<last)
    return .closed
  }

  private mutating func readQuoted(_ cursor: inout BytePointer, limit: BytePointer) -> Cell {
    while let quote = ByteScan.first(UInt8(ascii: "\""), from: cursor, to: limit) {
      while cursor < quote {
        if cursor.pointee == UInt8(ascii: "\n") { newlines += 1 }
        append(cursor.pointee)
        cursor += 1
      }
      guard newlines <= Self.quotedLinesMax else { return .stray }
      cursor = quote + 1
      guard cursor < limit, cursor.pointee == UInt8(ascii: "\"") else { return .closed }
      append(UInt8(ascii: "\""))
      cursor += 1
    }
    while let newline = ByteScan.first(UInt8(ascii: "\n"), from: cursor, to: limit) {
      newlines += 1
      guard newlines <= Self.quotedLinesMax else { return .stray }
      cursor = newline + 1
    }
    return .open
  }

  /// Gives back the room of a long row; what was read is of use no more.
  mutating func shrink() {
    text.shrink()
    cells.shrink()
  }

  private mutating func append(_ byte: UInt8) {
    if byte < 0x20, byte != UInt8(ascii: "\t"), byte != UInt8(ascii: "\r"), byte != UInt8(ascii: "\n") {
      hasControlCharacters = true
    }
    text.append(byte)
  }

  private func isPadding(_ byte: UInt8) -> Bool {
    ByteScan.isBlank(byte) || byte == UInt8(ascii: "\r")
  }

  var isBlank: Bool {
    text.allSatisfy(isPadding) && cells.count == 1
  }

  /// Without the empty cell that a separator at the row's end makes.
  mutating func dropEmptyLastCell() {
    if cells.count > 1, cells[cells.count - 1].isEmpty { cells.removeLast() }
  }

  func name(_ index: Int) -> String {
    String(decoding: text[cells[index]], as: UTF8.self)
  }

  func withCell<Result>(_ index: Int, _ body: (_ start: BytePointer, _ end: BytePointer) -> Result) -> Result {
    text.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else {
        return withUnsafePointer(to: UInt8(0)) { body($0, $0) }
      }
      return body(base + cells[index].lowerBound, base + cells[index].upperBound)
    }
  }

  func isNumber(_ index: Int) -> Bool {
    withCell(index) { NumberParser.parse(from: $0, to: $1) != nil }
  }

  func isMissing(_ index: Int) -> Bool {
    withCell(index) { NumberParser.isMissing(from: $0, to: $1) }
  }

  /// The separator that stands most often outside quotes in the row at `start`; a comma where none does. nil where a
  /// quote stays open up to `limit`.
  static func separator(from start: BytePointer, to limit: BytePointer) -> UInt8? {
    var commas = 0
    var semicolons = 0
    var tabs = 0
    var beginsCell = true
    var at = start
    while at < limit, at.pointee != UInt8(ascii: "\n") {
      let byte = at.pointee
      at += 1
      switch byte {
      case UInt8(ascii: "\"") where beginsCell:
        // A doubled quote closes and opens again, which comes to the same here.
        guard let quote = ByteScan.first(byte, from: at, to: limit) else { return nil }
        at = quote + 1
        continue
      case UInt8(ascii: ","): commas += 1
      case UInt8(ascii: ";"): semicolons += 1
      case UInt8(ascii: "\t"): tabs += 1
      case UInt8(ascii: " "): continue
      default:
        beginsCell = false
        continue
      }
      beginsCell = true
    }
    if tabs > commas, tabs >= semicolons { return UInt8(ascii: "\t") }
    return semicolons > commas ? UInt8(ascii: ";") : UInt8(ascii: ",")
  }
}

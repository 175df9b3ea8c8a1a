internal import CNumbers

/// Rows of which only the digest is wanted, since the row behind them has newer numbers in the same columns.
struct CSVOutdatedRow {
  /// How many bytes have to be readable from a row's end on: rows are read by blocks.
  static let bytesBehind = 64
  /// No longer number is surely finite.
  private static let numberBytesMax = 64

  fileprivate struct Column {
    var nameHash: UInt64
    var isWanted: Bool
  }

  private let columns: [Column]
  /// Behind the last slot of a column that somebody wants.
  let slotsEnd: Int

  /// nil: some column is wanted for more than its latest number.
  init?(_ columns: [CSVHeader.Column]) {
    let uses = columns.map(\.field.use)
    guard !columns.contains(where: \.isHidden), uses.allSatisfy({ $0.isEmpty || $0.contains(.latest) }) else {
      return nil
    }
    self.columns = columns.map { Column(nameHash: $0.field.nameHash, isWanted: !$0.field.use.isEmpty) }
    slotsEnd = columns.reduce(0) { max($0, Int($1.field.slot) + 1) }
  }

  func read(_ body: (Reader) -> Void) {
    columns.withUnsafeBufferPointer { body(Reader(columns: $0)) }
  }

  struct Reader {
    fileprivate let columns: UnsafeBufferPointer<Column>

    /// The digest of a row that has a finite number in each column that somebody wants; nil: it is another one, or wants
    /// more care.
    @inline(__always)
    func digest(from start: BytePointer, to rowEnd: BytePointer, separator: UInt8) -> UInt64? {
      digestOfNumbers(from: start, to: rowEnd, separator: separator)
        ?? digestOfCells(from: start, to: rowEnd, separator: separator)
    }

    /// The same of a row that has a plain number in each column, such as `-0.25`: digits, of which one stands before the
    /// point if there is one.
    ///
    /// What is asked of each cell is asked of 64 bytes at once, by bits that stand for bytes.
    @inline(__always)
    private func digestOfNumbers(from start: BytePointer, to rowEnd: BytePointer, separator: UInt8) -> UInt64? {
      let end = rowEnd > start && rowEnd[-1] == UInt8(ascii: "\r") ? rowEnd - 1 : rowEnd
      var digest: UInt64 = 0
      var column = 0
      var cell = start
      var block = start
      var before = BlockEnd()
      while true {
        // A block begins within the row or at its end, and 64 bytes follow that.
        let marks = cnumbers_mark_cells(block, separator)
        var separators = marks.separators
        var covered = UInt64.max
        let left = end - block
        if left < 64 {
          // The row's end stands for a separator.
          let atEnd = UInt64(1) << UInt64(left)
          separators = separators & (atEnd &- 1) | atEnd
          covered = atEnd | (atEnd &- 1)
        }
        guard before.goOn(marks, separators: separators, covered: covered) else { return nil }
        while separators != 0 {
          let cellEnd = block + separators.trailingZeroBitCount
          separators &= separators &- 1
          let length = cellEnd - cell
          guard column < columns.count, length <= CSVOutdatedRow.numberBytesMax else { return nil }
          digest &+= FieldDigest.hash(cell, count: length, seed: columns[column].nameHash)
          column &+= 1
          cell = cellEnd + 1
        }
        if left < 64 { return column == columns.count ? digest : nil }
        block += 64
      }
    }

    /// The same of a row with other numbers, with blanks around its cells, and with texts that nobody wants.
    @inline(never)
    private func digestOfCells(from start: BytePointer, to rowEnd: BytePointer, separator: UInt8) -> UInt64? {
      var cursor = ByteCursor(start, end: rowEnd)
      var digest: UInt64 = 0
      var hasNumber = false
      for (index, column) in columns.enumerated() {
        if index > 0, !cursor.take(separator) { return nil }
        let cellEnd = ByteScan.first(separator, from: cursor.at, to: rowEnd) ?? rowEnd
        let (start, end) = ByteScan.trimmed(from: cursor.at, to: cellEnd)
        cursor.at = cellEnd
        if PlainNumber.isOne(from: start, to: end) {
          hasNumber = true
        } else {
          if column.isWanted { return nil }
          if NumberParser.isMissing(from: start, to: end) { continue }
          let isText = start.pointee != UInt8(ascii: "\"") && !ListText.begins(with: start.pointee)
          guard isText, ByteScan.first(0, from: start, to: end) == nil else { return nil }
        }
        digest &+= FieldDigest.hash(start, count: end - start, seed: column.nameHash)
      }
      return hasNumber && cursor.isAtEnd ? digest : nil
    }
  }

  /// What the bytes before a block were, each as the block's lowest bit.
  private struct BlockEnd {
    private var isSeparator: UInt64 = 1
    private var isDigit: UInt64 = 0
    private var isMinus: UInt64 = 0
    /// Whether the cell at hand has its point.
    private var hasPoint: UInt64 = 0

    /// Takes the next block; false: some cell in it is no plain number.
    @inline(__always)
    mutating func goOn(_ marks: cnumbers_cell_marks, separators: UInt64, covered: UInt64) -> Bool {
      let (digits, points, minuses) = (marks.digits & covered, marks.points & covered, marks.minuses & covered)
      let begins = separators << 1 | isSeparator
      let others = covered & ~(digits | points | minuses | separators)
      let emptyCells = begins & separators
      let strayMinuses = minuses & ~begins | (minuses << 1 | isMinus) & ~digits
      let strayPoints = points & ~(digits << 1 | isDigit)
      // From behind a point on, a carry runs through the rest of the cell and clears the bits of further points.
      let (sum, runsOut) = (~separators & covered).addingReportingOverflow(points << 1 | hasPoint)
      isSeparator = separators >> 63
      isDigit = digits >> 63
      isMinus = minuses >> 63
      hasPoint = points >> 63 | (runsOut ? 1 : 0)
      return others | emptyCells | strayMinuses | strayPoints | points & ~sum == 0
    }
  }
}

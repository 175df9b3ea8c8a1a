extension FormatDescriptor {
  static let pydict = FormatDescriptor(
    name: "pydict",
    help: "lines of a console log with [Python dicts](#python-dicts) in them, each of which is a record",
    content: .lines(sayWhenWhole: true) { TextOnly(PydictFormat(lineBytesMax: $0.lineBytesMax, fields: $0.fields)) },
    isConsole: true
  )
}

/// Console lines with Python dicts in them, whatever stands around them: each dict is a record. A line without one is
/// unmatched; one that is cut or breaks off makes its line malformed.
struct PydictFormat: LineFormat {
  var lines: ConsoleLines
  private var scanner: PydictScanner

  init(lineBytesMax: Int, fields: FieldTable) {
    lines = ConsoleLines(lineBytesMax: lineBytesMax)
    scanner = PydictScanner(fields: fields)
  }

  var fields: FieldTable { scanner.record.fields }
  var learnedCount: Int { scanner.record.learnedCount }

  mutating func share(withSame other: PydictFormat) -> Bool { scanner.record.share(with: other.scanner.record) }

  mutating func parseLine(from start: BytePointer, to end: BytePointer, into batch: inout RecordBatch) {
    var hasRecord = false
    var isBroken = false
    var cursor = ByteCursor(start, end: end)
    while let brace = ByteScan.first(UInt8(ascii: "{"), from: cursor.at, to: end) {
      cursor.at = brace
      switch scanner.scanRecord(&cursor, into: &batch) {
      case .record: hasRecord = true
      case .broken: isBroken = true
      case .none: break
      case .cut:
        isBroken = true
        cursor.at = end
      }
    }
    if isBroken {
      batch.countMalformed(.isNot("a whole dict"), from: start, to: end)
    } else if !hasRecord {
      batch.countUnmatched(.noDict, from: start, to: end)
    }
  }
}

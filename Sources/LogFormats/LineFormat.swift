internal import StateStore

/// The parser of a log whose lines are each for themselves: how one of them becomes records, and what cuts the log into
/// lines. The rest is the same for all.
protocol LineFormat: RecordParser {
  associatedtype Lines: LineSource
  var lines: Lines { get set }

  /// Parses a line without its end.
  mutating func parseLine(from start: BytePointer, to end: BytePointer, into batch: inout RecordBatch)

  /// `share(with:)` with another parser of this format.
  mutating func share(withSame other: Self) -> Bool
}

extension LineFormat {
  mutating func parse(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int {
    parseLines(bytes, isClosed: isClosed, into: &batch)
  }

  mutating func parseLines(_ bytes: UnsafeRawBufferPointer, isClosed: Bool, into batch: inout RecordBatch) -> Int {
    // A line is handed over from inside `lines`, whose text it may be.
    var lines = self.lines
    self.lines = Lines(lineBytesMax: lines.lineBytesMax)
    defer { self.lines = lines }
    return lines.cut(bytes, isClosed: isClosed, into: &batch) { parseLine(from: $0, to: $1, into: &$2) }
  }

  func encode(into encoder: inout StateEncoder) {
    // Three things that a table has learned stand before it in all states, and are not there.
    for _ in 0..<3 { encoder.encode(false) }
    encoder.encode(lines.isInsideLongLine)
    encoder.encode(lines.lineEnd)
  }

  mutating func resume(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    for _ in 0..<3 where try decoder.bool() { throw StateDecoder.Failure() }
    lines.isInsideLongLine = try decoder.decode()
    lines.lineEnd = try decoder.lineEnd()
  }

  mutating func share(with other: any RecordParser) -> Bool {
    (other as? Self).map { share(withSame: $0) } ?? false
  }
}

/// What cuts bytes into lines. From call to call it remembers only whether it is inside a line that was too long and has
/// been counted: what is left of that is skipped.
protocol LineSource {
  init(lineBytesMax: Int)
  var lineBytesMax: Int { get }
  var isInsideLongLine: Bool { get set }
  /// What ends the log's lines, if that is one character that is to be remembered.
  var lineEnd: UInt8? { get set }

  /// Hands over line by line, until the bytes end or the batch is full. Returns how many bytes were taken.
  mutating func cut(
    _ bytes: UnsafeRawBufferPointer,
    isClosed: Bool,
    into batch: inout RecordBatch,
    _ body: (_ start: BytePointer, _ end: BytePointer, inout RecordBatch) -> Void
  ) -> Int
}

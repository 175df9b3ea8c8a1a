internal import Glibc
internal import StateStore

typealias BytePointer = UnsafePointer<UInt8>

/// Cuts bytes into lines of bounded length and remembers, from call to call, only whether it is inside a line that was
/// too long. It never holds bytes.
struct LineCutter: LineSource {
  enum Step {
    /// A line without its newline, and where the next one begins.
    case line(end: BytePointer, next: BytePointer)
    /// A line over the limit, which counts once; on to `next`.
    case tooLong(next: BytePointer)
    /// What was left of a line over the limit, or zero bytes; on to `next`.
    case skipped(next: BytePointer)
    /// The line has no end yet.
    case unfinished
  }

  let lineBytesMax: Int
  var isInsideLongLine = false
  /// What ends lines, by the log's first one: a newline, with or without a carriage return before it, or a carriage return
  /// alone. nil: that is not known yet.
  var lineEnd: UInt8?

  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")

  init(lineBytesMax: Int) { self.init(lineBytesMax: lineBytesMax, lineEnd: nil) }

  init(lineBytesMax: Int, lineEnd: UInt8?) {
    precondition(lineBytesMax > 0, "a line has a byte at least")
    self.lineBytesMax = lineBytesMax
    self.lineEnd = lineEnd
  }

  @inline(__always)
  mutating func cut(
    _ bytes: UnsafeRawBufferPointer,
    isClosed: Bool,
    into batch: inout RecordBatch,
    _ body: (_ start: BytePointer, _ end: BytePointer, inout RecordBatch) -> Void
  ) -> Int {
    cut(bytes, isClosed: isClosed, into: &batch, passing: { _, _, _ in }, body)
  }

  /// - Parameter passing: takes lines that end in a newline up to some line that is left to `body`.
  @inline(__always)
  mutating func cut(
    _ bytes: UnsafeRawBufferPointer,
    isClosed: Bool,
    into batch: inout RecordBatch,
    passing: (_ cursor: inout BytePointer, _ end: BytePointer, inout RecordBatch) -> Void,
    _ body: (_ start: BytePointer, _ end: BytePointer, inout RecordBatch) -> Void
  ) -> Int {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return 0 }
    let start = base.assumingMemoryBound(to: UInt8.self)
    let end = start + bytes.count
    var cursor = start
    while cursor < end, batch.records.count < RecordBatch.recordsMax {
      if !isInsideLongLine, lineEnd == Self.newline { passing(&cursor, end, &batch) }
      switch step(from: cursor, end: end, isClosed: isClosed) {
      case .line(let lineEnd, let next):
        body(ByteScan.skippingMark(from: cursor, to: lineEnd), lineEnd, &batch)
        cursor = next
      case .tooLong(let next):
        batch.countMalformed(.tooLong, from: cursor, to: next)
        cursor = next
      case .skipped(let next):
        cursor = next
      case .unfinished:
        return cursor - start
      }
    }
    return cursor - start
  }

  /// The line that begins at `start`, which is before `end`.
  @inline(__always)
  mutating func step(from start: BytePointer, end: BytePointer, isClosed: Bool) -> Step {
    if start.pointee == 0 || isInsideLongLine || lineEnd != Self.newline {
      return stepWithCare(from: start, end: end, isClosed: isClosed)
    }
    if let newline = ByteScan.first(UInt8(ascii: "\n"), from: start, to: end) {
      return newline - start <= lineBytesMax ? .line(end: newline, next: newline + 1) : .tooLong(next: newline + 1)
    }
    return endless(from: start, end: end, isClosed: isClosed)
  }

  private mutating func stepWithCare(from start: BytePointer, end: BytePointer, isClosed: Bool) -> Step {
    if isInsideLongLine {
      guard let newline = ByteScan.first(lineEnd ?? Self.newline, from: start, to: end) else {
        return .skipped(next: end)
      }
      isInsideLongLine = false
      return .skipped(next: newline + 1)
    }
    if start.pointee == 0 {
      guard let text = Self.skipZeros(from: start, to: end, isClosed: isClosed, lineBytesMax: lineBytesMax) else {
        return .unfinished
      }
      return .skipped(next: text)
    }
    guard let lineEnd = lineEnd ?? self.lineEnd(from: start, to: end, isClosed: isClosed) else { return .unfinished }
    self.lineEnd = lineEnd
    guard let at = ByteScan.first(lineEnd, from: start, to: end) else {
      return endless(from: start, end: end, isClosed: isClosed)
    }
    return at - start <= lineBytesMax ? .line(end: at, next: at + 1) : .tooLong(next: at + 1)
  }

  /// What ends the log's first line; nil: more bytes are needed to tell. A carriage return in quotes is a character like
  /// others.
  private func lineEnd(from start: BytePointer, to end: BytePointer, isClosed: Bool) -> UInt8? {
    let limit = end - start > lineBytesMax ? start + lineBytesMax : end
    let newline = ByteScan.first(Self.newline, from: start, to: limit)
    if let at = ByteScan.first(Self.carriageReturn, from: start, to: newline ?? limit) {
      if at + 1 == end, !isClosed { return nil }
      let quotes = UnsafeBufferPointer(start: start, count: at - start).count { $0 == UInt8(ascii: "\"") }
      let isAlone = at + 1 == end || at[1] != Self.newline
      return isAlone && quotes.isMultiple(of: 2) ? Self.carriageReturn : Self.newline
    }
    return newline != nil || limit < end || isClosed ? Self.newline : nil
  }

  /// Past the zero bytes before a line: a hole, left by a writer that went on at its old offset after a truncation. At
  /// the end of the bytes they may be room that is filled later, so they wait for what follows: nil.
  static func skipZeros(from start: BytePointer, to end: BytePointer, isClosed: Bool, lineBytesMax: Int) -> BytePointer?
  {
    var text = start
    while text < end, text.pointee == 0 { text += 1 }
    return text < end || isClosed || end - start > lineBytesMax ? text : nil
  }

  private mutating func endless(from start: BytePointer, end: BytePointer, isClosed: Bool) -> Step {
    if end - start > lineBytesMax {
      isInsideLongLine = true
      return .tooLong(next: end)
    }
    return isClosed ? .line(end: end, next: end) : .unfinished
  }
}

/// Finding a byte with the C library's vector code.
enum ByteScan {
  @inline(__always)
  static func first(_ byte: UInt8, from start: BytePointer, to end: BytePointer) -> BytePointer? {
    guard start < end, let found = memchr(start, Int32(byte), end - start) else { return nil }
    return UnsafePointer(found.assumingMemoryBound(to: UInt8.self))
  }

  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  /// The bounds of a text without the blanks and carriage returns around it.
  @inline(__always)
  static func trimmed(from start: BytePointer, to end: BytePointer) -> (start: BytePointer, end: BytePointer) {
    var start = start
    var end = end
    while start < end, isBlank(start.pointee) || start.pointee == UInt8(ascii: "\r") { start += 1 }
    while start < end, isBlank(end[-1]) || end[-1] == UInt8(ascii: "\r") { end -= 1 }
    return (start, end)
  }

  /// The same for a text of several lines.
  static func trimmedOfLines(from start: BytePointer, to end: BytePointer) -> (start: BytePointer, end: BytePointer) {
    func isSpace(_ byte: UInt8) -> Bool { isBlank(byte) || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") }
    var start = start
    var end = end
    while start < end, isSpace(start.pointee) { start += 1 }
    while start < end, isSpace(end[-1]) { end -= 1 }
    return (start, end)
  }

  /// Past a UTF-8 byte order mark, where there is one.
  @inline(__always)
  static func skippingMark(from start: BytePointer, to end: BytePointer) -> BytePointer {
    guard end - start >= 3, start[0] == 0xEF, start[1] == 0xBB, start[2] == 0xBF else { return start }
    return start + 3
  }
}

extension StateDecoder {
  /// What ends a log's lines, as its parser encoded it.
  mutating func lineEnd() throws(Failure) -> UInt8? {
    guard version >= 5 else { return LineCutter.newline }
    let lineEnd: UInt8? = try decode()
    guard [nil, LineCutter.newline, LineCutter.carriageReturn].contains(lineEnd) else { throw Failure() }
    return lineEnd
  }
}

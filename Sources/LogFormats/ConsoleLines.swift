/// Cuts what a program wrote to its console into lines of bounded length, as a terminal would show them: lines end in a
/// newline or a carriage return, so that each state of a progress bar is a line, escape sequences go, backspaces take
/// back. From call to call it remembers only whether it is inside a line that was too long.
struct ConsoleLines: LineSource {
  let lineBytesMax: Int
  var isInsideLongLine = false
  /// Any line may end in either.
  var lineEnd: UInt8?
  /// The line at hand without escape sequences and backspaces, where it has some.
  private var shown: [UInt8] = []

  init(lineBytesMax: Int) {
    precondition(lineBytesMax > 0, "a line has a byte at least")
    self.lineBytesMax = lineBytesMax
  }

  /// The next occurrence of a byte, found once, however often it is asked for before it is reached. What is asked for must
  /// be further and further on.
  private struct Next {
    /// So far it is looked for at once: a byte that is seldom there is not looked for line by line.
    private static let stepBytes = 4 << 10
    private let byte: UInt8
    private let end: BytePointer
    private var found: BytePointer?
    /// Where nothing has been looked at yet.
    private var unseen: BytePointer

    init(_ byte: UInt8, from start: BytePointer, to end: BytePointer) {
      self.byte = byte
      self.end = end
      unseen = start
    }

    /// The first one from a place on and before a limit.
    @inline(__always)
    mutating func first(from place: BytePointer, to limit: BytePointer) -> BytePointer? {
      if let found, found >= place { return found < limit ? found : nil }
      return unseen < limit ? look(from: place, to: limit) : nil
    }

    private mutating func look(from place: BytePointer, to limit: BytePointer) -> BytePointer? {
      let from = max(place, unseen)
      let to = end - from > Self.stepBytes ? max(limit, from + Self.stepBytes) : end
      found = ByteScan.first(byte, from: from, to: to)
      unseen = found.map { $0 + 1 } ?? to
      return found.flatMap { $0 < limit ? $0 : nil }
    }
  }

  /// The bytes of one call on their way.
  private struct Scan {
    /// Where the next line begins.
    fileprivate(set) var cursor: BytePointer
    let end: BytePointer
    let isClosed: Bool
    fileprivate var newline: Next
    /// What most logs have none of.
    fileprivate var carriageReturn: Next
    fileprivate var escape: Next
    fileprivate var backspace: Next
    fileprivate let start: BytePointer

    init?(_ bytes: UnsafeRawBufferPointer, isClosed: Bool) {
      guard let base = bytes.baseAddress, !bytes.isEmpty else { return nil }
      start = base.assumingMemoryBound(to: UInt8.self)
      cursor = start
      end = start + bytes.count
      self.isClosed = isClosed
      newline = Next(LineCutter.newline, from: start, to: end)
      carriageReturn = Next(LineCutter.carriageReturn, from: start, to: end)
      escape = Next(TerminalText.escape, from: start, to: end)
      backspace = Next(TerminalText.backspace, from: start, to: end)
    }

    /// How many bytes have been taken.
    var count: Int { cursor - start }

    /// Whether a terminal shows a line as it is written.
    @inline(__always)
    fileprivate mutating func isPlain(_ line: (start: BytePointer, end: BytePointer)) -> Bool {
      escape.first(from: line.start, to: line.end) == nil && backspace.first(from: line.start, to: line.end) == nil
    }
  }

  @inline(__always)
  mutating func cut(
    _ bytes: UnsafeRawBufferPointer,
    isClosed: Bool,
    into batch: inout RecordBatch,
    _ body: (_ start: BytePointer, _ end: BytePointer, inout RecordBatch) -> Void
  ) -> Int {
    guard var scan = Scan(bytes, isClosed: isClosed) else { return 0 }
    while batch.records.count < RecordBatch.recordsMax, let line = next(&scan, into: &batch) {
      show(line, scan.isPlain(line)) { body($0, $1, &batch) }
    }
    return scan.count
  }

  /// The next line, and moves behind it; nil: what is left has no end yet. Lines over the limit are passed by, each
  /// counted once.
  private mutating func next(_ scan: inout Scan, into batch: inout RecordBatch) -> (
    start: BytePointer, end: BytePointer
  )? {
    while scan.cursor < scan.end {
      let start = scan.cursor
      if start.pointee == 0, !isInsideLongLine {
        let isClosed = scan.isClosed
        guard
          let text = LineCutter.skipZeros(from: start, to: scan.end, isClosed: isClosed, lineBytesMax: lineBytesMax)
        else { return nil }
        scan.cursor = text
        continue
      }
      let lineEnd = Self.lineEnd(&scan)
      if isInsideLongLine {
        isInsideLongLine = lineEnd == nil
        scan.cursor = lineEnd.map { $0 + 1 } ?? scan.end
      } else if (lineEnd ?? scan.end) - start > lineBytesMax {
        batch.countMalformed(.tooLong, from: start, to: lineEnd ?? scan.end)
        isInsideLongLine = lineEnd == nil
        scan.cursor = lineEnd.map { $0 + 1 } ?? scan.end
      } else if let lineEnd {
        scan.cursor = lineEnd + 1
        return (ByteScan.skippingMark(from: start, to: lineEnd), lineEnd)
      } else if scan.isClosed {
        scan.cursor = scan.end
        return (ByteScan.skippingMark(from: start, to: scan.end), scan.end)
      } else {
        return nil
      }
    }
    return nil
  }

  @inline(__always)
  private static func lineEnd(_ scan: inout Scan) -> BytePointer? {
    let newline = scan.newline.first(from: scan.cursor, to: scan.end)
    return scan.carriageReturn.first(from: scan.cursor, to: newline ?? scan.end) ?? newline
  }

  /// Hands over a line as a terminal shows it. Blank lines are none.
  @inline(__always)
  private mutating func show(
    _ line: (start: BytePointer, end: BytePointer),
    _ isPlain: Bool,
    _ body: (BytePointer, BytePointer) -> Void
  ) {
    if isPlain {
      if !Self.isBlank(from: line.start, to: line.end) { body(line.start, line.end) }
    } else {
      TerminalText.clean(from: line.start, to: line.end, into: &shown)
      shown.withUnsafeBufferPointer { bytes in
        guard let base = bytes.baseAddress, !Self.isBlank(from: base, to: base + bytes.count) else { return }
        body(base, base + bytes.count)
      }
      shown.shrink()
    }
  }

  private static func isBlank(from start: BytePointer, to end: BytePointer) -> Bool {
    var at = start
    while at < end, ByteScan.isBlank(at.pointee) { at += 1 }
    return at == end
  }
}

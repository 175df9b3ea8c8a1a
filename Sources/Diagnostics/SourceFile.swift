/// The bytes of a source file, which turns byte offsets into lines and columns. It never reads the file itself.
///
/// A line ends with LF, CR or CR LF.
public struct SourceFile: Sendable, Hashable {
  /// The path as the user gave it. Messages name it.
  public let path: String
  /// The whole content; empty for a file that could not be read.
  public let bytes: [UInt8]
  private let lineStarts: [Int]

  /// Creates a source file from bytes that were read before. It looks for the ends of lines once, here.
  public init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
    var starts = [0]
    bytes.withUnsafeBufferPointer { bytes in
      for index in bytes.indices {
        let byte = bytes[index]
        guard byte == 0x0A || byte == 0x0D else { continue }
        if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { continue }
        starts.append(index + 1)
      }
    }
    lineStarts = starts
  }

  /// How many lines there are, at least 1. Where the last byte ends a line, the empty line behind it counts.
  public var lineCount: Int { lineStarts.count }

  /// The line and column of a byte. An offset before or beyond the file is taken as its beginning or end. A byte order
  /// mark takes no column.
  public func position(ofByte offset: Int) -> SourcePosition {
    let offset = min(max(offset, 0), bytes.count)
    let line = lineIndex(ofByte: offset)
    let before = bytes[contentStart(ofLine: line, before: offset)..<offset]
    return SourcePosition(line: line + 1, column: before.reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 })
  }

  /// `PATH:LINE:COLUMN` of where a range begins, or the path alone; safe to show.
  package func place(of range: SourceRange?) -> String {
    let path = PrintableText.escape(path)
    guard let position = range.map({ position(ofByte: $0.start) }) else { return path }
    return "\(path):\(position.line):\(position.column)"
  }

  /// The bytes of a line without its end. Lines count from 1; the range is empty for a line that is not there.
  public func byteRange(ofLine line: Int) -> Range<Int> {
    guard line >= 1, line <= lineStarts.count else { return bytes.count..<bytes.count }
    let start = contentStart(ofLine: line - 1, before: bytes.count)
    var end = line < lineStarts.count ? lineStarts[line] : bytes.count
    while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
    return start..<end
  }

  private func contentStart(ofLine line: Int, before limit: Int) -> Int {
    let start = lineStarts[line]
    let hasMark = line == 0 && bytes.starts(with: [0xEF, 0xBB, 0xBF])
    return min(hasMark ? start + 3 : start, limit)
  }

  /// The last line that starts at or before `offset`.
  private func lineIndex(ofByte offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }
}

/// A line, document or frame that was no record, and why, for people.
package struct BadLine: Sendable, Hashable {
  /// Why there is no record.
  package enum Reason: Sendable, Hashable {
    /// It matches no line pattern.
    case noPattern
    /// It has no pair.
    case noPair
    /// It has no dict.
    case noDict
    /// A row has so many cells, where the header has so many columns.
    case cells(Int, columns: Int)
    /// A row stands where a header is wanted.
    case noHeader
    /// A quote stands open.
    case openQuote
    /// It has control characters.
    case controlCharacters
    /// It is longer than a line or document may be.
    case tooLong
    /// It is not what the format has: that is named with its article, such as `a JSON object`.
    case isNot(String)
    /// A document is whole, and has no records where they are looked for.
    case noRecords
    /// There is no room for what it says.
    case noRoom
    /// The bytes of a frame are not those that were written.
    case isDamaged
    /// The file ends within a frame.
    case isHalf

    /// It is no whole document of a format, or only a part of one.
    package static func isNotWhole(_ format: String) -> Reason { .isNot("a whole \(format) document") }

    /// Whether another one is of the same kind.
    package func isLike(_ other: Reason) -> Bool {
      if case .cells = self, case .cells = other { true } else { self == other }
    }

    /// The reason as the end of a sentence that begins with the line.
    package var text: String {
      switch self {
      case .noPattern: "matches none of `lines`"
      case .noPair: "has no pair that `pairs` takes"
      case .noDict: "has no dict"
      case .cells(let count, let columns): "has \(count) cell\(count == 1 ? "" : "s"), and its header has \(columns)"
      case .noHeader: "stands where the header is looked for"
      case .openQuote: "has a quote that nothing closes"
      case .controlCharacters: "has control characters"
      case .tooLong: "is longer than is read"
      case .isNot(let what): "is not \(what)"
      case .noRecords: "has no records where they are looked for"
      case .noRoom: "has more columns than there is room for"
      case .isDamaged: "is damaged: its checksum is not that of its bytes"
      case .isHalf: "is only half there"
      }
    }
  }

  package var reason: Reason
  /// How it begins.
  package var text: String

  /// How much of it is kept, in bytes.
  private static let textBytesMax = 120

  package init(_ reason: Reason, text: String) {
    self.reason = reason
    self.text = text
  }

  init(_ reason: Reason, from start: BytePointer, to end: BytePointer) {
    self.reason = reason
    let (start, end) = ByteScan.trimmedOfLines(from: start, to: end)
    text = Self.cut(UnsafeBufferPointer(start: start, count: end - start))
  }

  /// The beginning of a document.
  package static func beginning(of document: UnsafeRawBufferPointer) -> String {
    document.withMemoryRebound(to: UInt8.self) { bytes in
      guard let base = bytes.baseAddress else { return "" }
      let (start, end) = ByteScan.trimmedOfLines(from: base, to: base + bytes.count)
      return cut(UnsafeBufferPointer(start: start, count: end - start))
    }
  }

  /// The beginning of a text.
  package static func cut(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    if bytes.count <= textBytesMax { return String(decoding: bytes, as: UTF8.self) }
    var end = textBytesMax
    // Not within a character.
    while end > textBytesMax - 4, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    return String(decoding: bytes[..<end], as: UTF8.self) + "…"
  }
}

extension RecordBatch {
  /// Counts a line that is no record and, where it is the first of the batch, remembers it.
  mutating func countMalformed(_ reason: BadLine.Reason, from start: BytePointer, to end: BytePointer) {
    malformed += 1
    if firstMalformed == nil { firstMalformed = BadLine(reason, from: start, to: end) }
  }

  /// The same of a frame, which is named by its place in the log: an offset in bytes.
  mutating func countMalformed(_ reason: BadLine.Reason, at offset: Int) {
    malformed += 1
    if firstMalformed == nil { firstMalformed = BadLine(reason, text: "byte \(offset)") }
  }

  /// The same of a line that is not meant to be one.
  mutating func countUnmatched(_ reason: BadLine.Reason, from start: BytePointer, to end: BytePointer) {
    unmatched += 1
    if firstUnmatched == nil { firstUnmatched = BadLine(reason, from: start, to: end) }
  }
}

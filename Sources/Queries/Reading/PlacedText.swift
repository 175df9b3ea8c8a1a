internal import Diagnostics
internal import YAMLSyntax

/// A part of a file that is read as a file of its own: a document of several, or a text within another file.
final class QueryDocument: Sendable {
  /// What is read.
  let source: SourceFile
  /// Where the source begins in what it is a part of.
  private let base: Int
  /// The text that the source is the content of; nil: it stands in the file itself.
  private let outer: PlacedText?

  init(_ source: SourceFile, base: Int = 0, outer: PlacedText? = nil) {
    self.source = source
    self.base = base
    self.outer = outer
  }

  /// The range in the file of a range of the source.
  func place(of range: SourceRange) -> SourceRange {
    if let outer { return outer.place(of: base + range.start..<base + range.end) }
    return SourceRange(base + range.start, base + range.end)
  }
}

/// A text as it is meant, and where it stands as it is written: with quotes, escapes and indentation.
struct PlacedText: Sendable {
  let text: String
  /// In the document, quotes included.
  let range: SourceRange
  let document: QueryDocument
  /// Where the text begins in the document, if it stands there byte for byte.
  private let start: Int?

  init(_ scalar: YAMLScalar, in document: QueryDocument) {
    text = scalar.text
    range = scalar.range
    start = scalar.textStart
    self.document = document
  }

  /// The comment of YAML behind the text, or behind the sign that begins a block; nil: there is none.
  var comment: SourceRange? {
    let bytes = document.source.bytes
    guard range.start < bytes.count else { return nil }
    let isBlock = bytes[range.start] == UInt8(ascii: "|") || bytes[range.start] == UInt8(ascii: ">")
    var at = isBlock ? range.start : range.end
    while isBlock, at < bytes.count, bytes[at] > 0x20 { at += 1 }
    let blanks = at
    while at < bytes.count, bytes[at] == 0x20 || bytes[at] == 0x09 { at += 1 }
    guard at > blanks, at < bytes.count, bytes[at] == UInt8(ascii: "#") else { return nil }
    let end = bytes[at...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
    return SourceRange(at, end)
  }

  /// The range in the file of the whole text.
  var place: SourceRange { document.place(of: range) }

  /// The range in the file of some bytes of the text; of the whole text where it cannot be told.
  func place(of part: Range<Int>) -> SourceRange {
    guard let written = written(part) else { return place }
    return document.place(of: written)
  }

  /// Goes along the text and what is written side by side. Blanks of the text may be any blanks, so that blocks with
  /// their indentation are followed too.
  private func written(_ part: Range<Int>) -> SourceRange? {
    if let start { return SourceRange(start + part.lowerBound, start + part.upperBound) }
    let bytes = document.source.bytes
    let text = Array(text.utf8)
    var at = range.start
    let quote = at < bytes.count ? bytes[at] : 0
    let isQuoted = quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
    if isQuoted {
      at += 1
    } else if quote == UInt8(ascii: "|") || quote == UInt8(ascii: ">") {
      while at < range.end, bytes[at] != 0x0A { at += 1 }
    }
    let hasEscapes = isQuoted && quote == UInt8(ascii: "\"")
    var start: Int?
    var index = 0
    while index < text.count, index < part.upperBound {
      let byte = text[index]
      if !Self.isBlank(byte) || isQuoted && index == 0 {
        // Indentation is no part of the text.
        while !isQuoted || !Self.isBlank(byte), at < range.end, Self.isBlank(bytes[at]) { at += 1 }
      }
      if index == part.lowerBound { start = at }
      guard at < range.end else { return nil }
      if hasEscapes, bytes[at] == UInt8(ascii: "\\") {
        guard let (length, count) = Self.escape(at: at, in: bytes) else { return nil }
        at += length
        index += count
        if index > part.lowerBound, start == nil { start = at - length }
        continue
      }
      if Self.isBlank(byte) {
        guard Self.isBlank(bytes[at]) else { return nil }
        at += 1
      } else {
        guard bytes[at] == byte else { return nil }
        at += quote == UInt8(ascii: "'") && byte == quote ? 2 : 1
      }
      index += 1
    }
    if start == nil, part.isEmpty || part.lowerBound >= text.count { start = at }
    guard let start, start <= at else { return nil }
    return SourceRange(start, max(start, at))
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

  /// - Returns: how many bytes an escape takes, and how many bytes of UTF-8 it stands for; nil for one that is none.
  private static func escape(at start: Int, in bytes: [UInt8]) -> (Int, Int)? {
    guard start + 1 < bytes.count else { return nil }
    func unit(_ at: Int, _ digits: Int) -> UInt32? {
      guard at + digits <= bytes.count else { return nil }
      return UInt32(String(decoding: bytes[at..<at + digits], as: UTF8.self), radix: 16)
    }
    switch bytes[start + 1] {
    case UInt8(ascii: "x"): return unit(start + 2, 2).map { (4, $0 < 0x80 ? 1 : 2) }
    case UInt8(ascii: "u"):
      guard let value = unit(start + 2, 4) else { return nil }
      if (0xD800..<0xDC00).contains(value) { return (12, 4) }
      return (6, value < 0x80 ? 1 : value < 0x800 ? 2 : 3)
    case UInt8(ascii: "U"):
      return unit(start + 2, 8).map { (10, $0 < 0x80 ? 1 : $0 < 0x800 ? 2 : $0 < 0x10000 ? 3 : 4) }
    case 0x0A, 0x0D: return nil
    default: return (2, 1)
    }
  }
}

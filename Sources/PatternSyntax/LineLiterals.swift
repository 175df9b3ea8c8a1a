internal import Glibc

/// The literal text of a line pattern, cut at its blanks. It finds itself in a line; it never captures.
struct LineLiteral: Sendable, Hashable {
  struct Occurrence: Sendable {
    /// Where its first character that is no blank stands; for blanks alone, their first.
    var start: Int
    /// Where the text before it ends, and where the text after it begins, blanks left out.
    var textBefore: Int
    var textAfter: Int
    /// Where to look for the next one.
    var next: Int
  }

  private let words: [[UInt8]]
  private let beginsWithBlank: Bool
  private let endsWithBlank: Bool

  /// - Parameter hasTabs: whether a TAB in the text stands for itself, and not for any run of blanks and TABs.
  init(_ text: String, hasTabs: Bool = false) {
    let bytes = Array(text.utf8)
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || (!hasTabs && byte == UInt8(ascii: "\t")) }
    words = bytes.split(whereSeparator: isBlank).map(Array.init)
    beginsWithBlank = bytes.first.map(isBlank) ?? false
    endsWithBlank = bytes.last.map(isBlank) ?? false
  }

  /// Whether there is a letter or a digit in it. What is beyond ASCII counts as letters.
  var hasWords: Bool {
    words.joined().contains { byte in
      let isLetter = byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
      return isLetter || byte &- 48 <= 9 || byte >= 0x80
    }
  }

  static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  /// The first occurrence that starts at `from` or later.
  func first(in line: UnsafeRawBufferPointer, from: Int) -> Occurrence? {
    guard let first = words.first, let firstByte = first.first else { return firstBlank(in: line, from: from) }
    guard let base = line.baseAddress else { return nil }
    var at = from
    while at < line.count, let found = memchr(base + at, Int32(firstByte), line.count - at) {
      let start = UnsafeRawPointer(found) - base
      if let end = end(in: line, from: start) {
        var before = start
        while before > 0, Self.isBlank(line[before - 1]) { before -= 1 }
        let after = Self.skipBlanks(in: line, from: end)
        return Occurrence(start: start, textBefore: before, textAfter: after, next: start + 1)
      }
      at = start + 1
    }
    return nil
  }

  /// The same for the literal that ends a pattern: if it begins with a full stop, that is not the one inside `0.125`.
  func first(in line: UnsafeRawBufferPointer, from: Int, endsSentence: Bool) -> Occurrence? {
    let found = first(in: line, from: from)
    guard endsSentence, words.first?.first == UInt8(ascii: "."), words.first?.count == 1, !beginsWithBlank else {
      return found
    }
    var next = found
    while let at = next, at.start + 1 < line.count, line[at.start - 1] &- 48 <= 9, line[at.start + 1] &- 48 <= 9 {
      next = first(in: line, from: at.next)
    }
    return next
  }

  private func firstBlank(in line: UnsafeRawBufferPointer, from: Int) -> Occurrence? {
    var start = from
    while start < line.count, !Self.isBlank(line[start]) { start += 1 }
    guard start < line.count else { return nil }
    let after = Self.skipBlanks(in: line, from: start)
    return Occurrence(start: start, textBefore: start, textAfter: after, next: after)
  }

  /// Where the literal ends that starts at `start`; nil where it is not there.
  private func end(in line: UnsafeRawBufferPointer, from start: Int) -> Int? {
    if beginsWithBlank, start == 0 || !Self.isBlank(line[start - 1]) { return nil }
    var at = start
    for (index, word) in words.enumerated() {
      if index > 0 {
        let next = Self.skipBlanks(in: line, from: at)
        guard next > at else { return nil }
        at = next
      }
      guard line.count - at >= word.count, line[at..<at + word.count].elementsEqual(word) else { return nil }
      at += word.count
    }
    if endsWithBlank, at == line.count || !Self.isBlank(line[at]) { return nil }
    return at
  }

  private static func skipBlanks(in line: UnsafeRawBufferPointer, from start: Int) -> Int {
    var at = start
    while at < line.count, isBlank(line[at]) { at += 1 }
    return at
  }
}

internal import Glibc

/// The texts of a pattern that stand for themselves, each cut at its blanks. They find themselves in a line; they never
/// capture.
///
/// All lie one behind another, and what is known of each is plain numbers: so a search touches no object on its way.
struct LineLiterals: Sendable, Hashable {
  /// A text's words in `bytes`, with a blank between each two.
  fileprivate struct Literal: Sendable, Hashable {
    var start: Int
    var end: Int
    var beginsWithBlank: Bool
    var endsWithBlank: Bool
    /// Whether it begins with a full stop that is a word of its own.
    var beginsWithStop: Bool
  }

  private static let blank = UInt8(ascii: " ")
  private var bytes: [UInt8] = []
  private var literals: [Literal] = []

  var count: Int { literals.count }

  /// Adds a text behind the others.
  ///
  /// - Parameter hasTabs: whether a TAB in the text stands for itself, and not for any run of blanks and TABs.
  mutating func append(_ text: String, hasTabs: Bool = false) {
    let text = Array(text.utf8)
    let isBlank = { (byte: UInt8) in byte == Self.blank || (!hasTabs && byte == UInt8(ascii: "\t")) }
    let words = text.split(whereSeparator: isBlank)
    let (start, beginsWithBlank) = (bytes.count, text.first.map(isBlank) ?? false)
    bytes += words.joined(separator: [Self.blank])
    literals.append(
      Literal(
        start: start,
        end: bytes.count,
        beginsWithBlank: beginsWithBlank,
        endsWithBlank: text.last.map(isBlank) ?? false,
        beginsWithStop: words.first.map { $0.elementsEqual(".".utf8) } ?? false && !beginsWithBlank
      )
    )
  }

  /// Whether there is a letter or a digit in one of them. What is beyond ASCII counts as letters.
  var hasWords: Bool {
    bytes.contains { byte in
      let isLetter = byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
      return isLetter || byte &- 48 <= 9 || byte >= 0x80
    }
  }

  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  /// Looks for them in a line. What the body gets means something during the call alone.
  @inline(__always)
  func search<Result>(_ line: UnsafeRawBufferPointer, _ body: (Search) -> Result) -> Result {
    bytes.withUnsafeBufferPointer { bytes in
      literals.withUnsafeBufferPointer { body(Search(line: line, bytes: bytes, literals: $0)) }
    }
  }
}

extension LineLiterals {
  struct Occurrence: Sendable {
    /// Where its first character that is no blank stands; for blanks alone, their first.
    var start: Int
    /// Where the text before it ends, and where the text after it begins, blanks left out.
    var textBefore: Int
    var textAfter: Int
    /// Where to look for the next one.
    var next: Int
  }

  /// A line in which literals are looked for, each named by its place among them.
  struct Search {
    let line: UnsafeRawBufferPointer
    fileprivate let bytes: UnsafeBufferPointer<UInt8>
    fileprivate let literals: UnsafeBufferPointer<Literal>

    var count: Int { literals.count }

    /// The first occurrence that starts at `from` or later.
    func first(_ index: Int, from: Int) -> Occurrence? {
      let literal = literals[index]
      guard literal.start < literal.end else { return firstBlank(from: from) }
      guard let base = line.baseAddress else { return nil }
      var at = from
      while at < line.count, let found = memchr(base + at, Int32(bytes[literal.start]), line.count - at) {
        let start = UnsafeRawPointer(found) - base
        if let end = end(of: literal, from: start) {
          var before = start
          while before > 0, isBlank(line[before - 1]) { before -= 1 }
          return Occurrence(start: start, textBefore: before, textAfter: skipBlanks(from: end), next: start + 1)
        }
        at = start + 1
      }
      return nil
    }

    /// The same for the literal that ends a pattern: if it begins with a full stop, that is not the one inside `0.125`.
    func first(_ index: Int, from: Int, endsSentence: Bool) -> Occurrence? {
      var next = first(index, from: from)
      guard endsSentence, literals[index].beginsWithStop else { return next }
      while let at = next, at.start + 1 < line.count, line[at.start - 1] &- 48 <= 9, line[at.start + 1] &- 48 <= 9 {
        next = first(index, from: at.next)
      }
      return next
    }

    private func firstBlank(from: Int) -> Occurrence? {
      var start = from
      while start < line.count, !isBlank(line[start]) { start += 1 }
      guard start < line.count else { return nil }
      let after = skipBlanks(from: start)
      return Occurrence(start: start, textBefore: start, textAfter: after, next: after)
    }

    /// Where the literal ends that starts at `start`; nil where it is not there.
    private func end(of literal: Literal, from start: Int) -> Int? {
      if literal.beginsWithBlank, start == 0 || !isBlank(line[start - 1]) { return nil }
      var at = start
      for index in literal.start..<literal.end {
        if bytes[index] == LineLiterals.blank {
          let next = skipBlanks(from: at)
          guard next > at else { return nil }
          at = next
        } else {
          guard at < line.count, line[at] == bytes[index] else { return nil }
          at += 1
        }
      }
      if literal.endsWithBlank, at == line.count || !isBlank(line[at]) { return nil }
      return at
    }

    @inline(__always)
    private func skipBlanks(from start: Int) -> Int {
      var at = start
      while at < line.count, isBlank(line[at]) { at += 1 }
      return at
    }

    @inline(__always)
    private func isBlank(_ byte: UInt8) -> Bool { LineLiterals.isBlank(byte) }
  }
}

/// A pattern that a whole text has to match, such as the name of a field.
///
/// A capture takes any characters, at least one and as few as it can. The same bytes are never looked at twice for the
/// same part, so a hostile text costs no more than a long one.
public struct FieldPattern: Sendable, Hashable {
  /// The pattern as it was taken apart.
  public let pattern: Pattern

  /// Gives a pattern this meaning.
  public init(_ pattern: Pattern) {
    self.pattern = pattern
  }

  /// Matches a text.
  ///
  /// - Returns: what the captures take, in the order of `pattern.captureNames`; nil if the text does not match.
  public func match(_ name: String) -> [String]? {
    var name = name
    return name.withUTF8 { bytes in
      match(bytes)?.map { String(decoding: bytes[$0], as: UTF8.self) }
    }
  }

  /// Matches a text given as bytes.
  ///
  /// - Returns: the ranges of bytes that the captures take, in the order of `pattern.captureNames`; nil if the text
  ///   does not match.
  public func match(_ text: UnsafeBufferPointer<UInt8>) -> [Range<Int>]? {
    var taken: [Range<Int>] = []
    // The end of what is settled, and where the captures begin that wait for the text behind them.
    var end = 0
    var waiting: [(start: Int, isNamed: Bool)] = []
    func settle(at next: Int) {
      for (place, capture) in waiting.enumerated() {
        // Of captures side by side each takes a character, and the last one the rest.
        let stop = place == waiting.count - 1 ? next : capture.start + 1
        if capture.isNamed { taken.append(capture.start..<stop) }
      }
      waiting.removeAll()
    }
    for (index, part) in pattern.parts.enumerated() {
      switch part {
      case .capture(let name), .deepCapture(let name):
        guard end < text.count else { return nil }
        waiting.append((start: end, isNamed: name != "_"))
        end += 1
      case .literal(let literal), .field(let literal):
        let isLast = index == pattern.parts.count - 1
        guard let start = Self.find(literal, in: text, from: end, isFixed: waiting.isEmpty, isLast: isLast) else {
          return nil
        }
        settle(at: start)
        end = start + literal.utf8.count
      }
    }
    guard !waiting.isEmpty || end == text.count else { return nil }
    settle(at: text.count)
    return taken
  }

  /// Where the literal stands: at `from`, or behind a capture at the first place from there on; the pattern's last one
  /// at the text's end. A match that takes a later place than the first leaves less for what follows, and so matches
  /// nothing more.
  private static func find(
    _ literal: String,
    in text: UnsafeBufferPointer<UInt8>,
    from: Int,
    isFixed: Bool,
    isLast: Bool
  ) -> Int? {
    let bytes = literal.utf8
    let lastStart = text.count - bytes.count
    guard from <= lastStart else { return nil }
    var start = isLast && !isFixed ? lastStart : from
    while start <= lastStart {
      if text[start...].starts(with: bytes) { return start }
      if isFixed || isLast { return nil }
      start += 1
    }
    return nil
  }
}

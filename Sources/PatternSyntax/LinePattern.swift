/// A pattern that is looked for in a console line, and may be found anywhere in it.
///
/// - A blank in the pattern stands for any run of blanks and TABs.
/// - A capture takes the shortest text up to what follows it. At the pattern's beginning or end it takes one word.
/// - A capture takes at least one character, without the blanks around it.
/// - A full stop behind the last capture is none inside a number.
/// - Of several matches the leftmost counts whose captures are accepted.
///
/// The same bytes are never looked at twice for the same part, so a hostile line costs no more than a long one.
public struct LinePattern: Sendable, Hashable {
  /// What never changes: so a copy of the pattern, which each search makes, is one reference.
  private final class Parts: Sendable {
    let pattern: Pattern
    /// The texts between the captures. A capture stands between each two.
    let literals: LineLiterals
    /// For each capture in order, `{_}` included, its place among the named ones; -1 for `{_}`.
    let places: [Int]
    let beginsWithCapture: Bool
    let endsWithCapture: Bool
    let namedCount: Int

    init(_ pattern: Pattern) {
      var literals = LineLiterals()
      var places: [Int] = []
      var named = 0
      for part in pattern.parts {
        switch part {
        case .literal(let text), .field(let text): literals.append(text)
        case .capture(let name), .deepCapture(let name):
          places.append(name == "_" ? -1 : named)
          if name != "_" { named += 1 }
        }
      }
      self.pattern = pattern
      self.literals = literals
      self.places = places
      namedCount = named
      beginsWithCapture = pattern.parts.first?.captureName != nil
      endsWithCapture = pattern.parts.last?.captureName != nil
    }
  }

  private let parts: Parts

  /// Gives a pattern this meaning.
  ///
  /// - Parameter pattern: a pattern whose captures have text between them, as `Pattern.init(parsing:)` demands by
  ///   default.
  public init(_ pattern: Pattern) { parts = Parts(pattern) }

  /// The pattern as it was taken apart.
  public var pattern: Pattern { parts.pattern }

  /// The names of the captures in order, without `{_}`.
  public var captureNames: [String] { pattern.captureNames }

  /// Whether the last of `captureNames` ends the pattern, so that it takes one word.
  public var endsWithNamedCapture: Bool { parts.endsWithCapture && parts.places.last != -1 }

  /// Whether the first of `captureNames` begins the pattern, so that it takes one word.
  public var beginsWithNamedCapture: Bool { parts.beginsWithCapture && parts.places.first == 0 }

  /// Whether it has a word by which a line can be told: blanks and punctuation stand in every sentence.
  public var hasWords: Bool { parts.literals.hasWords }

  /// How far the pattern leads into a line, for people: how many of its texts come in their order, and which one does not;
  /// nil: all of them come.
  package func progress(in line: [UInt8]) -> (found: Int, missing: String?) {
    line.withUnsafeBytes { bytes in
      parts.literals.search(bytes) { search in
        var from = 0
        for index in 0..<parts.literals.count {
          guard let next = search.first(index, from: from) else { return (index, literalTexts[index]) }
          from = next.next
        }
        return (parts.literals.count, nil)
      }
    }
  }

  /// The texts between the captures, as they are written.
  private var literalTexts: [String] {
    pattern.parts.compactMap { part in
      switch part {
      case .literal(let text), .field(let text): text
      case .capture, .deepCapture: nil
      }
    }
  }

  /// The result of looking for a pattern, and the memory that this needs. Use one again from line to line, so that
  /// nothing is allocated; it fits any pattern.
  public struct Match: Sendable {
    /// The ranges of bytes in the line that the named captures take, in the order of `captureNames`. They mean
    /// something only after a call that returned true.
    public fileprivate(set) var captures: [Range<Int>] = []
    /// Whether the search moves on to the right: nearly all patterns are found at the first place, or not at all, and then
    /// nothing has to be remembered.
    fileprivate var remembers = false
    fileprivate var found: [LineLiterals.Occurrence?] = []
    fileprivate var judged: [(range: Range<Int>, isAccepted: Bool)] = []
    fileprivate var firstWord = 0..<0
    fileprivate var lastWord = 0..<0

    /// Creates an empty result.
    public init() {}

    fileprivate mutating func reset(captures count: Int) {
      if captures.count != count { captures = Array(repeating: 0..<0, count: count) }
      remembers = false
      firstWord = 0..<0
      lastWord = 0..<0
    }

    fileprivate mutating func remember(literals: Int, captures: Int) {
      remembers = true
      found.removeAll(keepingCapacity: true)
      found.append(contentsOf: repeatElement(nil, count: literals))
      judged.removeAll(keepingCapacity: true)
      judged.append(contentsOf: repeatElement((range: 0..<0, isAccepted: false), count: captures))
    }
  }

  /// Looks for the pattern in a line.
  ///
  /// - Parameters:
  ///   - line: the line's bytes without its end.
  ///   - match: where the result goes.
  ///   - accepts: whether a named capture, given by its place in `captureNames`, may take a text. Where it may not, the
  ///     search goes on to the right. The bytes are valid during the call alone.
  /// - Returns: whether the pattern was found. An empty pattern is found in every line.
  public func match(
    _ line: UnsafeRawBufferPointer,
    into match: inout Match,
    accepts: (_ capture: Int, _ text: UnsafeRawBufferPointer) -> Bool
  ) -> Bool {
    match.reset(captures: parts.namedCount)
    return parts.literals.search(line) { search in
      guard search.count > 0 else { return matchWord(in: line, into: &match, accepts: accepts) }
      var from = 0
      while let start = search.first(0, from: from) {
        switch attempt(search, from: start, into: &match, accepts: accepts) {
        case .matched: return true
        case .hopeless: return false
        case .refused: from = start.next
        }
        if !match.remembers { match.remember(literals: search.count, captures: parts.places.count) }
      }
      return false
    }
  }

  private enum Attempt {
    case matched
    /// Not from here.
    case refused
    /// Not from here, nor from anywhere further on.
    case hopeless
  }

  /// Tries the match whose first literal stands at a place. As that place moves on, so do those of the other literals: what
  /// was found for them stays until it lies too far back.
  private func attempt(
    _ search: LineLiterals.Search,
    from first: LineLiterals.Occurrence,
    into match: inout Match,
    accepts: (Int, UnsafeRawBufferPointer) -> Bool
  ) -> Attempt {
    var last = first
    let line = search.line
    var capture = 0
    if parts.beginsWithCapture {
      guard last.textBefore > 0 else { return .refused }
      let start = wordStart(before: last.textBefore, in: line, &match)
      guard take(capture, start..<last.textBefore, line, &match, accepts) else { return .refused }
      capture += 1
    }
    for index in 1..<search.count {
      let start = last.textAfter
      guard start < line.count else { return .hopeless }
      var next = match.remembers ? match.found[index] : nil
      if next.map({ $0.start <= start }) ?? true {
        let isEnd = index == search.count - 1 && !parts.endsWithCapture
        next = search.first(index, from: start + 1, endsSentence: isEnd)
        if match.remembers { match.found[index] = next }
      }
      guard let next else { return .hopeless }
      guard take(capture, start..<next.textBefore, line, &match, accepts) else { return .refused }
      capture += 1
      last = next
    }
    if parts.endsWithCapture {
      let start = last.textAfter
      guard start < line.count else { return .hopeless }
      if !match.lastWord.contains(start) { match.lastWord = start..<Self.wordEnd(from: start, in: line) }
      guard take(capture, start..<match.lastWord.upperBound, line, &match, accepts) else { return .refused }
    }
    return .matched
  }

  /// Judges a capture's text, once for the same text in the same place.
  private func take(
    _ capture: Int,
    _ range: Range<Int>,
    _ line: UnsafeRawBufferPointer,
    _ match: inout Match,
    _ accepts: (Int, UnsafeRawBufferPointer) -> Bool
  ) -> Bool {
    let place = parts.places[capture]
    guard place >= 0 else { return true }
    match.captures[place] = range
    let text = UnsafeRawBufferPointer(rebasing: line[range])
    guard match.remembers else { return accepts(place, text) }
    if match.judged[capture].range != range { match.judged[capture] = (range, accepts(place, text)) }
    return match.judged[capture].isAccepted
  }

  /// A pattern that is one capture: the first word that it accepts. One that is nothing matches everything.
  private func matchWord(
    in line: UnsafeRawBufferPointer,
    into match: inout Match,
    accepts: (Int, UnsafeRawBufferPointer) -> Bool
  ) -> Bool {
    guard !parts.places.isEmpty else { return true }
    var start = 0
    while start < line.count {
      if LineLiterals.isBlank(line[start]) {
        start += 1
        continue
      }
      let end = Self.wordEnd(from: start, in: line)
      if take(0, start..<end, line, &match, accepts) { return true }
      start = end
    }
    return false
  }

  private static func wordEnd(from start: Int, in line: UnsafeRawBufferPointer) -> Int {
    var end = start
    while end < line.count, !LineLiterals.isBlank(line[end]) { end += 1 }
    return end
  }

  /// Where the word begins that ends at `end`. `match.firstWord` holds the last one asked for, further left.
  private func wordStart(before end: Int, in line: UnsafeRawBufferPointer, _ match: inout Match) -> Int {
    var start = end
    while start > 0, !LineLiterals.isBlank(line[start - 1]) {
      if start == match.firstWord.upperBound, !match.firstWord.isEmpty {
        start = match.firstWord.lowerBound
        break
      }
      start -= 1
    }
    match.firstWord = start..<end
    return start
  }

  /// Whether two patterns were written alike.
  public static func == (a: LinePattern, b: LinePattern) -> Bool { a.pattern == b.pattern }

  /// Feeds the pattern into a hasher.
  public func hash(into hasher: inout Hasher) { hasher.combine(pattern) }
}

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
  /// The pattern as it was taken apart.
  public let pattern: Pattern

  /// The texts between the captures. A capture stands between each two.
  private let literals: [LineLiteral]
  /// For each capture in order, `{_}` included, its place among the named ones; -1 for `{_}`.
  private let places: [Int]
  private let beginsWithCapture: Bool
  private let endsWithCapture: Bool

  /// Gives a pattern this meaning.
  ///
  /// - Parameter pattern: a pattern whose captures have text between them, as `Pattern.init(parsing:)` demands by
  ///   default.
  public init(_ pattern: Pattern) {
    self.pattern = pattern
    var literals: [LineLiteral] = []
    var places: [Int] = []
    var named = 0
    for part in pattern.parts {
      switch part {
      case .literal(let text), .field(let text): literals.append(LineLiteral(text))
      case .capture(let name), .deepCapture(let name):
        places.append(name == "_" ? -1 : named)
        if name != "_" { named += 1 }
      }
    }
    self.literals = literals
    self.places = places
    beginsWithCapture = pattern.parts.first?.captureName != nil
    endsWithCapture = pattern.parts.last?.captureName != nil
  }

  /// The names of the captures in order, without `{_}`.
  public var captureNames: [String] { pattern.captureNames }

  /// Whether the last of `captureNames` ends the pattern, so that it takes one word.
  public var endsWithNamedCapture: Bool { endsWithCapture && places.last != -1 }

  /// Whether the first of `captureNames` begins the pattern, so that it takes one word.
  public var beginsWithNamedCapture: Bool { beginsWithCapture && places.first == 0 }

  /// Whether it has a word by which a line can be told: blanks and punctuation stand in every sentence.
  public var hasWords: Bool { literals.contains(where: \.hasWords) }

  /// How far the pattern leads into a line, for people: how many of its texts come in their order, and which one does not;
  /// nil: all of them come.
  package func progress(in line: [UInt8]) -> (found: Int, missing: String?) {
    line.withUnsafeBytes { bytes in
      var from = 0
      for (index, literal) in literals.enumerated() {
        guard let next = literal.first(in: bytes, from: from) else { return (index, literalTexts[index]) }
        from = next.next
      }
      return (literals.count, nil)
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
    fileprivate var found: [LineLiteral.Occurrence?] = []
    fileprivate var judged: [(range: Range<Int>, isAccepted: Bool)] = []
    fileprivate var firstWord = 0..<0
    fileprivate var lastWord = 0..<0

    /// Creates an empty result.
    public init() {}
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
    match.captures.removeAll(keepingCapacity: true)
    match.captures.append(contentsOf: repeatElement(0..<0, count: places.count { $0 >= 0 }))
    match.judged.removeAll(keepingCapacity: true)
    match.judged.append(contentsOf: repeatElement((range: 0..<0, isAccepted: false), count: places.count))
    match.found.removeAll(keepingCapacity: true)
    match.found.append(contentsOf: repeatElement(nil, count: literals.count))
    match.firstWord = 0..<0
    match.lastWord = 0..<0
    guard let first = literals.first else { return matchWord(in: line, into: &match, accepts: accepts) }

    var from = 0
    while let start = first.first(in: line, from: from) {
      match.found[0] = start
      switch attempt(in: line, into: &match, accepts: accepts) {
      case .matched: return true
      case .hopeless: return false
      case .refused: from = start.next
      }
    }
    return false
  }

  private enum Attempt {
    case matched
    /// Not from here.
    case refused
    /// Not from here, nor from anywhere further on.
    case hopeless
  }

  /// Tries the match whose first literal stands at `match.found[0]`. As that place moves on, so do those of the other
  /// literals: what was found for them stays until it lies too far back.
  private func attempt(
    in line: UnsafeRawBufferPointer,
    into match: inout Match,
    accepts: (Int, UnsafeRawBufferPointer) -> Bool
  ) -> Attempt {
    guard var last = match.found[0] else { return .hopeless }
    var capture = 0
    if beginsWithCapture {
      guard last.textBefore > 0 else { return .refused }
      let start = wordStart(before: last.textBefore, in: line, &match)
      guard take(capture, start..<last.textBefore, line, &match, accepts) else { return .refused }
      capture += 1
    }
    for index in literals.indices.dropFirst() {
      let start = last.textAfter
      guard start < line.count else { return .hopeless }
      if match.found[index].map({ $0.start <= start }) ?? true {
        let isEnd = index == literals.count - 1 && !endsWithCapture
        match.found[index] = literals[index].first(in: line, from: start + 1, endsSentence: isEnd)
      }
      guard let next = match.found[index] else { return .hopeless }
      guard take(capture, start..<next.textBefore, line, &match, accepts) else { return .refused }
      capture += 1
      last = next
    }
    if endsWithCapture {
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
    let place = places[capture]
    guard place >= 0 else { return true }
    if match.judged[capture].range != range {
      match.judged[capture] = (range, accepts(place, UnsafeRawBufferPointer(rebasing: line[range])))
    }
    match.captures[place] = range
    return match.judged[capture].isAccepted
  }

  /// A pattern that is one capture: the first word that it accepts. One that is nothing matches everything.
  private func matchWord(
    in line: UnsafeRawBufferPointer,
    into match: inout Match,
    accepts: (Int, UnsafeRawBufferPointer) -> Bool
  ) -> Bool {
    guard !places.isEmpty else { return true }
    var start = 0
    while start < line.count {
      if LineLiteral.isBlank(line[start]) {
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
    while end < line.count, !LineLiteral.isBlank(line[end]) { end += 1 }
    return end
  }

  /// Where the word begins that ends at `end`. `match.firstWord` holds the last one asked for, further left.
  private func wordStart(before end: Int, in line: UnsafeRawBufferPointer, _ match: inout Match) -> Int {
    var start = end
    while start > 0, !LineLiteral.isBlank(line[start - 1]) {
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

/// A pattern with a key and a value, such as `{key}:{value}`, that finds all its pairs in a console line.
///
/// Between key and value stands the separator, here `:`. The text before it reaches back to what stands between pairs,
/// to the text with which the pattern begins, or to the beginning of the line. The text behind it reaches forward in
/// the same way. Both are taken without the blanks around them, and where one is empty there is no pair. A blank in the
/// pattern stands for any run of blanks and TABs.
///
/// A separator followed by a blank wins over one that is not: in `epoch 1: loss: 0.5, acc:0.9` the keys are `loss` and
/// `acc`. The same bytes are never looked at twice for the same part, so a hostile line costs no more than a long one.
public struct PairPattern: Sendable, Hashable {
  /// A pair that was found.
  public struct Pair: Sendable, Hashable {
    /// The range of the key's bytes in the line. It is never empty.
    public var key: Range<Int>
    /// The range of the value's bytes in the line. It is never empty.
    public var value: Range<Int>
  }

  /// The texts before, between and behind the two captures; the outer ones may not be there.
  private let before: LineLiteral?
  private let middle: LineLiteral
  private let behind: LineLiteral?
  private let between: LineLiteral
  private let separatesByBlanks: Bool
  private let keyIsFirst: Bool

  /// Gives a pattern this meaning. The result is nil unless the pattern has the captures `{key}` and `{value}`, in any
  /// order, with a text between them and no other capture, and `between` has a character.
  ///
  /// - Parameters:
  ///   - pattern: the pattern of one pair.
  ///   - between: what stands between pairs. A blank is any run of blanks and TABs; a TAB is a TAB.
  public init?(_ pattern: Pattern, between: String) {
    let captures = pattern.parts.compactMap(\.captureName)
    guard captures.count == 2, Set(captures) == ["key", "value"], !between.isEmpty,
      let first = pattern.parts.firstIndex(where: { $0.captureName != nil }), first + 2 < pattern.parts.count,
      let middle = Self.literal(pattern.parts[first + 1])
    else { return nil }
    self.before = first > 0 ? Self.literal(pattern.parts[first - 1]) : nil
    self.middle = middle
    behind = first + 3 < pattern.parts.count ? Self.literal(pattern.parts[first + 3]) : nil
    self.between = LineLiteral(between, hasTabs: true)
    separatesByBlanks = between.utf8.allSatisfy(LineLiteral.isBlank)
    keyIsFirst = captures[0] == "key"
  }

  /// Whether a key begins behind a blank, or at the beginning of the line.
  public var keysEndAtBlanks: Bool { keyIsFirst && before == nil && separatesByBlanks }

  private static func literal(_ part: Pattern.Part) -> LineLiteral? {
    if case .literal(let text) = part { LineLiteral(text) } else { nil }
  }

  /// Finds the pairs of a line.
  ///
  /// - Parameters:
  ///   - line: the line's bytes without its end.
  ///   - pairs: is emptied first, and gets the pairs in the order of the line. The same key may come more than once.
  public func find(in line: UnsafeRawBufferPointer, into pairs: inout [Pair]) {
    pairs.removeAll(keepingCapacity: true)
    var search = Search(line: line)
    // Where the pair before ends, and from where the next middle is looked for.
    var from = 0
    var middleFrom = 0
    while var at = middle.first(in: line, from: middleFrom) {
      middleFrom = at.start + 1
      guard var first = firstText(from: from, before: at, &search), var end = secondEnd(behind: at, &search) else {
        continue
      }
      if behind == nil {
        while let better = lastSpaced(behind: at, keyFrom: first.lowerBound, until: end.text, in: line) {
          at = better.middle
          first = better.from..<max(better.from, at.textBefore)
          guard at.textAfter >= end.text, let further = secondEnd(behind: at, &search) else { break }
          end = further
        }
      }
      from = end.pair
      middleFrom = max(at.start + 1, from)
      var second = at.textAfter..<max(at.textAfter, end.text)
      if behind == nil, separatesByBlanks, second.count > 1, ",;".utf8.contains(line[second.upperBound - 1]) {
        // `loss: 0.5, lr: 0.1`
        second = second.lowerBound..<second.upperBound - 1
      }
      guard !first.isEmpty, !second.isEmpty else { continue }
      pairs.append(keyIsFirst ? Pair(key: first, value: second) : Pair(key: second, value: first))
    }
  }

  /// A literal's next occurrence, kept until the search has passed it.
  private struct Next {
    private var found: LineLiteral.Occurrence?
    private var isExhausted = false

    mutating func first(
      _ literal: LineLiteral,
      in line: UnsafeRawBufferPointer,
      from: Int
    ) -> LineLiteral.Occurrence? {
      if let found, found.start >= from { return found }
      if isExhausted { return nil }
      found = literal.first(in: line, from: from)
      isExhausted = found == nil
      return found
    }
  }

  private struct Search {
    let line: UnsafeRawBufferPointer
    /// What ends the text behind the middle, and what begins the one before it.
    var closing = Next()
    var opening = Next()
    /// Where the text before the middle begins, as far as its beginnings are known.
    var start: Int?
  }

  /// Where the text behind a middle ends, and where its pair does; nil: it is empty, or has no end.
  private func secondEnd(
    behind middle: LineLiteral.Occurrence,
    _ search: inout Search
  ) -> (text: Int, pair: Int)? {
    let line = search.line
    let start = middle.textAfter
    if let closing = search.closing.first(behind ?? between, in: line, from: start) {
      guard start < closing.textBefore else { return nil }
      return (closing.textBefore, behind == nil ? closing.start : closing.textAfter)
    }
    guard behind == nil else { return nil }
    var end = line.count
    while end > start, LineLiteral.isBlank(line[end - 1]) { end -= 1 }
    return start < end ? (end, line.count) : nil
  }

  /// The last middle before `end` with a blank or nothing behind it, and where the text before it begins.
  private func lastSpaced(
    behind first: LineLiteral.Occurrence,
    keyFrom: Int,
    until end: Int,
    in line: UnsafeRawBufferPointer
  ) -> (middle: LineLiteral.Occurrence, from: Int)? {
    func isSpaced(_ middle: LineLiteral.Occurrence) -> Bool {
      middle.textAfter >= end || LineLiteral.isBlank(line[middle.textAfter - 1])
    }
    var found: (middle: LineLiteral.Occurrence, from: Int)?
    var from = isSpaced(first) ? first.textAfter : keyFrom
    var at = first.textAfter
    while let next = middle.first(in: line, from: at), next.start < end {
      at = next.start + 1
      guard isSpaced(next) else { continue }
      found = (next, from)
      from = next.textAfter
    }
    return found
  }

  private func firstText(
    from: Int,
    before middle: LineLiteral.Occurrence,
    _ search: inout Search
  ) -> Range<Int>? {
    let end = middle.textBefore
    if search.start.map({ $0 < from }) ?? true { search.start = before == nil ? from : nil }
    while let next = search.opening.first(before ?? between, in: search.line, from: max(from, search.start ?? 0)),
      next.textAfter <= end
    {
      search.start = next.textAfter
    }
    guard var start = search.start else { return nil }
    while start < end, LineLiteral.isBlank(search.line[start]) { start += 1 }
    return start < end ? start..<end : nil
  }

  /// Whether two patterns find the same pairs by the same texts.
  public static func == (a: PairPattern, b: PairPattern) -> Bool {
    a.before == b.before && a.middle == b.middle && a.behind == b.behind && a.between == b.between
      && a.keyIsFirst == b.keyIsFirst
  }
}

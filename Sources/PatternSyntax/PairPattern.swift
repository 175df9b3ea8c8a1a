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

  private let literals: LineLiterals
  /// The places of the texts before, between and behind the two captures; the outer ones may not be there.
  private let before: Int?
  private let middle: Int
  private let behind: Int?
  private let between: Int
  private let separatesByBlanks: Bool
  private let keyIsFirst: Bool
  /// Finds the pairs of most lines; nil where the pattern or what stands between pairs is out of the ordinary.
  private let plain: PlainPairs?

  /// Gives a pattern this meaning. The result is nil unless the pattern has the captures `{key}` and `{value}`, in any
  /// order, with a text between them and no other capture, and `between` has a character.
  ///
  /// - Parameters:
  ///   - pattern: the pattern of one pair.
  ///   - between: what stands between pairs. A blank is any run of blanks and TABs; a TAB is a TAB.
  public init?(_ pattern: Pattern, between: String) {
    let captures = pattern.parts.compactMap(\.captureName)
    guard captures.count == 2, Set(captures) == ["key", "value"], !between.isEmpty,
      let first = pattern.parts.firstIndex(where: { $0.captureName != nil }), first + 2 < pattern.parts.count
    else { return nil }
    var literals = LineLiterals()
    let place = { (part: Int) -> Int? in
      guard pattern.parts.indices.contains(part), case .literal(let text) = pattern.parts[part] else { return nil }
      literals.append(text)
      return literals.count - 1
    }
    before = place(first - 1)
    guard let middle = place(first + 1) else { return nil }
    self.middle = middle
    behind = place(first + 3)
    self.between = literals.count
    literals.append(between, hasTabs: true)
    self.literals = literals
    separatesByBlanks = between.utf8.allSatisfy(LineLiterals.isBlank)
    keyIsFirst = captures[0] == "key"
    var plain: PlainPairs?
    if keyIsFirst, before == nil, behind == nil, between.utf8.contains(UInt8(ascii: " ")), separatesByBlanks,
      case .literal(let text) = pattern.parts[first + 1]
    {
      plain = PlainPairs(separator: text)
    }
    self.plain = plain
  }

  /// Whether a key begins behind a blank, or at the beginning of the line.
  public var keysEndAtBlanks: Bool { keyIsFirst && before == nil && separatesByBlanks }

  /// Finds the pairs of a line.
  ///
  /// - Parameters:
  ///   - line: the line's bytes without its end.
  ///   - pairs: is emptied first, and gets the pairs in the order of the line. The same key may come more than once.
  public func find(in line: UnsafeRawBufferPointer, into pairs: inout [Pair]) {
    pairs.removeAll(keepingCapacity: true)
    if let plain, plain.find(in: line, into: &pairs) { return }
    pairs.removeAll(keepingCapacity: true)
    search(in: line, into: &pairs)
  }

  /// The same for any line.
  func search(in line: UnsafeRawBufferPointer, into pairs: inout [Pair]) {
    literals.search(line) { find(Finding(text: $0), into: &pairs) }
  }

  private func find(_ finding: consuming Finding, into pairs: inout [Pair]) {
    let line = finding.text.line
    // Where the pair before ends, and from where the next middle is looked for.
    var from = 0
    var middleFrom = 0
    while var at = finding.middles.first(middle, in: finding.text, from: middleFrom) {
      middleFrom = at.start + 1
      guard var first = firstText(from: from, before: at, &finding), var end = secondEnd(behind: at, &finding) else {
        continue
      }
      if behind == nil {
        while let better = lastSpaced(behind: at, keyFrom: first.lowerBound, until: end.text, &finding) {
          at = better.middle
          first = better.from..<max(better.from, at.textBefore)
          guard at.textAfter >= end.text, let further = secondEnd(behind: at, &finding) else { break }
          end = further
        }
      }
      from = end.pair
      middleFrom = max(at.start + 1, from)
      var second = at.textAfter..<max(at.textAfter, end.text)
      if behind == nil, separatesByBlanks, second.count > 1, Self.endsPart(line[second.upperBound - 1]) {
        // `loss: 0.5, lr: 0.1`
        second = second.lowerBound..<second.upperBound - 1
      }
      guard !first.isEmpty, !second.isEmpty else { continue }
      pairs.append(keyIsFirst ? Pair(key: first, value: second) : Pair(key: second, value: first))
    }
  }

  @inline(__always)
  static func endsPart(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";") }

  /// A literal's next occurrence, kept until the search has passed it: each is asked for from further and further on.
  private struct Next {
    private var found: LineLiterals.Occurrence?
    private var isExhausted = false

    @inline(__always)
    mutating func first(_ literal: Int, in text: LineLiterals.Search, from: Int) -> LineLiterals.Occurrence? {
      if let found, found.start >= from { return found }
      if isExhausted { return nil }
      found = text.first(literal, from: from)
      isExhausted = found == nil
      return found
    }
  }

  /// What is known of a line on the way through it.
  private struct Finding {
    let text: LineLiterals.Search
    var middles = Next()
    /// What ends the text behind the middle, and what begins the one before it.
    var closing = Next()
    var opening = Next()
    /// Where the text before the middle begins, as far as its beginnings are known.
    var start: Int?
  }

  /// Where the text behind a middle ends, and where its pair does; nil: it is empty, or has no end.
  private func secondEnd(
    behind middle: LineLiterals.Occurrence,
    _ finding: inout Finding
  ) -> (text: Int, pair: Int)? {
    let line = finding.text.line
    let start = middle.textAfter
    if let closing = finding.closing.first(behind ?? between, in: finding.text, from: start) {
      guard start < closing.textBefore else { return nil }
      return (closing.textBefore, behind == nil ? closing.start : closing.textAfter)
    }
    guard behind == nil else { return nil }
    var end = line.count
    while end > start, LineLiterals.isBlank(line[end - 1]) { end -= 1 }
    return start < end ? (end, line.count) : nil
  }

  /// The last middle before `end` with a blank or nothing behind it, and where the text before it begins.
  private func lastSpaced(
    behind first: LineLiterals.Occurrence,
    keyFrom: Int,
    until end: Int,
    _ finding: inout Finding
  ) -> (middle: LineLiterals.Occurrence, from: Int)? {
    let line = finding.text.line
    func isSpaced(_ middle: LineLiterals.Occurrence) -> Bool {
      middle.textAfter >= end || LineLiterals.isBlank(line[middle.textAfter - 1])
    }
    var found: (middle: LineLiterals.Occurrence, from: Int)?
    var from = isSpaced(first) ? first.textAfter : keyFrom
    var at = first.textAfter
    while let next = finding.middles.first(middle, in: finding.text, from: at), next.start < end {
      at = next.start + 1
      guard isSpaced(next) else { continue }
      found = (next, from)
      from = next.textAfter
    }
    return found
  }

  private func firstText(
    from: Int,
    before middle: LineLiterals.Occurrence,
    _ finding: inout Finding
  ) -> Range<Int>? {
    let end = middle.textBefore
    if finding.start.map({ $0 < from }) ?? true { finding.start = before == nil ? from : nil }
    while let next = finding.opening.first(before ?? between, in: finding.text, from: max(from, finding.start ?? 0)),
      next.textAfter <= end
    {
      finding.start = next.textAfter
    }
    guard var start = finding.start else { return nil }
    while start < end, LineLiterals.isBlank(finding.text.line[start]) { start += 1 }
    return start < end ? start..<end : nil
  }

  /// Whether two patterns find the same pairs by the same texts.
  public static func == (a: PairPattern, b: PairPattern) -> Bool {
    a.literals == b.literals && a.before == b.before && a.middle == b.middle && a.behind == b.behind
      && a.keyIsFirst == b.keyIsFirst
  }
}

import PatternSyntax

extension FuzzTarget {
  /// A pattern in the first line, and in each further one a text that it may match.
  static let pattern = FuzzTarget("pattern") { bytes in
    let (head, rest) = bytes.parted(by: .newline)
    let source = String(decoding: head, as: UTF8.self)
    _ = try? Pattern(parsing: source, allowsAdjacentCaptures: true)
    do throws(Pattern.Mistake) {
      let pattern = try Pattern(parsing: source)
      for text in rest.split(separator: .newline, omittingEmptySubsequences: false) {
        matchField(pattern, Array(text))
        matchLine(pattern, Array(text))
        matchPath(pattern, Array(text))
        findPairs(pattern, Array(text))
      }
    } catch {
      let range = error.range
      precondition(range.lowerBound >= 0 && range.upperBound <= source.utf8.count, "a mistake lies in the pattern")
    }
  }

  private static func matchField(_ pattern: Pattern, _ text: [UInt8]) {
    let ranges = text.withUnsafeBufferPointer { FieldPattern(pattern).match($0) }
    guard var taken = ranges?[...] else { return }
    precondition(taken.allSatisfy { !$0.isEmpty && $0.upperBound <= text.count }, "captures lie in the text")
    precondition(taken.count == pattern.captureNames.count, "each capture takes something")
    if pattern.parts.contains(.capture("_")) || pattern.parts.contains(.deepCapture("_")) { return }
    let whole = pattern.parts.flatMap { part in
      switch part {
      case .literal(let literal), .field(let literal): Array(literal.utf8)
      case .capture, .deepCapture: Array(text[taken.removeFirst()])
      }
    }
    precondition(whole == text, "the captures are what the pattern leaves open")
  }

  private static func matchLine(_ pattern: Pattern, _ text: [UInt8]) {
    let line = LinePattern(pattern)
    var match = LinePattern.Match()
    let isMatch = text.withUnsafeBytes { bytes in
      // Some captures want numbers, as targets of the catalog do.
      line.match(bytes, into: &match) { $0 % 2 == 0 || $1.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } }
    }
    _ = line.progress(in: text)
    guard isMatch else { return }
    precondition(match.captures.count == pattern.captureNames.count, "each capture takes something")
    precondition(match.captures.allSatisfy { !$0.isEmpty && $0.upperBound <= text.count }, "captures lie in the line")
  }

  /// A file is found by a walk through folders exactly where its whole path matches.
  private static func matchPath(_ pattern: Pattern, _ text: [UInt8]) {
    let pattern = PathPattern(pattern)
    let captures = pattern.match(text)
    precondition(captures?.count ?? pattern.pattern.captureNames.count == pattern.pattern.captureNames.count)
    let names = text.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    // Paths of files have no empty names but the root's, and no `.` that the file system resolves.
    guard names.dropFirst(text.first == UInt8(ascii: "/") ? 1 : 0).allSatisfy({ !$0.isEmpty && $0 != [0x2E] }) else {
      return
    }
    precondition(walk(pattern, to: text) == (captures != nil), "a walk finds what matches")
  }

  private static func walk(_ pattern: PathPattern, to path: [UInt8]) -> Bool {
    let base = Array(pattern.base.utf8)
    let prefix = base.isEmpty || pattern.base == "/" ? base : base + [UInt8(ascii: "/")]
    guard path.starts(with: prefix) else { return false }
    var names = path.dropFirst(prefix.count).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    let last = names.removeLast()
    var position = pattern.start
    for name in names {
      guard let next = pattern.descend(position, into: name) else { return false }
      position = next
    }
    return pattern.accepts(position, name: last)
  }

  private static func findPairs(_ pattern: Pattern, _ text: [UInt8]) {
    for between in [" ", ",", "\t| "] {
      guard let pattern = PairPattern(pattern, between: between) else { return }
      var pairs: [PairPattern.Pair] = []
      text.withUnsafeBytes { pattern.find(in: $0, into: &pairs) }
      for pair in pairs {
        precondition(!pair.key.isEmpty && !pair.value.isEmpty, "a pair has a key and a value")
        precondition(max(pair.key.upperBound, pair.value.upperBound) <= text.count, "pairs lie in the line")
        precondition(!pair.key.overlaps(pair.value), "a key is no part of its value")
      }
    }
  }
}

/// What is wrong with a query, and where.
package struct PromQLError: Error, Hashable, Sendable {
  /// The bytes that are wrong. The range is empty at the end of the query where something is missing.
  package var range: Range<Int>
  /// What was found and what was expected: a sentence without a full stop, on one line.
  package var message: String
  /// A second place that belongs to it, such as that of a bracket that nothing closes.
  package var related: Related?

  package struct Related: Hashable, Sendable {
    package var range: Range<Int>
    /// What is there, such as `opened here`.
    package var message: String
  }

  package init(_ message: String, at range: Range<Int>, related: Related? = nil) {
    self.range = range
    self.message = message
    self.related = related
  }
}

extension PromQLError {
  /// Where a byte of a query stands.
  ///
  /// - Returns: the line, and the column in characters; both count from 1. A line ends with LF.
  package static func position(of offset: Int, in query: [UInt8]) -> (line: Int, column: Int) {
    let before = query[..<min(max(offset, 0), query.count)]
    let start = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    let lines = before.reduce(1) { $1 == 0x0a ? $0 + 1 : $0 }
    return (lines, String(decoding: before[start...], as: UTF8.self).unicodeScalars.count + 1)
  }

  /// The message for a terminal: line and column, the line of the query, and carets below what is wrong.
  ///
  /// ```
  /// 1:6: `rate` needs a range vector, not an instant vector: write a range behind it, such as `[5m]`
  ///   rate(foo)
  ///        ^^^
  /// ```
  package func rendered(in query: [UInt8]) -> String {
    var text = Self.heading(range, message, in: query) + Self.excerpt(range, in: query)
    if let related {
      text += Self.heading(related.range, related.message, in: query) + Self.excerpt(related.range, in: query)
    }
    return text
  }

  private static func heading(_ range: Range<Int>, _ message: String, in query: [UInt8]) -> String {
    let (line, column) = position(of: range.lowerBound, in: query)
    return "\(line):\(column): \(message)\n"
  }

  /// The most characters of a line that are shown, so that a generated query does not fill the screen.
  private static let shownCharactersMax = 120

  /// The line with the carets.
  private static func excerpt(_ range: Range<Int>, in query: [UInt8]) -> String {
    let from = min(range.lowerBound, query.count)
    let start = query[..<from].lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
    let end = query[from...].firstIndex(of: 0x0a) ?? query.count
    // Characters that move the cursor would put the carets elsewhere.
    func shown(_ bytes: ArraySlice<UInt8>) -> [Unicode.Scalar] {
      String(decoding: bytes, as: UTF8.self).unicodeScalars.map { $0.isVisible ? $0 : " " }
    }
    let markedEnd = max(from, min(end, range.upperBound))
    var before = shown(query[start..<from])
    let marked = shown(query[from..<markedEnd]).count
    var rest = shown(query[from..<end])
    if before.count + rest.count > shownCharactersMax, before.count > shownCharactersMax / 2 {
      before = ["…"] + before.suffix(shownCharactersMax / 2)
    }
    let room = shownCharactersMax - before.count
    if rest.count > room { rest = rest.prefix(room) + ["…"] }
    var line = String.UnicodeScalarView()
    line.append(contentsOf: before + rest)
    let carets = String(repeating: "^", count: min(max(1, marked), room))
    return "  \(String(line))\n  \(String(repeating: " ", count: before.count))\(carets)\n"
  }
}

extension Unicode.Scalar {
  /// Whether a terminal shows it in its place. Others move the cursor, or turn round what follows.
  var isVisible: Bool {
    if isASCII { return value >= 0x20 && value != 0x7f }
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return false
    default: return true
    }
  }

  /// Its number, such as `U+00E9`.
  var codePoint: String {
    let digits = String(value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

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

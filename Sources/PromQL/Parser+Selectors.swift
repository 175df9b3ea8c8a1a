/// Selectors of series, without what stands behind them.
extension Parser {
  /// Reads a selector.
  ///
  /// - Parameter name: the name before the token that is looked at, if there was one.
  @inline(never)
  mutating func selector(named name: (Template, Range<Int>)?) throws(PromQLError) -> Expression {
    var selector = Selector(name: name?.0, namePlace: name.map { Place($0.1) })
    let start = name?.1.lowerBound ?? token.range.lowerBound
    if token.kind == .leftBrace {
      selector.matchers = try matchers()
      try check(selector, at: start..<end)
    }
    return try node(.selector(selector), .instantVector, start..<end)
  }

  private mutating func matchers() throws(PromQLError) -> [Matcher] {
    let opening = token.range
    try advance()
    var matchers: [Matcher] = []
    while token.kind != .rightBrace {
      matchers.append(try matcher())
      guard token.kind == .comma else { break }
      try advance()
    }
    try expect(.rightBrace, matchers.isEmpty ? "a label or `}`" : "`,` or `}`", closing: opening)
    return matchers
  }

  private mutating func matcher() throws(PromQLError) -> Matcher {
    let range = token.range
    let label: Label
    switch token.kind {
    case .word:
      if let colon = lexer.bytes[range].firstIndex(of: UInt8(ascii: ":")) {
        throw PromQLError(
          "a label with `:` stands in quotes, as in `{\"\(shown(range))\"=\"…\"}`",
          at: colon..<colon + 1
        )
      }
      label = Label(name, isQuoted: false, range)
      try advance()
    case .template:
      let name = self.name
      try advance()
      if token.kind == .comma || token.kind == .rightBrace {
        return Matcher(kind: .placeholder(name), place: Place(range))
      }
      label = Label(name, isQuoted: false, range)
    case .string:
      let content = try stringContent()
      try advance()
      if token.kind == .comma || token.kind == .rightBrace {
        return Matcher(kind: .name(content), place: Place(range))
      }
      label = Label(content, isQuoted: true, range)
    default: throw unexpected("a label, or a metric's name in quotes")
    }
    guard let operation = matcherOperation else { throw unexpected("`=`, `!=`, `=~` or `!~` behind the label") }
    try advance()
    let valueStart = token.range.lowerBound
    let value = try matcherValue(operation)
    var matcher = Matcher(kind: .label(label, operation, value), place: Place(range.lowerBound..<end))
    matcher.valuePlace = Place(valueStart..<end)
    return matcher
  }

  private var matcherOperation: Matcher.Operation? {
    switch token.kind {
    case .equals: .equal
    case .notEqual: .notEqual
    case .matches: .matches
    case .matchesNot: .matchesNot
    default: nil
    }
  }

  private mutating func matcherValue(_ operation: Matcher.Operation) throws(PromQLError) -> Matcher.Value {
    if token.kind == .template {
      let value = Matcher.Value.placeholder(name)
      try advance()
      return value
    }
    guard token.kind == .string else { throw unexpected("a string behind `\(operation.rawValue)`") }
    let content = try stringContent()
    if operation.isRegularExpression, let bytes = content.bytes {
      do throws(RegularExpression.Fault) {
        _ = try RegularExpression.matchesEmpty(bytes)
      } catch {
        throw PromQLError("this is no regular expression of RE2: \(error.message)", at: token.range)
      }
    }
    try advance()
    return .quoted(content)
  }
}

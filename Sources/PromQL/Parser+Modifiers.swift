/// What stands behind a selector: `[…]`, `@`, `offset`, `anchored` and `smoothed`.
extension Parser {
  /// Reads one bracket or modifier behind an expression.
  ///
  /// - Returns: nil if there is none.
  @inline(never)
  mutating func modified(_ operand: Expression) throws(PromQLError) -> Expression? {
    switch token.kind {
    case .leftBracket: return try bracketed(operand)
    case .at: return try moved(operand)
    case .word:
      switch token.keyword {
      case .offset: return try shifted(operand)
      case .anchored: return try bounded(operand, .anchored)
      case .smoothed: return try bounded(operand, .smoothed)
      default: return nil
      }
    default: return nil
    }
  }

  /// Reads `[5m]` or `[1h:5m]`.
  private mutating func bracketed(_ operand: Expression) throws(PromQLError) -> Expression {
    let opening = token.range
    lexer.isInBrackets = true
    try advance()
    let range = try positive(try duration())
    let isSubquery = token.kind == .colon
    var step: DurationExpression?
    if isSubquery {
      try advance()
      if token.kind != .rightBracket { step = try positive(try duration()) }
    }
    guard token.kind == .rightBracket else {
      throw unexpected(isSubquery ? "`]` or an operator" : "`]`, `:` or an operator", closing: opening)
    }
    lexer.isInBrackets = false
    try advance()
    let brackets = opening.lowerBound..<end
    let whole = operand.place.range.lowerBound..<end
    guard isSubquery else {
      let selector = try ranged(operand, brackets)
      return try node(.rangeSelector(RangeSelector(selector: selector, range: range)), .rangeVector, whole)
    }
    guard ValueType.instantVector.accepts(operand.type) else {
      throw PromQLError("a subquery needs an instant vector before it, not \(operand.type.phrase)", at: whole)
    }
    let subquery = Expression.Subquery(expression: operand, range: range, step: step)
    return try node(.subquery(subquery), .rangeVector, whole, above: operand.levels)
  }

  /// The selector that a range stands behind.
  private func ranged(_ operand: Expression, _ brackets: Range<Int>) throws(PromQLError) -> Selector {
    guard let selector = Self.selector(operand) else {
      throw PromQLError(
        "a range only stands behind a selector: behind another expression, a subquery such as `[5m:]` does",
        at: brackets
      )
    }
    guard selector.offset == nil, selector.at == nil else {
      let modifier = selector.offset == nil ? "@" : "offset"
      throw PromQLError("a range stands before `\(modifier)`, not behind it", at: brackets)
    }
    return selector
  }

  /// An expression as a selector. A variable may be a metric's name.
  private static func selector(_ expression: Expression) -> Selector? {
    switch expression.kind {
    case .selector(let selector): selector
    case .placeholder(let name) where expression.type == .unknown: Selector(name: name, namePlace: expression.place)
    default: nil
    }
  }

  /// Reads `@` and a moment.
  private mutating func moved(_ operand: Expression) throws(PromQLError) -> Expression {
    let mark = token.range
    try advance()
    let moment = try moment()
    return try modify(operand, "@", mark) { (at, _) throws(PromQLError) in
      guard at == nil else { throw PromQLError("`@` stands twice behind the same selector", at: mark) }
      at = moment
    }
  }

  /// Reads `offset` and a duration.
  private mutating func shifted(_ operand: Expression) throws(PromQLError) -> Expression {
    let mark = token.range
    try advance()
    let duration = try offsetDuration()
    return try modify(operand, "offset", mark) { (_, offset) throws(PromQLError) in
      guard offset == nil else { throw PromQLError("`offset` stands twice behind the same selector", at: mark) }
      // Prometheus takes a literal 0 as no offset.
      offset = duration.seconds == 0 ? nil : duration
    }
  }

  private func modify(
    _ operand: Expression,
    _ name: String,
    _ mark: Range<Int>,
    _ change: (inout At?, inout DurationExpression?) throws(PromQLError) -> Void
  ) throws(PromQLError) -> Expression {
    let range = operand.place.range.lowerBound..<end
    if var selector = Self.selector(operand) {
      try change(&selector.at, &selector.offset)
      return try node(.selector(selector), .instantVector, range)
    }
    switch operand.kind {
    case .rangeSelector(var selector):
      try change(&selector.selector.at, &selector.selector.offset)
      return try node(.rangeSelector(selector), .rangeVector, range)
    case .subquery(var subquery):
      try change(&subquery.at, &subquery.offset)
      return try node(.subquery(subquery), .rangeVector, range, above: subquery.expression.levels)
    default:
      throw PromQLError(
        "`\(name)` only stands behind a selector or a subquery: write it inside, as in `sum(foo \(name) …)`",
        at: mark
      )
    }
  }

  /// Reads `anchored` or `smoothed`.
  private mutating func bounded(
    _ operand: Expression,
    _ boundary: Selector.Boundary
  ) throws(PromQLError) -> Expression {
    let mark = token.range
    try advance()
    note(.extendedRangeSelectors, boundary.rawValue, mark)
    func set(_ selector: inout Selector) throws(PromQLError) {
      guard selector.boundary == nil || selector.boundary == boundary else {
        throw PromQLError("`anchored` and `smoothed` exclude each other", at: mark)
      }
      selector.boundary = boundary
    }
    let range = operand.place.range.lowerBound..<end
    if var selector = Self.selector(operand) {
      try set(&selector)
      return try node(.selector(selector), .instantVector, range)
    }
    guard case .rangeSelector(var selector) = operand.kind else {
      throw PromQLError("`\(boundary.rawValue)` only stands behind a selector", at: mark)
    }
    try set(&selector.selector)
    return try node(.rangeSelector(selector), .rangeVector, range)
  }

  /// Reads what stands behind `@`.
  private mutating func moment() throws(PromQLError) -> At {
    let start = token.range
    if token.kind == .template {
      let name = self.name
      try advance()
      return .placeholder(name)
    }
    if token.keyword == .start || token.keyword == .end {
      let isStart = token.keyword == .start
      try advance()
      let opening = token.range
      try expect(.leftParenthesis, "`()` behind `\(text(start))`")
      try expect(.rightParenthesis, "`)`", closing: opening)
      return isStart ? .start : .end
    }
    let sign = self.sign
    if sign != nil { try advance() }
    guard let number else { throw unexpected("a timestamp in seconds, `start()` or `end()` behind `@`") }
    let range = start.lowerBound..<token.range.upperBound
    try advance()
    // Prometheus keeps 64 bits of it.
    guard abs(number.value) < Double(Int64.max) else {
      throw PromQLError("the timestamp behind `@` is no moment", at: range)
    }
    let value = Expression.Number(number.value)
    return .timestamp(sign == .minus ? value.negated : value)
  }
}

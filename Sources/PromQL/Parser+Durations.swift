/// Durations in brackets and behind `offset`.
extension Parser {
  /// Reads a duration with its operators.
  ///
  /// - Parameter minimum: operators that bind less tightly are left to the caller.
  mutating func duration(_ minimum: Int = 1) throws(PromQLError) -> DurationExpression {
    try nested { (parser) throws(PromQLError) in
      let first = try parser.durationOperand()
      return try parser.durationOperators(behind: first, minimum)
    }
  }

  private mutating func durationOperators(
    behind first: DurationExpression,
    _ minimum: Int = 1
  ) throws(PromQLError) -> DurationExpression {
    var left = first
    while let operation = BinaryOperator(token), operation.isArithmetic, operation.precedence >= minimum {
      let mark = token.range
      try advance()
      let right = try duration(operation.rightPrecedence)
      if operation == .divide || operation == .modulo, right.seconds == 0 {
        throw PromQLError("a duration is divided by zero", at: mark.lowerBound..<right.place.range.upperBound)
      }
      left = try bounded(
        DurationExpression(
          .binary(left, operation, right),
          left.place.range.lowerBound..<right.place.range.upperBound
        )
      )
    }
    return left
  }

  private func bounded(_ duration: DurationExpression) throws(PromQLError) -> DurationExpression {
    guard duration.levels <= Self.levelsMax else { throw tooDeep(duration.place.range) }
    return duration
  }

  private mutating func durationOperand() throws(PromQLError) -> DurationExpression {
    guard let sign else { return try durationPrimary() }
    let start = token.range.lowerBound
    try advance()
    let operand = try duration(BinaryOperator.powerPrecedence)
    return try signed(sign, start, operand)
  }

  private func signed(
    _ sign: Expression.Sign,
    _ start: Int,
    _ operand: DurationExpression
  ) throws(PromQLError) -> DurationExpression {
    try bounded(DurationExpression(.unary(sign, operand), start..<operand.place.range.upperBound))
  }

  private mutating func durationPrimary() throws(PromQLError) -> DurationExpression {
    let range = token.range
    switch token.kind {
    case .leftParenthesis: return try durationParentheses()
    case .template:
      let name = self.name
      try advance()
      return DurationExpression(.placeholder(name), range)
    case .word:
      if let function = try durationFunction() { return function }
      fallthrough
    case .number, .duration:
      guard let number else { fallthrough }
      guard abs(number.value) <= NumberText.secondsMax else {
        let fault = number.value.isFinite ? "the duration is longer than 292 years" : "`\(text(range))` is no duration"
        throw PromQLError(fault, at: range)
      }
      try advance()
      return DurationExpression(.number(number), range)
    default:
      throw unexpected("a duration such as `5m`, a number of seconds, `step()` or `range()`")
    }
  }

  private mutating func durationParentheses() throws(PromQLError) -> DurationExpression {
    let opening = token.range
    try advance()
    let inner = try duration()
    try expect(.rightParenthesis, "an operator or `)`", closing: opening)
    return try bounded(DurationExpression(.parentheses(inner), opening.lowerBound..<end))
  }

  /// Reads `step()`, `range()`, `min_of(…, …)` or `max_of(…, …)`; nil if the word is none of them.
  private mutating func durationFunction() throws(PromQLError) -> DurationExpression? {
    guard let keyword = token.keyword, [.step, .range, .minOf, .maxOf].contains(keyword) else { return nil }
    let name = token.range
    try advance()
    let opening = token.range
    try expect(.leftParenthesis, "`(` behind `\(text(name))`")
    if keyword == .step || keyword == .range {
      try expect(.rightParenthesis, "`)`", closing: opening)
      return DurationExpression(keyword == .step ? .step : .range, name.lowerBound..<end)
    }
    let first = try duration()
    try expect(.comma, "`,` and a second duration")
    let second = try duration()
    try expect(.rightParenthesis, "`)`", closing: opening)
    let range = name.lowerBound..<end
    return try bounded(DurationExpression(keyword == .minOf ? .smaller(first, second) : .larger(first, second), range))
  }

  /// Reads what stands behind `offset`.
  ///
  /// Without parentheses only the first duration belongs to it: `foo offset 5m * 2` is `(foo offset 5m) * 2`. Behind
  /// parentheses or two signs, operators do.
  mutating func offsetDuration() throws(PromQLError) -> DurationExpression {
    guard let sign else {
      let goesOn = token.kind == .leftParenthesis
      let first = try durationPrimary()
      return goesOn ? try durationOperators(behind: first) : first
    }
    let start = token.range.lowerBound
    try advance()
    guard self.sign != nil else { return try signed(sign, start, try durationPrimary()) }
    let operand = try duration(BinaryOperator.powerPrecedence)
    return try durationOperators(behind: try signed(sign, start, operand))
  }

  /// A range or step, which must be longer than nothing where it is written as a number.
  func positive(_ duration: DurationExpression) throws(PromQLError) -> DurationExpression {
    if let seconds = duration.seconds, seconds <= 0 {
      throw PromQLError("a range and a step must be longer than 0", at: duration.place.range)
    }
    return duration
  }
}

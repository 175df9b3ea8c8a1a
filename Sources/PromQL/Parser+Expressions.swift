/// Expressions: operands, and operators between them.
extension Parser {
  /// Reads an expression with its operators.
  ///
  /// - Parameter minimum: operators that bind less tightly are left to the caller.
  mutating func expression(_ minimum: Int = 1) throws(PromQLError) -> Expression {
    try nested { (parser) throws(PromQLError) in
      var left = try parser.operand()
      while let operation = BinaryOperator(parser.token), operation.precedence >= minimum {
        left = try parser.binary(left, operation)
      }
      return left
    }
  }

  /// Reads an operand with the signs before it and the brackets and modifiers behind it.
  private mutating func operand() throws(PromQLError) -> Expression {
    if let sign { return try signed(sign) }
    var operand = try primary()
    while let modified = try modified(operand) { operand = modified }
    return operand
  }

  // Kept apart from what calls itself, whose frames lie on the stack a hundred times.
  @inline(never)
  private mutating func signed(_ sign: Expression.Sign) throws(PromQLError) -> Expression {
    let start = token.range.lowerBound
    try advance()
    // `-2 ^ 2` is `-(2 ^ 2)`.
    let operand = try expression(BinaryOperator.powerPrecedence)
    let range = start..<end
    if case .number(let number) = operand.kind {
      return try node(.number(sign == .minus ? number.negated : number), .scalar, range)
    }
    guard operand.type.isOperand else {
      throw PromQLError("`\(sign.rawValue)` needs a number or an instant vector, not \(operand.type.phrase)", at: range)
    }
    return try node(.unary(sign, operand), operand.type, range, above: operand.levels)
  }

  private mutating func primary() throws(PromQLError) -> Expression {
    let start = token.range
    switch token.kind {
    case .leftParenthesis: return try parentheses()
    case .leftBrace: return try selector(named: nil)
    case .string:
      let content = try stringContent()
      try advance()
      return try node(.string(content), .string, start)
    case .number, .duration, .word:
      if let number {
        try advance()
        return try node(.number(number), .scalar, start)
      }
      return try named()
    case .template: return try template()
    case .end: throw PromQLError("expected an expression, found the end of the query", at: start)
    default: throw unexpected("an expression such as a metric, a number or a function")
    }
  }

  private mutating func parentheses() throws(PromQLError) -> Expression {
    let opening = token.range
    try advance()
    let inner = try expression()
    try expect(.rightParenthesis, "an operator or `)`", closing: opening)
    return try node(.parentheses(inner), inner.type, opening.lowerBound..<end, above: inner.levels)
  }

  /// Reads what begins with a word: a function, an aggregation or a selector.
  private mutating func named() throws(PromQLError) -> Expression {
    let word = token
    let name = self.name
    try advance()
    if let aggregator = Aggregator(word.keyword),
      token.kind == .leftParenthesis || token.keyword == .by || token.keyword == .without
    {
      return try aggregation(Template(aggregator.rawValue), word.range, aggregator)
    }
    guard token.kind == .leftParenthesis else {
      if let keyword = word.keyword, !keyword.mayBeMetric {
        let text = keyword.rawValue
        throw PromQLError(
          "expected an expression, found the keyword `\(text)`: a metric called so is `{\"\(text)\"}`",
          at: word.range
        )
      }
      return try selector(named: (name, word.range))
    }
    let text = self.text(word.range)
    guard let function = Function.all[text] else {
      let hint = Function.resembling(text).map { ": is `\($0)` meant?" } ?? ""
      throw PromQLError("there is no function `\(shown(word.range))`\(hint)", at: word.range)
    }
    return try call(name, word.range, function)
  }

  /// Reads what begins with a variable.
  private mutating func template() throws(PromQLError) -> Expression {
    let range = token.range
    let name = self.name
    try advance()
    switch token.kind {
    case .leftParenthesis: return try call(name, range, nil)
    case .leftBrace: return try selector(named: (name, range))
    case .word where token.keyword == .by || token.keyword == .without: return try aggregation(name, range, nil)
    case _ where name.isNameWithVariables: return try selector(named: (name, range))
    default:
      return try node(.placeholder(name), name.variable?.isNumber ?? false ? .scalar : .unknown, range)
    }
  }
}

// MARK: Operators

extension Parser {
  private mutating func binary(
    _ left: Expression,
    _ operation: BinaryOperator
  ) throws(PromQLError) -> Expression {
    let operatorRange = token.range
    try advance()
    var isBoolean = false
    if token.keyword == .bool {
      isBoolean = true
      guard operation.isComparison else {
        throw PromQLError("`bool` only stands behind a comparison, not `\(operation.rawValue)`", at: token.range)
      }
      try advance()
    }
    let (matching, group) = try matching()
    let fill = try fill()
    let right = try expression(operation.rightPrecedence)
    let binary = Expression.Binary(
      left: left,
      operation: operation,
      operatorPlace: Place(operatorRange),
      isBoolean: isBoolean,
      matching: matching,
      group: group,
      fillLeft: fill?.left,
      fillRight: fill?.right,
      right: right
    )
    try check(binary, fill: fill?.range)
    return try node(
      .binary(binary),
      Self.type(of: binary),
      left.place.range.lowerBound..<right.place.range.upperBound,
      above: max(left.levels, right.levels)
    )
  }

  private static func type(of binary: Expression.Binary) -> ValueType {
    let types = [binary.left.type, binary.right.type]
    if types.contains(.instantVector) || binary.operation.isSet { return .instantVector }
    return types.contains(.unknown) ? .unknown : .scalar
  }

  /// Reads `on (…)` or `ignoring (…)`, and `group_left` or `group_right` behind it.
  private mutating func matching() throws(PromQLError) -> (Expression.Matching?, Expression.Group?) {
    let kind: Expression.Matching.Kind
    switch token.keyword {
    case .on: kind = .on
    case .ignoring: kind = .ignoring
    case .groupLeft, .groupRight:
      throw PromQLError("`\(text(token.range))` needs `on (…)` or `ignoring (…)` before it", at: token.range)
    default: return (nil, nil)
    }
    let start = token.range.lowerBound
    try advance()
    let labels = try labels(behind: "`\(kind.rawValue)`")
    let matching = Expression.Matching(kind: kind, labels: labels, place: Place(start..<end))
    guard token.keyword == .groupLeft || token.keyword == .groupRight else { return (matching, nil) }
    let side: Expression.Group.Side = token.keyword == .groupLeft ? .left : .right
    let groupStart = token.range.lowerBound
    try advance()
    let included = token.kind == .leftParenthesis ? try self.labels(behind: "`\(side.rawValue)`") : []
    return (matching, Expression.Group(side: side, labels: included, place: Place(groupStart..<end)))
  }

  /// What `fill`, `fill_left` and `fill_right` say.
  struct Fill {
    var left: Expression.Number?
    var right: Expression.Number?
    var range: Range<Int>
  }

  /// Reads `fill (…)`, or `fill_left (…)` and `fill_right (…)` in any order. Without a bracket they are metrics.
  private mutating func fill() throws(PromQLError) -> Fill? {
    var fill: Fill?
    while let keyword = token.keyword, keyword == .fill || keyword == .fillLeft || keyword == .fillRight,
      lexer.nextByte == UInt8(ascii: "(")
    {
      let name = token.range
      try advance()
      let opening = token.range
      try advance()
      let sign = self.sign
      if sign != nil { try advance() }
      guard let number else { throw unexpected("a number for missing series") }
      try advance()
      try expect(.rightParenthesis, "`)`", closing: opening)
      let value = sign == .minus ? number.negated : number
      var next = fill ?? Fill(range: name)
      guard keyword != .fill || fill == nil, keyword == .fillRight || next.left == nil,
        keyword == .fillLeft || next.right == nil
      else { throw PromQLError("what is filled in is said twice", at: name) }
      if keyword != .fillRight { next.left = value }
      if keyword != .fillLeft { next.right = value }
      fill = next
      note(.fillModifiers, keyword.rawValue, name)
    }
    return fill
  }
}

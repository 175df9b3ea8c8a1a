/// Calls of functions, and aggregations.
extension Parser {
  /// Reads the arguments of a function, and checks them.
  ///
  /// - Parameter function: nil where variables hide which one it is.
  mutating func call(
    _ name: Template,
    _ nameRange: Range<Int>,
    _ function: Function?
  ) throws(PromQLError) -> Expression {
    let arguments = try arguments(of: function)
    let range = nameRange.lowerBound..<end
    if let function {
      try check(arguments, of: function, at: range)
      note(function.feature, function.name, nameRange)
    }
    let call = Expression.Call(name: name, namePlace: Place(nameRange), function: function, arguments: arguments)
    return try node(
      .call(call),
      function?.result ?? .unknown,
      range,
      above: arguments.reduce(0) { max($0, $1.levels) }
    )
  }

  private mutating func arguments(of function: Function? = nil) throws(PromQLError) -> [Expression] {
    let opening = token.range
    try advance()
    var arguments: [Expression] = []
    while token.kind != .rightParenthesis {
      let empty = emptySelector
      let argument = try expression()
      // The second argument of `info` says which labels are wanted: none is fine.
      if function?.name == "info", arguments.count == 1, case .selector = argument.kind { emptySelector = empty }
      arguments.append(argument)
      guard token.kind == .comma else { break }
      try advance()
      guard token.kind != .rightParenthesis else {
        throw PromQLError("expected an argument behind `,`, found `)`", at: token.range)
      }
    }
    try expect(.rightParenthesis, "`,`, `)` or an operator", closing: opening)
    return arguments
  }

  /// Reads an aggregation behind its name.
  ///
  /// - Parameter aggregator: nil where variables hide which one it is.
  mutating func aggregation(
    _ name: Template,
    _ nameRange: Range<Int>,
    _ aggregator: Aggregator?
  ) throws(PromQLError) -> Expression {
    var grouping = try self.grouping()
    guard token.kind == .leftParenthesis else { throw unexpected("`(`") }
    let arguments = try self.arguments()
    if grouping == nil {
      grouping = try self.grouping()
    } else if token.keyword == .by || token.keyword == .without {
      throw PromQLError("how series are grouped is said twice", at: token.range)
    }
    let aggregation = try aggregation(name, nameRange, aggregator, grouping, arguments)
    return try node(
      .aggregation(aggregation),
      .instantVector,
      nameRange.lowerBound..<end,
      above: arguments.reduce(0) { max($0, $1.levels) }
    )
  }

  /// Checks the arguments of an aggregation.
  @inline(never)
  private mutating func aggregation(
    _ name: Template,
    _ nameRange: Range<Int>,
    _ aggregator: Aggregator?,
    _ grouping: Expression.Grouping?,
    _ arguments: [Expression]
  ) throws(PromQLError) -> Expression.Aggregation {
    let expected = aggregator.map { [$0.parameter == nil ? 1 : 2] } ?? [1, 2]
    guard expected.contains(arguments.count), let expression = arguments.last else {
      let shape =
        switch expected {
        case [1]: "one argument, the series to aggregate"
        case [2]: "two arguments, a parameter and the series to aggregate"
        default: "the series to aggregate, and perhaps a parameter before them"
        }
      throw PromQLError(
        "`\(shown(nameRange))` takes \(shape), but has \(Self.counted(arguments.count))",
        at: nameRange.lowerBound..<end
      )
    }
    let parameter = arguments.count == 2 ? arguments[0] : nil
    guard ValueType.instantVector.accepts(expression.type) else {
      throw mismatch(expression, .instantVector, "`\(shown(nameRange))` needs")
    }
    if let aggregator, let type = aggregator.parameter, let parameter, !type.accepts(parameter.type) {
      throw mismatch(parameter, type, "the parameter of `\(aggregator.rawValue)` must be")
    }
    note(aggregator?.feature, aggregator?.rawValue ?? "", nameRange)
    return Expression.Aggregation(
      name: name,
      namePlace: Place(nameRange),
      aggregator: aggregator,
      grouping: grouping,
      parameter: parameter,
      expression: expression
    )
  }

  /// Reads `by (…)` or `without (…)`.
  private mutating func grouping() throws(PromQLError) -> Expression.Grouping? {
    let kind: Expression.Grouping.Kind
    switch token.keyword {
    case .by: kind = .by
    case .without: kind = .without
    default: return nil
    }
    let start = token.range.lowerBound
    try advance()
    let labels = try labels(behind: "`\(kind.rawValue)`")
    return Expression.Grouping(kind: kind, labels: labels, place: Place(start..<end))
  }

  /// Reads labels in parentheses.
  ///
  /// - Parameter before: what stands before them, for messages.
  mutating func labels(behind before: String) throws(PromQLError) -> [Label] {
    let opening = token.range
    try expect(.leftParenthesis, "`(` and labels behind \(before)")
    var labels: [Label] = []
    while token.kind != .rightParenthesis {
      labels.append(try label())
      guard token.kind == .comma else { break }
      try advance()
    }
    try expect(.rightParenthesis, labels.isEmpty ? "a label or `)`" : "`,` or `)`", closing: opening)
    return labels
  }

  private mutating func label() throws(PromQLError) -> Label {
    let range = token.range
    let label: Label
    switch token.kind {
    case .word:
      guard token.keyword?.mayBeLabel ?? true else {
        throw PromQLError("a label called `\(text(range))` stands in quotes", at: range)
      }
      label = Label(name, isQuoted: false, range)
    case .template: label = Label(name, isQuoted: false, range)
    case .string:
      let content = try stringContent()
      if let bytes = content.bytes, bytes.isEmpty || StringText.invalidUTF8(bytes[...]) != nil {
        throw PromQLError("the name of a label is \(bytes.isEmpty ? "empty" : "no UTF-8")", at: range)
      }
      label = Label(content, isQuoted: true, range)
    default: throw unexpected("a label")
    }
    try advance()
    return label
  }
}

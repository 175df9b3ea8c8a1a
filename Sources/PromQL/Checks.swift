/// What is checked once a part of a query has been read: types, numbers of arguments, and what excludes each other.
extension Parser {
  func check(
    _ arguments: [Expression],
    of function: Function,
    at range: Range<Int>
  ) throws(PromQLError) {
    guard arguments.count >= function.argumentsMin, arguments.count <= function.argumentsMax ?? .max else {
      throw PromQLError(
        "`\(function.name)` takes \(Self.counted(function)), but has \(Self.counted(arguments.count))",
        at: range
      )
    }
    for (index, argument) in arguments.enumerated() {
      guard let type = function.parameter(index), !type.accepts(argument.type) else { continue }
      let name = "`\(function.name)`"
      throw mismatch(argument, type, arguments.count > 1 ? "argument \(index + 1) of \(name) must be" : "\(name) needs")
    }
    guard function.name == "info", arguments.count == 2, arguments[1].type != .unknown else { return }
    guard case .selector(let selector) = arguments[1].kind, selector.name == nil else {
      throw PromQLError(
        "the second argument of `info` is a selector without name, such as `{job=\"a\"}`",
        at: arguments[1].place.range
      )
    }
  }

  /// The error that an expression has another type than is needed.
  ///
  /// - Parameter need: what needs it, as the beginning of a sentence, such as `` `rate` needs ``.
  func mismatch(_ found: Expression, _ expected: ValueType, _ need: String) -> PromQLError {
    let hint: String
    switch (expected, found.type, found.kind) {
    case (.rangeVector, .instantVector, .selector): hint = ": write a range behind it, such as `[5m]`"
    case (.rangeVector, .instantVector, _): hint = ": write a subquery behind it, such as `[5m:]`"
    case (.instantVector, .rangeVector, .rangeSelector): hint = ": `rate(…)` or `last_over_time(…)` makes one of it"
    case (.instantVector, .scalar, _): hint = ": `vector(…)` makes one of it"
    case (.scalar, .instantVector, _): hint = ": `scalar(…)` makes one of it"
    default: hint = ""
    }
    return PromQLError("\(need) \(expected.phrase), not \(found.type.phrase)\(hint)", at: found.place.range)
  }

  static func counted(_ count: Int) -> String {
    count == 0 ? "none" : "\(count)"
  }

  private static func counted(_ function: Function) -> String {
    let (least, most) = (function.argumentsMin, function.argumentsMax)
    let noun = (most ?? least) == 1 ? "argument" : "arguments"
    if most == least { return "\(least == 0 ? "no" : String(least)) \(noun)" }
    guard let most else { return "at least \(least) \(noun)" }
    return least == 0 ? "at most \(most) \(noun)" : "\(least) to \(most) \(noun)"
  }

  func check(_ binary: Expression.Binary, fill: Range<Int>?) throws(PromQLError) {
    let name = binary.operation.rawValue
    for operand in [binary.left, binary.right] where !operand.type.isOperand {
      throw PromQLError(
        "`\(name)` needs a number or an instant vector on each side, not \(operand.type.phrase)",
        at: operand.place.range
      )
    }
    let scalars = [binary.left, binary.right].filter { $0.type == .scalar }
    if scalars.count == 2, binary.operation.isComparison, !binary.isBoolean {
      throw PromQLError(
        "a comparison of two numbers needs `bool`, as in `1 \(name) bool 2`",
        at: binary.operatorPlace.range
      )
    }
    if binary.operation.isSet, let scalar = scalars.first {
      throw PromQLError("`\(name)` needs an instant vector on each side, not a number", at: scalar.place.range)
    }
    if !scalars.isEmpty {
      if let matching = binary.matching, !matching.labels.isEmpty {
        throw PromQLError(
          "`\(matching.kind.rawValue)` needs an instant vector on each side, not a number",
          at: matching.place.range
        )
      }
      if let fill { throw PromQLError("missing series are only filled in between two instant vectors", at: fill) }
    }
    if binary.operation.isSet {
      if let group = binary.group {
        throw PromQLError("`\(group.side.rawValue)` does not go with `\(name)`", at: group.place.range)
      }
      if let fill { throw PromQLError("missing series are not filled in with `\(name)`", at: fill) }
    }
    guard let matching = binary.matching, matching.kind == .on, let group = binary.group else { return }
    let matched = Set(matching.labels.map(\.name))
    for label in group.labels where matched.contains(label.name) {
      throw PromQLError(
        "the label `\(shown(label.place.range))` is in `on` already: `\(group.side.rawValue)` brings others along",
        at: label.place.range
      )
    }
  }

  mutating func check(_ selector: Selector, at range: Range<Int>) throws(PromQLError) {
    if let name = selector.name {
      for matcher in selector.matchers where matcher.isAboutName {
        throw PromQLError("the metric has the name `\(StringText.plain(name))` already", at: matcher.place.range)
      }
    } else if emptySelector == nil, selector.matchers.allSatisfy(\.matchesEmpty) {
      emptySelector = range
    }
  }
}

extension Matcher {
  /// Whether it says how the metric is called.
  fileprivate var isAboutName: Bool {
    switch kind {
    case .label(let label, _, _): label.name.text == Self.nameLabel
    case .name: true
    case .placeholder: false
    }
  }

  /// Whether it matches series without the label. What only a variable says does not.
  package var matchesEmpty: Bool {
    switch kind {
    case .name(let name): name.isEmpty
    case .placeholder, .label(_, _, .placeholder): false
    case .label(_, let operation, .quoted(let value)):
      switch operation {
      case .equal: value.isEmpty
      case .notEqual: value.bytes.map { !$0.isEmpty } ?? false
      case .matches: value.bytes.flatMap { try? RegularExpression.matchesEmpty($0) } ?? false
      case .matchesNot: value.bytes.flatMap { try? RegularExpression.matchesEmpty($0) }.map { !$0 } ?? false
      }
    }
  }
}

/// A node of a query's syntax tree, which is itself a whole expression.
///
/// Two trees are equal when they have the same structure, wherever their parts stand in their texts. `description` is
/// text that parses to an equal tree.
package struct Expression: Hashable, Sendable {
  package let kind: Kind
  package let place: Place
  /// What it gives.
  package let type: ValueType
  /// How many levels the tree has, at least 1. `Parser.levelsMax` bounds it, so that functions may descend in a tree.
  package let levels: Int

  package indirect enum Kind: Hashable, Sendable {
    case number(Number)
    case string(Template)
    /// An instant vector, such as `foo{a="b"} offset 5m`.
    case selector(Selector)
    /// A range vector, such as `foo[5m]`.
    case rangeSelector(RangeSelector)
    case subquery(Subquery)
    case call(Call)
    case aggregation(Aggregation)
    case unary(Sign, Expression)
    case binary(Binary)
    case parentheses(Expression)
    /// A variable, or a word with variables in it, that stands for a whole expression, a metric or a number.
    case placeholder(Template)
  }

  /// The expressions directly below this one, in the order of the text.
  package var children: [Expression] {
    switch kind {
    case .number, .string, .selector, .rangeSelector, .placeholder: []
    case .subquery(let subquery): [subquery.expression]
    case .call(let call): call.arguments
    case .aggregation(let aggregation): (aggregation.parameter.map { [$0] } ?? []) + [aggregation.expression]
    case .unary(_, let operand), .parentheses(let operand): [operand]
    case .binary(let binary): [binary.left, binary.right]
    }
  }

  /// What selects the series of an instant or range vector; nil for other expressions.
  package var selector: Selector? {
    switch kind {
    case .selector(let selector): selector
    case .rangeSelector(let range): range.selector
    default: nil
    }
  }

  /// The expression without the parentheses around it.
  package var unwrapped: Expression {
    var inner = self
    while case .parentheses(let next) = inner.kind { inner = next }
    return inner
  }

  /// Hands over this expression and all below it, each before what is below it, in the order of the text.
  package func walk(_ body: (Expression) throws -> Void) rethrows {
    try body(self)
    for child in children { try child.walk(body) }
  }
}

extension Expression {
  /// A number. Prometheus knows durations as numbers of seconds: `5m` is 300.
  package struct Number: Hashable, Sendable {
    /// Without unit, or seconds.
    package let value: Double
    /// Whether it is written with units, such as `5m`.
    package let isDuration: Bool

    package init(_ value: Double, isDuration: Bool = false) {
      // One NaN is as good as another.
      self.value = value.isNaN ? .nan : value
      self.isDuration = isDuration
    }

    var negated: Number { Number(-value, isDuration: isDuration) }

    package static func == (a: Number, b: Number) -> Bool {
      a.value.bitPattern == b.value.bitPattern && a.isDuration == b.isDuration
    }

    package func hash(into hasher: inout Hasher) {
      hasher.combine(value.bitPattern)
      hasher.combine(isDuration)
    }
  }

  package enum Sign: Character, Hashable, Sendable {
    case plus = "+"
    case minus = "-"
  }

  /// A call of a function, such as `rate(foo[5m])`.
  package struct Call: Hashable, Sendable {
    /// The name as written. It only has variables where `function` is nil.
    package var name: Template
    package var namePlace: Place
    /// The function; nil where variables hide it.
    package var function: Function?
    package var arguments: [Expression]
  }

  /// An aggregation, such as `topk by (job) (5, foo)`.
  package struct Aggregation: Hashable, Sendable {
    /// The name as written, in lower case. It only has variables where `aggregator` is nil.
    package var name: Template
    package var namePlace: Place
    /// Which one it is; nil where variables hide it.
    package var aggregator: Aggregator?
    /// By which labels series are grouped; nil where nothing is written, so that all are one group.
    package var grouping: Grouping?
    /// The number or string before the expression, such as the 5 of `topk(5, foo)`.
    package var parameter: Expression?
    package var expression: Expression
  }

  /// `by (a, b)` or `without (a, b)`.
  package struct Grouping: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
      case by, without
    }
    package var kind: Kind
    package var labels: [Label]
    package var place: Place
  }

  /// A subquery, such as `foo[1h:5m] @ end() offset 1d`.
  package struct Subquery: Hashable, Sendable {
    package var expression: Expression
    package var range: DurationExpression
    /// The step; nil for the evaluation interval of the server.
    package var step: DurationExpression?
    package var at: At?
    package var offset: DurationExpression?
  }

  /// Two expressions with an operator between them.
  package struct Binary: Hashable, Sendable {
    package var left: Expression
    package var operation: BinaryOperator
    package var operatorPlace: Place
    /// Whether `bool` stands behind a comparison: it then gives 0 or 1 instead of leaving out series.
    package var isBoolean: Bool
    /// Which labels are compared to find the pairs; nil where nothing is written, so that all are.
    package var matching: Matching?
    /// `group_left` or `group_right`.
    package var group: Group?
    /// What is taken for a series that the left side does not have.
    package var fillLeft: Number?
    /// What is taken for a series that the right side does not have.
    package var fillRight: Number?
    package var right: Expression
  }

  /// `on (a, b)` or `ignoring (a, b)`.
  package struct Matching: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
      case on, ignoring
    }
    package var kind: Kind
    package var labels: [Label]
    package var place: Place
  }

  /// `group_left (a, b)` or `group_right (a, b)`.
  package struct Group: Hashable, Sendable {
    package enum Side: String, Hashable, Sendable {
      /// Several series on the left side may match one on the right side.
      case left = "group_left"
      case right = "group_right"
    }
    package var side: Side
    /// The labels that are taken from the other side.
    package var labels: [Label]
    package var place: Place
  }
}

/// A label's name in a list or in a matcher.
package struct Label: Hashable, Sendable {
  /// The name without quotes.
  package let name: Template
  /// Whether a name with variables stands in quotes: without them, one variable may become several labels. For a name
  /// without variables it is false, since it is the same label with and without quotes.
  package let isQuoted: Bool
  /// With the quotes.
  package let place: Place

  init(_ name: Template, isQuoted: Bool, _ range: Range<Int>) {
    self.name = name
    self.isQuoted = isQuoted && name.hasVariables
    self.place = Place(range)
  }
}

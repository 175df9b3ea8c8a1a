/// What selects series: a metric's name, matchers, or both.
///
/// <https://prometheus.io/docs/prometheus/latest/querying/basics/#time-series-selectors>
package struct Selector: Hashable, Sendable {
  /// The name before the braces; nil if there is none.
  package var name: Template?
  package var namePlace: Place?
  /// What stands in the braces, in order.
  package var matchers: [Matcher] = []
  /// The moment that `@` sets.
  package var at: At?
  /// How far back the selector looks. A literal 0 is left out, as Prometheus does.
  package var offset: DurationExpression?
  /// What is done at the two ends of a range.
  package var boundary: Boundary?

  /// How values at the ends of a range are found.
  ///
  /// <https://prometheus.io/docs/prometheus/latest/feature_flags/#extended-range-selectors>
  package enum Boundary: String, Hashable, Sendable {
    /// The last sample before the range counts as one at its beginning.
    case anchored
    /// Values at both ends are interpolated.
    case smoothed
  }

  /// The metric's name with the place where it stands: before the braces, in quotes in them, or as a matcher
  /// `__name__="…"`. Nil if the name is only matched by an expression, or not at all.
  package var metric: (name: Template, place: Place)? {
    if let name, let namePlace { return (name, namePlace) }
    for matcher in matchers {
      switch matcher.kind {
      case .name(let name): return (name, matcher.place)
      case .label(let label, .equal, .quoted(let value)) where label.name.text == Matcher.nameLabel:
        return (value, matcher.place)
      case .label, .placeholder: continue
      }
    }
    return nil
  }
}

/// A range of time of a selector, such as `foo[5m] offset 1h`. Its selector has the modifiers.
package struct RangeSelector: Hashable, Sendable {
  package var selector: Selector
  package var range: DurationExpression
}

/// One condition in the braces of a selector.
package struct Matcher: Hashable, Sendable {
  package var kind: Kind
  package var place: Place
  /// The value with its quotes; nil where there is none.
  package var valuePlace: Place?

  package enum Kind: Hashable, Sendable {
    /// `label="value"`
    case label(Label, Operation, Value)
    /// A metric's name in quotes, as in `{"my.metric"}`.
    case name(Template)
    /// A variable that stands for one or more matchers.
    case placeholder(Template)
  }

  package enum Operation: String, Hashable, Sendable {
    case equal = "="
    case notEqual = "!="
    case matches = "=~"
    case matchesNot = "!~"

    /// Whether the value is a regular expression.
    package var isRegularExpression: Bool { self == .matches || self == .matchesNot }
  }

  package enum Value: Hashable, Sendable {
    /// The content of a string.
    case quoted(Template)
    /// A variable without quotes, whose value brings them along: `${x:doublequote}`.
    case placeholder(Template)
  }

  /// The label that Prometheus keeps a metric's name in.
  package static let nameLabel = "__name__"
}

/// The moment behind `@`.
package enum At: Hashable, Sendable {
  /// Seconds since 1970 in UTC.
  case timestamp(Expression.Number)
  /// The beginning of the queried range.
  case start
  /// Its end.
  case end
  case placeholder(Template)
}

/// A duration in `[…]` or behind `offset`, which may be calculated.
///
/// <https://prometheus.io/docs/prometheus/latest/querying/basics/#duration-expressions>
package struct DurationExpression: Hashable, Sendable {
  package let kind: Kind
  package let place: Place
  /// How many levels the tree has, at least 1.
  package let levels: Int

  package indirect enum Kind: Hashable, Sendable {
    /// Seconds. A sign before it is a node of its own.
    case number(Expression.Number)
    /// The step of a range query: `step()`.
    case step
    /// The length of a range query: `range()`.
    case range
    case smaller(DurationExpression, DurationExpression)
    case larger(DurationExpression, DurationExpression)
    case unary(Expression.Sign, DurationExpression)
    /// Only `+`, `-`, `*`, `/`, `%` and `^`.
    case binary(DurationExpression, BinaryOperator, DurationExpression)
    case parentheses(DurationExpression)
    /// `$__interval`, `${n}m` or the like.
    case placeholder(Template)
  }

  init(_ kind: Kind, _ range: Range<Int>) {
    self.kind = kind
    place = Place(range)
    levels =
      switch kind {
      case .number, .step, .range, .placeholder: 1
      case .unary(_, let inner), .parentheses(let inner): inner.levels + 1
      case .smaller(let a, let b), .larger(let a, let b), .binary(let a, _, let b): max(a.levels, b.levels) + 1
      }
  }

  /// Whether operators behind it belong to it where it stands behind `offset`.
  var takesOperators: Bool {
    switch kind {
    case .parentheses, .binary: return true
    case .unary(_, let inner): if case .unary = inner.kind { return true } else { return false }
    case .number, .step, .range, .smaller, .larger, .placeholder: return false
    }
  }

  /// The seconds, where they are written as a number, with any signs before it.
  package var seconds: Double? {
    switch kind {
    case .number(let number): number.value
    case .unary(let sign, let inner): inner.seconds.map { sign == .minus ? -$0 : $0 }
    case .step, .range, .smaller, .larger, .binary, .parentheses, .placeholder: nil
    }
  }
}

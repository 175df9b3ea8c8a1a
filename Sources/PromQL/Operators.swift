/// An operator between two expressions.
///
/// <https://prometheus.io/docs/prometheus/latest/querying/operators/>
package enum BinaryOperator: String, Hashable, Sendable {
  case or, and, unless
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  /// Cuts off what a native histogram observed above a value.
  case trimUpper = "</"
  /// Cuts off what a native histogram observed below a value.
  case trimLower = ">/"
  case plus = "+"
  case minus = "-"
  case times = "*"
  case divide = "/"
  case modulo = "%"
  case atan2
  case power = "^"

  /// A higher one binds tighter, beginning at 1.
  ///
  /// <https://prometheus.io/docs/prometheus/latest/querying/operators/#binary-operator-precedence>
  package var precedence: Int {
    switch self {
    case .or: 1
    case .and, .unless: 2
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .trimUpper, .trimLower: 3
    case .plus, .minus: 4
    case .times, .divide, .modulo, .atan2: 5
    case .power: Self.powerPrecedence
    }
  }

  static let powerPrecedence = 6

  /// The precedence that an operator must have to belong to the right operand: `a - b - c` is `(a - b) - c`, and
  /// `a ^ b ^ c` is `a ^ (b ^ c)`.
  var rightPrecedence: Int { self == .power ? precedence : precedence + 1 }

  package var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    default: false
    }
  }

  /// Whether it puts together sets of series, without a look at their values.
  package var isSet: Bool { self == .and || self == .or || self == .unless }

  init?(_ token: Token) {
    switch token.kind {
    case .plus: self = .plus
    case .minus: self = .minus
    case .times: self = .times
    case .divide: self = .divide
    case .modulo: self = .modulo
    case .power: self = .power
    case .equal: self = .equal
    case .notEqual: self = .notEqual
    case .less: self = .less
    case .lessOrEqual: self = .lessOrEqual
    case .greater: self = .greater
    case .greaterOrEqual: self = .greaterOrEqual
    case .trimUpper: self = .trimUpper
    case .trimLower: self = .trimLower
    case .word:
      switch token.keyword {
      case .and: self = .and
      case .or: self = .or
      case .unless: self = .unless
      case .atan2: self = .atan2
      default: return nil
      }
    default: return nil
    }
  }

  /// Whether durations may be calculated with it.
  var isArithmetic: Bool {
    switch self {
    case .plus, .minus, .times, .divide, .modulo, .power: true
    default: false
    }
  }
}

/// A way to make one series of several.
///
/// <https://prometheus.io/docs/prometheus/latest/querying/operators/#aggregation-operators>
package enum Aggregator: String, Hashable, Sendable, CaseIterable {
  case sum, avg, count, min, max, group, stddev, stdvar, topk, bottomk, quantile, limitk
  case countValues = "count_values"
  case limitRatio = "limit_ratio"

  /// The type of the parameter before the expression; nil for those without.
  package var parameter: ValueType? {
    switch self {
    case .topk, .bottomk, .quantile, .limitk, .limitRatio: .scalar
    case .countValues: .string
    case .sum, .avg, .count, .min, .max, .group, .stddev, .stdvar: nil
    }
  }

  /// The feature without which Prometheus does not know it.
  package var feature: Feature? { self == .limitk || self == .limitRatio ? .experimentalFunctions : nil }

  init?(_ keyword: Keyword?) {
    guard let keyword, let aggregator = Aggregator(rawValue: keyword.rawValue) else { return nil }
    self = aggregator
  }
}

/// The smallest piece of a query that means something, such as `(`, `rate` or `5m`.
struct Token {
  enum Kind {
    /// Behind the last byte.
    case end
    /// A name, keyword or function, such as `rate`; `Inf` and `NaN`, too.
    case word
    /// A word or number with variables of Grafana's in it, such as `${metric}_total`, `$__interval` or `${n}m`.
    case template
    /// Digits, such as `5`, `0x1F` or `1_000.5e3`.
    case number
    /// Digits and units, such as `1h30m`.
    case duration
    /// A string, with its quotes.
    case string

    case leftParenthesis, rightParenthesis, leftBrace, rightBrace, leftBracket, rightBracket, comma, colon
    case plus, minus, times, divide, modulo, power, at
    /// `=`, `=~` and `!~`, which only stand in braces.
    case equals, matches, matchesNot
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    /// `</` and `>/`
    case trimUpper, trimLower
  }

  var kind: Kind
  var range: Range<Int>
  /// What a word means where a keyword may stand.
  var keyword: Keyword?
}

/// Words that mean something in some places, in upper or lower case.
///
/// Almost all of them may be names elsewhere: `sum by (on) (offset)` sums a metric `offset` by a label `on`.
enum Keyword: String {
  case and, or, unless, atan2
  case sum, avg, count, min, max, group, stddev, stdvar, topk, bottomk, quantile, limitk
  case countValues = "count_values"
  case limitRatio = "limit_ratio"
  case offset, smoothed, anchored, by, without, on, ignoring, bool, fill
  case groupLeft = "group_left"
  case groupRight = "group_right"
  case fillLeft = "fill_left"
  case fillRight = "fill_right"
  case start, end, step, range
  case maxOf = "max_of"
  case minOf = "min_of"
  case inf, nan

  /// The longest one's length in bytes.
  static let longest = 12

  /// Whether a metric may be called like this without quotes.
  ///
  /// <https://prometheus.io/docs/prometheus/latest/querying/basics/#instant-vector-selectors>
  var mayBeMetric: Bool {
    switch self {
    case .bool, .on, .ignoring, .groupLeft, .groupRight, .atan2, .inf, .nan: false
    default: true
    }
  }

  /// Whether a label may be called like this in a list such as that of `by`, without quotes.
  var mayBeLabel: Bool {
    switch self {
    case .without, .inf, .nan: false
    default: true
    }
  }
}

extension UInt8 {
  var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

  var isLetter: Bool { (self | 0x20) >= UInt8(ascii: "a") && (self | 0x20) <= UInt8(ascii: "z") }

  /// Whether it is a letter of ASCII, a digit or `_`.
  var isNameByte: Bool { isDigit || isLetter || self == UInt8(ascii: "_") }

  /// Whether it is what Prometheus takes as a blank.
  var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0a || self == 0x0d }

  /// What it is as a hexadecimal digit.
  var hexadecimal: UInt32? {
    if isDigit { return UInt32(self - UInt8(ascii: "0")) }
    let lower = self | 0x20
    return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "f") ? UInt32(lower - UInt8(ascii: "a")) + 10 : nil
  }
}

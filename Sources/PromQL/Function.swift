internal import Diagnostics

/// A function: what it takes and what it gives.
package struct Function: Hashable, Sendable {
  package let name: String
  /// The types of its arguments. If more are given than there are types, the last type is that of the rest.
  package let parameters: [ValueType]
  /// The fewest arguments.
  package let argumentsMin: Int
  /// The most arguments; nil if there may be any number.
  package let argumentsMax: Int?
  package let result: ValueType
  /// The feature without which Prometheus does not know it.
  package let feature: Feature?

  /// The type that an argument must have.
  ///
  /// - Parameter index: the argument's, from 0.
  package func parameter(_ index: Int) -> ValueType? {
    index < parameters.count ? parameters[index] : parameters.last
  }

  /// Functions are the same if they have the same name.
  package static func == (a: Function, b: Function) -> Bool { a.name == b.name }

  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Function {
  /// All functions of Prometheus 3.14, by their names.
  ///
  /// <https://prometheus.io/docs/prometheus/latest/querying/functions/>
  package static let all: [String: Function] = {
    var all: [String: Function] = [:]
    for row in rows {
      for name in row.names.split(separator: " ").map(String.init) {
        precondition(all[name] == nil, "two functions have the same name")
        all[name] = Function(
          name: name,
          parameters: row.parameters,
          argumentsMin: row.min ?? row.parameters.count,
          argumentsMax: row.isOpen ? nil : row.max ?? row.parameters.count,
          result: row.result,
          feature: row.feature
        )
      }
    }
    return all
  }()

  /// The function or aggregation that may be meant by a name that none has.
  static func resembling(_ name: String) -> String? {
    // It had this name until Prometheus 3.
    if name == "holt_winters" { return "double_exponential_smoothing" }
    // Of those that are as close, the one that begins alike.
    func alike(_ other: String) -> Int { zip(name.utf8, other.utf8).prefix { $0 == $1 }.count }
    let known = all.keys + Aggregator.allCases.map(\.rawValue)
    return Spelling.closest(to: name, among: known.sorted { (alike($1), $0) < (alike($0), $1) })
  }

  /// Functions that take and give the same.
  private struct Row {
    /// With a blank between them.
    var names: String
    var parameters: [ValueType]
    var result: ValueType = .instantVector
    /// The fewest and the most arguments, where that is not the number of parameters.
    var min: Int?
    var max: Int?
    /// Whether there may be any number of arguments.
    var isOpen = false
    var feature: Feature?

    init(_ names: String, _ parameters: ValueType...) {
      self.names = names
      self.parameters = parameters
    }

    func giving(_ result: ValueType) -> Row { with { $0.result = result } }

    func taking(_ range: ClosedRange<Int>) -> Row {
      with {
        $0.min = range.lowerBound
        $0.max = range.upperBound
      }
    }

    func taking(_ range: PartialRangeFrom<Int>) -> Row {
      with {
        $0.min = range.lowerBound
        $0.isOpen = true
      }
    }

    var experimental: Row { with { $0.feature = .experimentalFunctions } }

    private func with(_ change: (inout Row) -> Void) -> Row {
      var row = self
      change(&row)
      return row
    }
  }

  private static let rows: [Row] = [
    Row("time pi").giving(.scalar),
    Row("start end step range").giving(.scalar).experimental,
    Row("min_of max_of", .scalar, .scalar).giving(.scalar).experimental,
    Row("scalar", .instantVector).giving(.scalar),
    Row("vector", .scalar),

    Row("abs ceil exp floor ln log2 log10 sgn sqrt", .instantVector),
    Row("acos acosh asin asinh atan atanh cos cosh sin sinh tan tanh deg rad", .instantVector),
    Row("clamp", .instantVector, .scalar, .scalar),
    Row("clamp_min clamp_max", .instantVector, .scalar),
    Row("round", .instantVector, .scalar).taking(1...2),
    Row("absent sort sort_desc timestamp", .instantVector),
    Row("start_timestamp", .instantVector).experimental,
    Row("minute hour day_of_week day_of_month day_of_year days_in_month month year", .instantVector).taking(0...1),

    Row("label_replace", .instantVector, .string, .string, .string, .string),
    Row("label_join", .instantVector, .string, .string, .string).taking(3...),
    Row("sort_by_label sort_by_label_desc", .instantVector, .string).taking(1...).experimental,
    Row("info", .instantVector, .instantVector).taking(1...2).experimental,

    Row("histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar", .instantVector),
    Row("histogram_quantile", .scalar, .instantVector),
    Row("histogram_fraction", .scalar, .scalar, .instantVector),
    Row("histogram_quantiles", .instantVector, .string, .scalar, .scalar).taking(3...12).experimental,

    Row("rate irate increase delta idelta deriv changes resets", .rangeVector),
    Row("avg_over_time min_over_time max_over_time sum_over_time count_over_time", .rangeVector),
    Row("stddev_over_time stdvar_over_time", .rangeVector),
    Row("first_over_time last_over_time present_over_time absent_over_time", .rangeVector),
    Row("quantile_over_time", .scalar, .rangeVector),
    Row("mad_over_time", .rangeVector).experimental,
    Row("ts_of_first_over_time ts_of_last_over_time", .rangeVector).experimental,
    Row("ts_of_min_over_time ts_of_max_over_time", .rangeVector).experimental,
    Row("predict_linear", .rangeVector, .scalar),
    Row("double_exponential_smoothing", .rangeVector, .scalar, .scalar).experimental,
  ]
}

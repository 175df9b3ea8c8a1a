/// What an expression gives.
///
/// <https://prometheus.io/docs/prometheus/latest/querying/basics/#expression-language-data-types>
package enum ValueType: Hashable, Sendable {
  case scalar
  case string
  case instantVector
  case rangeVector
  /// Only known once a dashboard has replaced its variables.
  case unknown

  /// With its article, as messages say it.
  package var phrase: String {
    switch self {
    case .scalar: "a number (scalar)"
    case .string: "a string"
    case .instantVector: "an instant vector"
    case .rangeVector: "a range vector"
    case .unknown: "a variable"
    }
  }

  /// Whether a value of another type may stand where this one is expected.
  func accepts(_ other: ValueType) -> Bool { self == other || self == .unknown || other == .unknown }

  /// Whether it may be calculated with.
  var isOperand: Bool { self != .string && self != .rangeVector }
}

/// A feature of Prometheus's that is off unless its server is started with a flag.
///
/// <https://prometheus.io/docs/prometheus/latest/feature_flags/>
package enum Feature: String, Hashable, Sendable {
  /// Functions and aggregations that may still change, such as `limitk` and `info`.
  case experimentalFunctions = "promql-experimental-functions"
  /// `anchored` and `smoothed`.
  case extendedRangeSelectors = "promql-extended-range-selectors"
  /// `fill`, `fill_left` and `fill_right`.
  case fillModifiers = "promql-binop-fill-modifiers"

  /// The flag to start Prometheus with.
  package var flag: String { "--enable-feature=\(rawValue)" }
}

/// What has been read of a query.
package struct Query: Hashable, Sendable {
  package var expression: Expression
  /// The features that Prometheus must have been started with, in the order of the text.
  package var features: [FeatureUse]

  /// A place that needs a feature.
  package struct FeatureUse: Hashable, Sendable {
    package var feature: Feature
    /// What needs it, such as `limitk`.
    package var name: String
    package var place: Place
  }
}

/// Why a registry refused a sample: what the sample was for, and the rule it met. Never holds the refused value.
public struct Rejection: Sendable, Hashable {
  /// The rule that refused. The raw text is the `reason` label of the exporter's own metrics.
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// No metric of that name is declared.
    case metricUndeclared = "metric_undeclared"
    /// A declared label has no value, or an empty one.
    case labelMissing = "label_missing"
    /// A label that the metric does not declare.
    case labelUndeclared = "label_undeclared"
    /// A value outside the label's list or range, or a text that is not a state.
    case labelValue = "label_value"
    /// A value longer than `Registry.labelValueBytesMax`.
    case labelTooLong = "label_too_long"
    /// A further value of a label that already has its `max_values`.
    case labelMaxValues = "label_max_values"
    /// A further series of a metric that has all it may have.
    case metricMaxSeries = "metric_max_series"
    /// A further series of a registry that has all it may have.
    case registryMaxSeries = "registry_max_series"
    /// A counter was to fall.
    case negativeIncrement = "negative_increment"
    /// A counter, histogram or summary was given NaN.
    case notANumber = "not_a_number"
    /// A counter, histogram or summary was given an infinity, which its sum could never leave again.
    case notFinite = "not_finite"
    /// A text where a number is wanted; counted by those who read the text.
    case notNumeric = "not_numeric"
    /// An exemplar's labels longer than `Exemplar.codePointsMax` in all, or named as no label can be. Its value counts.
    case exemplarLabels = "exemplar_labels"
  }

  public var metric: String
  /// The label concerned; empty: the metric as a whole.
  public var label: String
  public var reason: Reason

  public init(metric: String, label: String = "", reason: Reason) {
    self.metric = metric
    self.label = label
    self.reason = reason
  }
}

/// Why a registry refused a sample: the metric, the label, and the rule that refused it. It never holds the refused
/// value.
public struct Rejection: Sendable, Hashable {
  /// The rule that refused. Its raw value is the label `reason` of `training_exporter_rejections_total`.
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    /// No metric of that name is declared.
    case metricUndeclared = "metric_undeclared"
    /// A label of the metric has no value, or an empty one.
    case labelMissing = "label_missing"
    /// There is a value for a label that the metric does not declare.
    case labelUndeclared = "label_undeclared"
    /// The value is outside the label's list or range, or the text is not a state of the stateset.
    case labelValue = "label_value"
    /// The value is longer than `Registry.labelValueBytesMax`.
    case labelTooLong = "label_too_long"
    /// The value is new, and the label has its `max_values` already and evicts none.
    case labelMaxValues = "label_max_values"
    /// The series is new, and the metric has all the time series that it may have.
    case metricMaxSeries = "metric_max_series"
    /// The series is new, and the registry has all the time series that it may have.
    case registryMaxSeries = "registry_max_series"
    /// A counter was given a negative number.
    case negativeIncrement = "negative_increment"
    /// A counter, histogram or summary was given NaN; a log has a text where a number is wanted; or a program in Python
    /// gave something that is no number.
    case notANumber = "not_a_number"
    /// A counter, histogram or summary was given an infinity. Its sum would stay infinite for ever.
    case notFinite = "not_finite"
    /// A process's event has not the members that a metric of this type needs.
    case eventType = "event_type"
    /// A process's event has other buckets than the metric, or counts that do not belong together.
    case eventBuckets = "event_buckets"
    /// A process's event is about a metric that something else in the catalog feeds.
    case eventOfOthers = "event_of_others"
    /// An exemplar's labels are longer than `Exemplar.codePointsMax` together, have a name that is not a label's, or
    /// have a name twice. The exemplar is left out; what it came with counts.
    case exemplarLabels = "exemplar_labels"
  }

  /// The metric's name. Beyond a number of undeclared names it is `other`, as `Registry.rejections()` says.
  public var metric: String
  /// The label that was refused; empty where no single label is at fault. For a text that is not a state it is the
  /// metric's own name.
  public var label: String
  /// The rule that refused.
  public var reason: Reason

  /// Creates a rejection from its properties.
  public init(metric: String, label: String = "", reason: Reason) {
    self.metric = metric
    self.label = label
    self.reason = reason
  }
}

public import PatternSyntax

/// Where a field's values go: a metric, a text for each of its labels, and what a value does there.
public struct Target: Sendable, Hashable {
  /// What a value means: `from:` in the catalog, whose words are the raw values. docs/catalog.md ("A target") says
  /// which types of metric have which.
  public enum From: String, Sendable, Hashable, CaseIterable {
    /// The value itself: it sets a gauge, is added to a counter, is observed by a histogram or summary, is the state of
    /// a stateset, or gives an info its labels.
    case value
    /// The field is a total that runs on through the file. What it grew by since the record before is added or
    /// observed; the first record counts in full, and so does a record whose total is below the one before.
    case runningTotal = "running_total"
    /// The same where lines come out of order: what the field rose by above the highest total so far is added or observed.
    /// A record with a total that is not above it gives nothing.
    case highest
    /// What the field grew by since the record before. The first record gives nothing, and neither does one whose value
    /// is below the one before.
    case difference
    /// Each record that has the field adds 1 to a counter, whatever the value.
    case count
    /// A gauge shows when the newest record that has the field was written, whatever the value: the modification time
    /// that the log had when the record was read, in seconds since 1970. It is never later than the present.
    case time

    /// Whether the field's value is of no matter, and only that a record has it.
    package var ignoresValue: Bool {
      switch self {
      case .count, .time: true
      case .value, .runningTotal, .highest, .difference: false
      }
    }
  }

  /// The metric's place in `Catalog.metrics`.
  public var metric: Int
  /// A text for each label of the metric, in the metric's order. It is nil only in a target of a collector's reading,
  /// for a label that the reading's record brings.
  public var labels: [LabelText?]
  /// What a value means.
  public var from: From
  /// A field that rises from record to record. Where it does not another run begins: the total of that record counts in
  /// full, and a difference gives nothing there. nil: only the total itself tells.
  public var restartsWith: String?
  /// What each value is multiplied by, before it is compared with the one before: 1 by default.
  public var scale: Double
  /// Whether the metric gets `scale` divided by the value, and not multiplied by it: seconds for each step are steps in
  /// each second then. 0 has no reciprocal.
  public var isReciprocal: Bool
  /// What is added to each value after the multiplication: 0 by default. Where readings of a collector become one
  /// value, it is added to that.
  public var offset: Double
  /// What the whole text of the value has to match; `{value}` takes the part that is the number: `pattern:`. With nil the
  /// whole text is it.
  public var pattern: Pattern?
  /// The labels of the exemplar that each sample leaves, in order; empty for none. Only counters and histograms have
  /// exemplars.
  public var exemplar: [ExemplarLabel]

  /// Creates a target from its properties; `metric` and `labels` are required.
  public init(
    metric: Int,
    labels: [LabelText?],
    from: From = .value,
    restartsWith: String? = nil,
    scale: Double = 1,
    isReciprocal: Bool = false,
    offset: Double = 0,
    pattern: Pattern? = nil,
    exemplar: [ExemplarLabel] = []
  ) {
    self.metric = metric
    self.labels = labels
    self.from = from
    self.restartsWith = restartsWith
    self.scale = scale
    self.isReciprocal = isReciprocal
    self.pattern = pattern
    self.offset = offset
    self.exemplar = exemplar
  }

  /// A label of an exemplar: a line of `exemplar:`.
  public struct ExemplarLabel: Sendable, Hashable {
    /// The label's name. It needs no declaration under `labels:`.
    public var name: String
    /// The label's value. If a record lacks a field that it names, the label is left out.
    public var text: LabelText

    /// Creates a label from its name and text.
    public init(name: String, text: LabelText) {
      self.name = name
      self.text = text
    }
  }
}

/// The text of a label, with the places that are filled in for each field, log and record.
public struct LabelText: Sendable, Hashable {
  /// A piece of the text.
  public enum Part: Sendable, Hashable {
    /// This text itself.
    case literal(String)
    /// What the capture of this name takes in the field's name.
    case fieldCapture(String)
    /// What the capture of this name takes in the log's path.
    case pathCapture(String)
    /// The text of a field of the record, by its dotted name; in a collector, a label of the record.
    case field(String)
  }

  /// The pieces, whose texts are joined. Blanks around the whole do not count.
  public var parts: [Part]

  /// Creates a text from its pieces.
  public init(parts: [Part]) {
    self.parts = parts
  }
}

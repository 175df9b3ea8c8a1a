/// Where a field goes: a metric, a text for each of its labels, and what its values mean there.
public struct Target: Sendable, Hashable {
  /// `from:`.
  public enum From: String, Sendable, Hashable, CaseIterable {
    /// A gauge's value, an observation, a counter's increment; a stateset's state, an info's newest labels.
    case value
    /// The field is a total that runs through the file; what it grew by since the record before is taken.
    case runningTotal = "running_total"
    /// What the field grew by since the record before; nothing for the first record, nor when it fell.
    case difference
    /// Each record that has the field counts 1.
    case count
  }

  /// The metric's place in `Catalog.metrics`.
  public var metric: Int
  /// One text for each label of the metric, in the metric's order. nil only in a collector's reading, which settles
  /// that label itself.
  public var labels: [LabelText?]
  public var from: From
  /// A value is multiplied by `scale`, then `offset` is added.
  public var scale: Double
  public var offset: Double
  /// Label name and text of an exemplar, in order.
  public var exemplar: [ExemplarLabel]

  public init(
    metric: Int,
    labels: [LabelText?],
    from: From = .value,
    scale: Double = 1,
    offset: Double = 0,
    exemplar: [ExemplarLabel] = []
  ) {
    self.metric = metric
    self.labels = labels
    self.from = from
    self.scale = scale
    self.offset = offset
    self.exemplar = exemplar
  }

  public struct ExemplarLabel: Sendable, Hashable {
    public var name: String
    public var text: LabelText

    public init(name: String, text: LabelText) {
      self.name = name
      self.text = text
    }
  }
}

/// The text of a label, with what has to be filled in at run time.
public struct LabelText: Sendable, Hashable {
  public enum Part: Sendable, Hashable {
    case literal(String)
    /// A capture of the field's name.
    case fieldCapture(String)
    /// A capture of the file's path.
    case pathCapture(String)
    /// A field of the record, by its dotted name.
    case field(String)
  }

  public var parts: [Part]

  public init(parts: [Part]) {
    self.parts = parts
  }
}

/// What a collector offers, as values: the catalog is checked against it, and the documentation is written from it.

/// One reading: a number that a collector takes from the system, under the name that `readings:` uses.
public struct ReadingDescriptor: Sendable, Hashable {
  /// What kind of number a reading is. It decides which types of metric the reading can feed.
  public enum Kind: String, Sendable, Hashable {
    /// A value of the moment. It can feed a gauge, or give a histogram or summary one observation a collection, but it
    /// cannot feed a counter.
    case gauge
    /// A total that the system keeps. It grows until what it counts begins anew, for example at a reboot.
    case counter
  }

  /// How several readings become one value where the metric lacks the labels that tell them apart.
  public enum Joining: String, Sendable, Hashable {
    /// They are added: for counters and amounts.
    case sum
    /// Their arithmetic mean: for ratios.
    case mean
    /// The smallest of them.
    case minimum
    /// The largest of them: for temperatures and the like.
    case maximum
  }

  /// The dotted name with the unit last, such as `memory.used_bytes`.
  public var name: String
  /// Whether it is a value of the moment or a total.
  public var kind: Kind
  /// One of `bytes`, `seconds`, `ratio`, `percent`, `celsius`, `watts`, `joules` and `hertz`; nil for a number of
  /// things and for a flag (0 or 1).
  public var unit: String?
  /// What it measures, for people: a sentence with its full stop.
  public var help: String
  /// The file or call that it comes from, and where the kernel or the vendor documents it.
  public var source: String
  /// What becomes of several readings that a metric does not tell apart.
  public var joining: Joining

  /// Creates a reading from its properties.
  ///
  /// - Parameter joining: the default, the sum, suits counters and numbers of things.
  public init(
    _ name: String,
    _ kind: Kind,
    unit: String? = nil,
    help: String,
    source: String,
    joining: Joining = .sum
  ) {
    self.name = name
    self.kind = kind
    self.unit = unit
    self.help = help
    self.source = source
    self.joining = joining
  }
}

/// The readings that are taken of one thing (a disk, a GPU, a mode of the CPU), with the labels that tell such things
/// apart.
public struct RecordDescriptor: Sendable, Hashable {
  /// A label that each record of this kind brings.
  public struct Label: Sendable, Hashable {
    /// The label's name, such as `device`. A metric that declares a label of that name takes its value from here.
    public var name: String
    /// What the label says, for people.
    public var help: String
    /// Whether the value always means the same thing. A number that another thing may get later, or a title, does not
    /// identify: where only such a label changes, it is still the same thing, and its counters go on.
    public var identifies: Bool

    /// Creates a label from its properties.
    public init(_ name: String, _ help: String, identifies: Bool = true) {
      self.name = name
      self.help = help
      self.identifies = identifies
    }
  }

  /// What the thing is, for people, such as `disk`.
  public var name: String
  /// What the readings are about, for people.
  public var help: String
  /// The labels that tell the things apart; empty if there is only one thing, such as the machine's memory.
  public var labels: [Label]
  /// The readings that are taken of each such thing. One thing may lack some of them.
  public var readings: [ReadingDescriptor]

  /// Creates a kind of record from its properties.
  public init(_ name: String, help: String, labels: [Label] = [], readings: [ReadingDescriptor]) {
    self.name = name
    self.help = help
    self.labels = labels
    self.readings = readings
  }
}

/// A collector: its name under `collectors:`, what it reads, and the keys that it has there besides `interval`,
/// `timeout` and `readings`.
public struct CollectorDescriptor: Sendable, Hashable {
  /// A key that only this collector has in the catalog.
  public struct OwnKey: Sendable, Hashable {
    /// What the key's value looks like in the catalog.
    public enum Form: Sendable, Hashable {
      /// A duration such as `15s`, at least 10 ms.
      case duration
      /// A path pattern or a list of them. What their captures take are labels of the records.
      case paths
      /// What processes are looked for: an entry, or a list of entries, with `name`, `command_line`, `user`,
      /// `environment` and `labels`. A text alone is a command line.
      case matches
    }

    /// The key as the catalog writes it.
    public var name: String
    /// What its value looks like.
    public var form: Form
    /// Whether a catalog that names the collector has to give the key.
    public var isRequired: Bool
    /// What the key does, for people.
    public var help: String

    /// Creates a key from its properties.
    public init(_ name: String, _ form: Form, isRequired: Bool = false, help: String) {
      self.name = name
      self.form = form
      self.isRequired = isRequired
      self.help = help
    }
  }

  /// The name under `collectors:`, such as `system`.
  public var name: String
  /// What the collector reads, for people.
  public var help: String
  /// The kinds of record that it gives. No two readings of a collector have the same name.
  public var records: [RecordDescriptor]
  /// The keys of its own, in the order of the documentation.
  public var keys: [OwnKey]

  /// Creates a collector's description from its properties.
  public init(name: String, help: String, keys: [OwnKey] = [], records: [RecordDescriptor]) {
    self.name = name
    self.help = help
    self.records = records
    self.keys = keys
  }
}

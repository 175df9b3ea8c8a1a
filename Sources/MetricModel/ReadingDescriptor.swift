/// What a collector offers, as values: the catalog is checked against it, and the documentation is written from it.

/// One reading: a number that a collector takes from the system, named as `readings:` names it.
public struct ReadingDescriptor: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable {
    /// A value of the moment.
    case gauge
    /// A total that the system keeps, and that only grows until what it counts begins anew.
    case counter
  }

  /// What becomes of readings that the labels of a metric do not tell apart.
  public enum Joining: String, Sendable, Hashable {
    case sum, mean, minimum, maximum
  }

  /// Dotted, with its unit last: `memory.used_bytes`.
  public var name: String
  public var kind: Kind
  /// `bytes`, `seconds`, `ratio`, `percent`, `celsius`, `watts`, `joules`, `hertz`; nil: a number of things, or a flag.
  public var unit: String?
  public var help: String
  /// The file or call that it comes from, and where the kernel or the vendor documents it.
  public var source: String
  public var joining: Joining

  /// - Parameter joining: counters and numbers of things add up.
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

/// Readings that are taken of one thing (a disk, a GPU, a mode of the CPU), and the labels that tell such things apart.
public struct RecordDescriptor: Sendable, Hashable {
  public struct Label: Sendable, Hashable {
    public var name: String
    public var help: String
    /// Whether it tells things apart for good. A number that another thing may get, or a title, does not: counters go on
    /// where it alone has changed.
    public var identifies: Bool

    public init(_ name: String, _ help: String, identifies: Bool = true) {
      self.name = name
      self.help = help
      self.identifies = identifies
    }
  }

  /// What the thing is, for people: `disk`.
  public var name: String
  public var help: String
  public var labels: [Label]
  public var readings: [ReadingDescriptor]

  public init(_ name: String, help: String, labels: [Label] = [], readings: [ReadingDescriptor]) {
    self.name = name
    self.help = help
    self.labels = labels
    self.readings = readings
  }
}

/// A collector: what it is called under `collectors:`, what it reads, and which keys of its own it has there.
public struct CollectorDescriptor: Sendable, Hashable {
  /// A key beside `interval`, `timeout` and `readings`.
  public struct OwnKey: Sendable, Hashable {
    public enum Form: Sendable, Hashable {
      case duration
      /// A text or a list of texts.
      case texts
      /// What processes are looked for: `name`, `command_line`, `environment` and `labels`, once or as a list.
      case matches
    }

    public var name: String
    public var form: Form
    public var isRequired: Bool
    public var help: String

    public init(_ name: String, _ form: Form, isRequired: Bool = false, help: String) {
      self.name = name
      self.form = form
      self.isRequired = isRequired
      self.help = help
    }
  }

  public var name: String
  public var help: String
  /// No two of their readings have one name.
  public var records: [RecordDescriptor]
  public var keys: [OwnKey]

  public init(name: String, help: String, keys: [OwnKey] = [], records: [RecordDescriptor]) {
    self.name = name
    self.help = help
    self.records = records
    self.keys = keys
  }
}

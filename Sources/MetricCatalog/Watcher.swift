public import PatternSyntax

/// A watcher: which files are logs, how they are read, and which of their fields become which series.
public struct Watcher: Sendable {
  public var name: String
  /// As written; relative paths are relative to the catalog's folder.
  public var files: [Pattern]
  public var exclude: [Pattern]
  /// Files that at first sight have not changed for so long are left alone; nil: none are.
  public var ignoreOlder: Duration?
  public var format: LogFormat
  /// All of them have to hold for a record to count.
  public var conditions: [Condition]
  /// Fed once by every record that the conditions keep.
  public var eachRecord: [Target]
  /// In the catalog's order, which decides between patterns.
  public var fields: [FieldMapping]
  /// How long after a log's last change its series end; nil: never.
  public var expireAfter: Duration?

  public init(
    name: String,
    files: [Pattern],
    exclude: [Pattern] = [],
    ignoreOlder: Duration? = nil,
    format: LogFormat,
    conditions: [Condition] = [],
    eachRecord: [Target] = [],
    fields: [FieldMapping] = [],
    expireAfter: Duration? = nil
  ) {
    self.name = name
    self.files = files
    self.exclude = exclude
    self.ignoreOlder = ignoreOlder
    self.format = format
    self.conditions = conditions
    self.eachRecord = eachRecord
    self.fields = fields
    self.expireAfter = expireAfter
  }
}

/// `format:` with the keys that belong to it.
public enum LogFormat: Sendable, Hashable {
  /// nil `separator`: found by the header. nil `columns`: the first line is the header.
  case csv(separator: UInt8?, columns: [String]?, comment: String?)
  case jsonLines
  /// One document a file; `records` is the dotted path of the array that holds the records, nil: the document is one.
  case json(records: String?)
  case text(TextRules)
  case pythonDictionary
  case yaml
  case events

  /// The name in the catalog.
  public var name: String {
    switch self {
    case .csv: "csv"
    case .jsonLines: "jsonl"
    case .json: "json"
    case .text: "text"
    case .pythonDictionary: "pydict"
    case .yaml: "yaml"
    case .events: "events"
    }
  }
}

/// How console lines become records.
public enum TextRules: Sendable, Hashable {
  /// The first that matches a line wins.
  case lines([LineRule])
  /// Every occurrence of `pair` (with the captures `key` and `value`) is a field.
  case pairs(pair: Pattern, between: String)

  public struct LineRule: Sendable, Hashable {
    public var line: Pattern
    /// Fields with a fixed text that a match of `line` sets, in order.
    public var set: [SetField]
    /// The captures that have to be numbers for the line to match: those that feed a metric's value.
    public var numericCaptures: Set<String>
    /// Those of them for which a duration is a number: all they feed is in seconds.
    public var durationCaptures: Set<String>

    public init(
      line: Pattern,
      set: [SetField] = [],
      numericCaptures: Set<String> = [],
      durationCaptures: Set<String> = []
    ) {
      self.line = line
      self.set = set
      self.numericCaptures = numericCaptures
      self.durationCaptures = durationCaptures
    }
  }

  public struct SetField: Sendable, Hashable {
    public var field: String
    public var text: String

    public init(field: String, text: String) {
      self.field = field
      self.text = text
    }
  }
}

/// One line of `where:`.
public struct Condition: Sendable, Hashable {
  public enum Test: Sendable, Hashable {
    case present
    case absent
    /// Equal to one of these; compared as trimmed text, or by value where both are numbers.
    case oneOf([String])
  }

  /// The field's dotted name.
  public var field: String
  public var test: Test

  public init(field: String, test: Test) {
    self.field = field
    self.test = test
  }
}

/// One line of `fields:` or `readings:`.
public struct FieldMapping: Sendable {
  public var pattern: FieldPattern
  public var targets: [Target]

  public init(pattern: FieldPattern, targets: [Target]) {
    self.pattern = pattern
    self.targets = targets
  }
}

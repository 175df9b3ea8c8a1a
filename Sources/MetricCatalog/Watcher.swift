public import PatternSyntax

/// A watcher: which files are logs, how they are read, and which of their fields feed which metrics. It is an entry of
/// `watchers:`.
public struct Watcher: Sendable {
  /// The name, which the exporter's own metrics show as the label `watcher`.
  public var name: String
  /// The patterns of the logs' paths, with the meaning of `PathPattern`. Relative ones are relative to the catalog's
  /// folder. At least one.
  public var files: [Pattern]
  /// The patterns of paths that are not logs, although `files` match them.
  public var exclude: [Pattern]
  /// A file that has not changed for longer than this when it is first seen is left alone until it changes:
  /// `ignore_older:`. With nil every file is read.
  public var ignoreOlder: Duration?
  /// How the files are read.
  public var format: LogFormat
  /// What has to hold for a record to count: `where:`. With several, all have to hold.
  public var conditions: [Condition]
  /// What every record feeds once that the conditions keep: `each_record:`.
  public var eachRecord: [Target]
  /// Which field feeds which metrics: `fields:`. An exact name goes before patterns. Of several patterns that match,
  /// the first counts whose captures are allowed label values.
  public var fields: [FieldMapping]
  /// How long after a log's last change the series end that it fed last: `expire_after:`. A metric's own
  /// `expireAfter` goes first. With nil they never end.
  public var expireAfter: Duration?

  /// Creates a watcher from its properties; `name`, `files` and `format` are required.
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

/// How logs are read: `format:` with the keys that belong to it. docs/catalog.md describes each format.
public enum LogFormat: Sendable, Hashable {
  /// `csv`: a line is a record, and a column is a field.
  ///
  /// `separator` is an ASCII character; with nil it is found by the header. `columns` are the columns' names; with nil
  /// the first line is the header. A line that begins with `comment` is skipped; it is nil if the catalog names none.
  case csv(separator: UInt8?, columns: [String]?, comment: String?)
  /// `jsonl`: a line is a JSON object, which is a record.
  case jsonLines
  /// `json`: a file is one JSON document. `records` is the dotted path of the array that holds the records; with nil
  /// the document is one record.
  case json(records: String?)
  /// `text`: lines of a console log, from which rules take the fields.
  case text(TextRules)
  /// `pydict`: a line with Python dicts in it, each of which is a record.
  case pythonDictionary
  /// `yaml`: a file is one YAML document, which is one record.
  case yaml
  /// `events`: is accepted and checked, but not read by this version.
  case events

  /// The word for it in the catalog, such as `jsonl`.
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
  /// `lines:`: the first rule whose pattern matches a line makes the record. Captures are its fields.
  case lines([LineRule])
  /// `pairs:` with `between:`: every occurrence of `pair` in a line is a field. `pair` has the captures `key` and
  /// `value`; `between` is what stands between pairs. `PairPattern` says how they are found.
  case pairs(pair: Pattern, between: String)

  /// An entry of `lines:`.
  public struct LineRule: Sendable, Hashable {
    /// The pattern of a line, with the meaning of `LinePattern`.
    public var line: Pattern
    /// Further fields with a fixed text that the record gets, in order: `set:`.
    public var set: [SetField]
    /// The captures that have to be numbers for the line to match, because they feed metrics that take numbers.
    public var numericCaptures: Set<String>
    /// Those of `numericCaptures` that may also be a duration such as `1:02:03`, because all metrics that they feed are
    /// in seconds.
    public var durationCaptures: Set<String>

    /// Creates a rule from its properties; `line` alone is required.
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

  /// A field with a fixed text: a line of `set:`.
  public struct SetField: Sendable, Hashable {
    /// The field's name.
    public var field: String
    /// The field's text.
    public var text: String

    /// Creates a field from its name and text.
    public init(field: String, text: String) {
      self.field = field
      self.text = text
    }
  }
}

/// A condition that a record has to meet: a line of `where:`.
public struct Condition: Sendable, Hashable {
  /// What a condition asks of a field.
  public enum Test: Sendable, Hashable {
    /// The record has the field.
    case present
    /// The record does not have the field.
    case absent
    /// The record has the field, and its value is one of these. Values are compared as numbers where both are numbers,
    /// so that `1.0` is `1`, and else as texts without the blanks around them.
    case oneOf([String])
  }

  /// The field's dotted name.
  public var field: String
  /// What is asked of it.
  public var test: Test

  /// Creates a condition from its properties.
  public init(field: String, test: Test) {
    self.field = field
    self.test = test
  }
}

/// Which metrics a field or reading feeds: a line of `fields:` or `readings:`.
public struct FieldMapping: Sendable {
  /// What the whole name of the field or reading has to match.
  public var pattern: FieldPattern
  /// The metrics that it feeds, in order.
  public var targets: [Target]

  /// Creates a mapping from its properties.
  public init(pattern: FieldPattern, targets: [Target]) {
    self.pattern = pattern
    self.targets = targets
  }
}

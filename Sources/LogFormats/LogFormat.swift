public import PatternSyntax

/// How logs are read: `format:` with the keys that belong to it. docs/catalog.md describes each format.
public struct LogFormat: Sendable, Hashable {
  /// The value of a key that only some formats have, by the key's form.
  public enum Option: Sendable, Hashable {
    /// A text, such as the `separator` of `csv`.
    case text(String)
    /// The names of a log's fields, in their order, such as the `columns` of `csv`.
    case fieldNames([String])
    /// A pattern, such as the `pairs` of `text`.
    case pattern(Pattern)
    /// Rules for lines, such as the `lines` of `text`. The first whose pattern matches a line makes the record.
    case lines([LineRule])
    /// Words by the names of metrics, such as the `across` of `events`.
    case words([String: String])
    /// A duration, such as the `alive` of `events`.
    case duration(Duration)
  }

  /// An entry of `lines:`. The captures of its pattern are fields of the record.
  public struct LineRule: Sendable, Hashable {
    /// The pattern of a line, with the meaning of `LinePattern`.
    public var line: Pattern
    /// Further fields with a fixed text that the record gets, in order: `set:`. A capture of the same name goes before.
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

  /// The word for the format in the catalog, such as `jsonl`.
  public var name: String
  /// The keys that only some formats have, by their names: those that the catalog gives, and those that have a default.
  public var options: [String: Option]

  /// Creates a format from its name and options. An option that the format does not know is ignored.
  public init(_ name: String, options: [String: Option] = [:]) {
    self.name = name
    self.options = options
  }

  /// The option of that name, if it is a text.
  package func text(_ key: String) -> String? {
    if case .text(let text)? = options[key] { text } else { nil }
  }

  /// The option of that name, if it is a list of field names.
  package func fieldNames(_ key: String) -> [String]? {
    if case .fieldNames(let names)? = options[key] { names } else { nil }
  }

  /// The option of that name, if it is a pattern.
  package func pattern(_ key: String) -> Pattern? {
    if case .pattern(let pattern)? = options[key] { pattern } else { nil }
  }

  /// The option of that name, if it is words by the names of metrics.
  package func words(_ key: String) -> [String: String]? {
    if case .words(let words)? = options[key] { words } else { nil }
  }

  /// The option of that name, if it is a duration.
  package func duration(_ key: String) -> Duration? {
    if case .duration(let duration)? = options[key] { duration } else { nil }
  }

  /// The patterns of its lines, in order; empty where it has none.
  package var linePatterns: [Pattern] {
    options.values.flatMap { option in
      if case .lines(let lines) = option { lines.map(\.line) } else { [Pattern]() }
    }
  }

  /// The option of that name, if it is a list of rules for lines.
  package func lines(_ key: String) -> [LineRule]? {
    if case .lines(let lines)? = options[key] { lines } else { nil }
  }
}

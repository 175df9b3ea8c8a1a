/// A mistake in a file that a person wrote: what is wrong, where, and what to do about it. `ConsoleRenderer` shows it.
public struct Diagnostic: Sendable, Hashable {
  /// How bad a mistake is.
  public enum Severity: String, Sendable, Hashable {
    /// The file cannot be used.
    case error
    /// The file can be used, and is probably not what was meant.
    case warning
    /// Nothing is wrong: it is good to know.
    case note
  }

  /// Another place that belongs to the mistake, such as the first of two declarations.
  public struct Related: Sendable, Hashable {
    /// The file of the place; nil: the diagnostic's own.
    public var source: SourceFile?
    /// The place.
    public var range: SourceRange
    /// What is there, in a few words without a full stop.
    public var note: String

    /// Creates a related place from its properties.
    public init(source: SourceFile? = nil, range: SourceRange, note: String) {
      self.source = source
      self.range = range
      self.note = note
    }
  }

  /// Area and name of the kind of mistake, such as `label/undeclared`. It stays the same from version to version, so
  /// that users can name it.
  public var id: String
  /// Whether the file can be used nevertheless.
  public var severity: Severity
  /// What is wrong, in one sentence without a full stop. It may quote text from the file, control characters included.
  public var message: String
  /// The place; nil if the file as a whole is meant, such as one that cannot be read.
  public var range: SourceRange?
  /// Other places that belong to the mistake.
  public var related: [Related]
  /// What to do about it, without a full stop; nil if there is nothing to add.
  public var help: String?

  /// Creates a diagnostic from its properties. It is an error where `severity` is left out.
  public init(
    id: String,
    severity: Severity = .error,
    message: String,
    range: SourceRange?,
    related: [Related] = [],
    help: String? = nil
  ) {
    self.id = id
    self.severity = severity
    self.message = message
    self.range = range
    self.related = related
    self.help = help
  }

  /// Whether `a` comes before `b` in the order of the file, for `sorted(by:)`. What concerns the file as a whole comes
  /// first; what is at the same place is ordered by id and message.
  public static func isOrderedBefore(_ a: Diagnostic, _ b: Diagnostic) -> Bool {
    let aKey = (a.range?.start ?? -1, a.range?.end ?? -1, a.id, a.message)
    let bKey = (b.range?.start ?? -1, b.range?.end ?? -1, b.id, b.message)
    return aKey < bKey
  }
}

/// What is wrong with a file that a person wrote, as a value: what, where, and what to do. It never prints itself.
public struct Diagnostic: Sendable, Hashable {
  public enum Severity: String, Sendable, Hashable {
    case error, warning
  }

  /// Another place that belongs to the mistake, such as the first of two declarations.
  public struct Related: Sendable, Hashable {
    public var range: SourceRange
    public var note: String

    public init(range: SourceRange, note: String) {
      self.range = range
      self.note = note
    }
  }

  /// Area and name, such as `label/undeclared`; stable, so that users can name it.
  public var id: String
  public var severity: Severity
  /// One sentence without a full stop.
  public var message: String
  /// nil: the file as a whole, such as one that cannot be read.
  public var range: SourceRange?
  public var related: [Related]
  /// What to do about it.
  public var help: String?

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

  /// In the order of the file; what concerns the whole file comes first.
  public static func isOrderedBefore(_ a: Diagnostic, _ b: Diagnostic) -> Bool {
    let aKey = (a.range?.start ?? -1, a.range?.end ?? -1, a.id, a.message)
    let bKey = (b.range?.start ?? -1, b.range?.end ?? -1, b.id, b.message)
    return aKey < bKey
  }
}

/// The one pattern syntax of a catalog: text with `{name}` captures, in paths, field names, console lines and label texts.
///
/// `{name}` takes text and names it, `{_}` takes and forgets, `{name**}` may take several path segments,
/// `{.field}` stands for a field of the record (label texts only), `{{` and `}}` are braces. A pattern knows nothing of
/// where it is used: `PathPattern`, `FieldPattern` and `LinePattern` give it its meaning there.
public struct Pattern: Sendable, Hashable {
  public enum Part: Sendable, Hashable {
    case literal(String)
    /// `{name}`; `{_}` has the name `_`.
    case capture(String)
    /// `{name**}`.
    case deepCapture(String)
    /// `{.field}`, a field of the record by its dotted name.
    case field(String)
  }

  /// What is wrong with a pattern, and where.
  public struct Mistake: Error, Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
      /// A `{` without its `}`.
      case unclosedCapture
      /// A `}` without its `{`.
      case strayBrace
      /// `{}`, or a name that is no label name.
      case badCaptureName(String)
      /// The same name twice.
      case duplicateCapture(String)
      /// Two captures with nothing between them.
      case adjacentCaptures(String, String)
    }

    public var kind: Kind
    /// UTF-8 offsets into the pattern's source.
    public var range: Range<Int>

    public init(kind: Kind, range: Range<Int>) {
      self.kind = kind
      self.range = range
    }
  }

  /// The text as written.
  public let source: String
  /// Literals are never empty and never stand side by side.
  public let parts: [Part]

  /// The names of the captures in order, without `_`.
  public var captureNames: [String] {
    parts.compactMap { part in
      switch part {
      case .capture(let name), .deepCapture(let name): name == "_" ? nil : name
      case .literal, .field: nil
      }
    }
  }

  /// The text when the pattern takes nothing.
  public var literalText: String? {
    switch parts.count {
    case 0: return ""
    case 1: if case .literal(let text) = parts[0] { return text } else { return nil }
    default: return nil
    }
  }

  /// Parses a pattern. `allowsAdjacentCaptures` is for label texts, which are only ever filled in.
  public init(parsing source: String, allowsAdjacentCaptures: Bool = false) throws(Mistake) {
    self.source = source
    self.parts = try PatternParser.parse(source, allowsAdjacentCaptures: allowsAdjacentCaptures)
  }
}

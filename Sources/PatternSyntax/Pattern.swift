/// A pattern of the catalog: text with captures in braces, such as `runs/{run}/results.csv`. Paths, field names,
/// console lines and label texts all have this syntax.
///
/// - `{name}` takes text and names it; the name is that of a label.
/// - `{_}` takes text and forgets it.
/// - `{name**}` may take several segments of a path.
/// - `{.field}` stands for a field of the record; it has a meaning in label texts only.
/// - `{{` and `}}` are a brace each.
///
/// A pattern is only taken apart here. `PathPattern`, `FieldPattern`, `LinePattern` and `PairPattern` say what it
/// matches.
public struct Pattern: Sendable, Hashable {
  /// A piece of a pattern.
  public enum Part: Sendable, Hashable {
    /// This text itself, with single braces. A `*` in it has a meaning in paths only.
    case literal(String)
    /// `{name}`; for `{_}` the name is `_`.
    case capture(String)
    /// `{name**}`.
    case deepCapture(String)
    /// `{.field}`: a field of the record, by its dotted name.
    case field(String)
  }

  /// What is wrong with a pattern, and where.
  public struct Mistake: Error, Sendable, Hashable {
    /// The kinds of mistake.
    public enum Kind: Sendable, Hashable {
      /// A `{` without its `}`.
      case unclosedCapture
      /// A `}` without its `{`.
      case strayBrace
      /// What stands in the braces is not a name: it is empty, or not `[a-zA-Z_][a-zA-Z0-9_]*`.
      case badCaptureName(String)
      /// The name of a capture comes a second time.
      case duplicateCapture(String)
      /// Two captures have nothing between them, so that nobody can tell where one ends.
      case adjacentCaptures(String, String)
    }

    /// What is wrong.
    public var kind: Kind
    /// The place, as UTF-8 offsets into the pattern's source.
    public var range: Range<Int>

    /// Creates a mistake from its properties.
    public init(kind: Kind, range: Range<Int>) {
      self.kind = kind
      self.range = range
    }
  }

  /// The pattern as it was written.
  public let source: String
  /// The pieces in order; empty for an empty pattern. Literals are never empty, and never stand side by side.
  public let parts: [Part]

  /// The text as a pattern that matches it alone.
  package static func escaped(_ text: String) -> String {
    var source = ""
    for character in text {
      source.append(character)
      if character == "{" || character == "}" { source.append(character) }
    }
    return source
  }

  /// The names of the captures in order, without `{_}`. What a match takes is given in this order.
  public var captureNames: [String] {
    parts.compactMap { part in
      switch part {
      case .capture(let name), .deepCapture(let name): name == "_" ? nil : name
      case .literal, .field: nil
      }
    }
  }

  /// The whole text of a pattern without captures and fields, with single braces; nil for any other pattern.
  public var literalText: String? {
    switch parts.count {
    case 0: return ""
    case 1: if case .literal(let text) = parts[0] { return text } else { return nil }
    default: return nil
    }
  }

  /// Takes a pattern apart.
  ///
  /// - Parameters:
  ///   - source: the pattern as the catalog writes it.
  ///   - allowsAdjacentCaptures: whether captures may stand side by side. That is for label texts, which are filled in
  ///     and never matched.
  /// - Throws: the first `Mistake` of the pattern.
  public init(parsing source: String, allowsAdjacentCaptures: Bool = false) throws(Mistake) {
    self.source = source
    self.parts = try PatternParser.parse(source, allowsAdjacentCaptures: allowsAdjacentCaptures)
  }
}

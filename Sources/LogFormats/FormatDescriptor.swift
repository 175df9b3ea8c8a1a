package import PatternSyntax

/// A log format: what the catalog may say of it, and how its parser is made. It stands in the file of its parser. The
/// catalog's rules, its documentation, and the reading of logs all go by it.
package struct FormatDescriptor: Sendable {
  /// The word for it in the catalog.
  package let name: String
  /// What is read, for the documentation, in Markdown.
  package let help: String
  /// The keys that it has at a watcher beside those that all formats have.
  package var keys: [Key] = []
  /// Of which keys a catalog has to give exactly one.
  package var choice: Choice?
  package let content: Content
  /// Whether its logs are what programs print for people, so that a traceback may stand in them.
  package var isConsole = false

  /// Whether a run has a file for each thing that it says, so that none of them tells what happened last.
  package var isMadeOfFiles = false

  /// What its records say of training runs by themselves.
  package var runWords = RunWords()

  /// Whether its logs are no text.
  package var isBinary: Bool {
    if case .frames = content { true } else { false }
  }

  /// A key of this format. Keys of two formats may have one name, and share nothing else.
  package struct Key: Sendable {
    /// What the key's value looks like in the catalog, and what else is asked of it.
    package enum Form: Sendable {
      case text(check: @Sendable (String) -> Mistake?)
      /// A list of names, each of them once. A log has no other fields then.
      case fieldNames
      /// It is a pattern as they stand in lines.
      case pattern(check: @Sendable (Pattern) -> Mistake?)
      /// A pattern of lines, or a list of them, each with what it sets. A log has no other fields then.
      case linePatterns
      /// The names of gauges, each with one of these words.
      case gauges(words: [String])
      case duration

      /// A text that is not empty.
      static let text = Self.text { $0.isEmpty ? Mistake("this text cannot be empty") : nil }
    }

    package let name: String
    package let form: Form
    /// What the option is where the catalog does not give it.
    package var byDefault: LogFormat.Option?
    /// The key without which it means nothing.
    package var needs: String?
    /// What the key says, for the documentation, in Markdown, with its default.
    package let help: String
  }

  /// What is wrong with a key's value, and what would be right.
  package struct Mistake: Sendable {
    package let message: String
    package let help: String?

    init(_ message: String, help: String? = nil) {
      self.message = message
      self.help = help
    }
  }

  /// Keys that stand for each other.
  package struct Choice: Sendable {
    package let keys: [String]
    /// One of them with a value, for whoever gives none.
    package let example: String
  }

  /// What a log of the format is.
  package enum Content: Sendable {
    /// Lines, which are appended.
    ///
    /// - Parameters:
    ///   - sayWhenWhole: whether a record says itself that it is whole, as an object that is closed does. Then a last line
    ///     without its end may be read although a writer's buffer may have cut it.
    ///   - parser: makes the parser of one log.
    case lines(sayWhenWhole: Bool, parser: @Sendable (LogSite) -> any RecordParser)
    /// One document, which is written whole again and again.
    case document(Document)
    /// Lines with what processes have counted so far, by the names of metrics and labels: docs/events.md. They have no
    /// fields, and a watcher of them has no targets.
    case events
    /// Binary frames, which are appended. One that is not whole yet is no record, and zero bytes may belong to one.
    ///
    /// - Parameter parser: makes the parser of one log. It passes by frames that are longer than they may be.
    case frames(parser: @Sendable (LogSite) -> any RecordParser)
  }

  /// How documents are read.
  package struct Document: Sendable {
    /// The largest document that is read.
    package let bytesMax: Int
    /// Up to this size a document that is not whole is offered once more when it has rested: by its bytes alone it cannot
    /// be told whether it is still being written. 0: it can.
    package let unendedBytesMax: Int
    /// Makes the parser of logs with equal captures.
    package let parser: @Sendable (LogFormat, FieldTable) -> any DocumentParser
  }
}

/// Why numbers of a watcher's logs do not appear: what is so, and what leads to the mend.
package struct Finding: Sendable, Hashable {
  /// The kinds of findings. The raw value is what programs get, and the heading in docs/not-appearing.md.
  package enum Kind: String, CaseIterable, Sendable {
    /// A pattern of `files` matches no file.
    case noFile = "no-file"
    /// What `fields`, `where` or a label names is in no record.
    case noField = "no-field"
    /// A field has texts where a metric wants numbers.
    case noNumber = "no-number"
    /// No line matches a pattern, or has a pair.
    case noMatch = "no-match"
    /// Lines or documents could not be read.
    case malformed
    /// Rows have another number of cells than their header.
    case rowWidth = "row-width"
    /// The catalog does not allow a value: a label's value, a state, a counter that falls.
    case refused
    /// `where` leaves out every record.
    case filtered
  }

  package var kind: Kind
  package var watcher: String
  /// A log that shows it.
  package var file: String?
  /// How the line of that log begins that shows it, with `…` where it was cut.
  package var text: String?
  /// The field that it is about.
  package var field: String?
  /// The pattern of `files` that it is about.
  package var pattern: String?
  /// The metric that it is about.
  package var metric: String?
  /// A sentence without its full stop.
  package var message: String
  /// What leads to the mend.
  package var help: String?

  /// One line for a log.
  package var line: String {
    "watcher \(watcher): \(message)" + (help.map { "; \($0)" } ?? "") + " [\(kind.rawValue)]"
  }

  /// How the keys of a watcher's findings of a kind begin.
  package static func keyPrefix(_ kind: Kind, of watcher: String) -> String { "\(watcher)\n\(kind.rawValue)\n" }

  /// What is the same for all findings that need be told only once.
  package var key: String { Self.keyPrefix(kind, of: watcher) + "\(field ?? metric ?? pattern ?? "")" }
}

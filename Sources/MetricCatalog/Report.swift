internal import Diagnostics

/// Collects what is wrong with a catalog. It decides nothing: rules do.
final class Report {
  /// A file that is wrong from top to bottom says so often enough by then.
  static let diagnosticsMax = 1_000
  /// Looking for close names costs time for each; nobody reads further suggestions.
  private static let suggestionsMax = 100

  private(set) var diagnostics: [Diagnostic] = []
  private var seen: Set<Diagnostic> = []
  private var suggestions = 0

  func add(
    _ id: RuleID,
    _ message: String,
    at range: SourceRange?,
    related: [Diagnostic.Related] = [],
    help: String? = nil
  ) {
    add(
      Diagnostic(id: id.name, severity: id.severity, message: message, range: range, related: related, help: help)
    )
  }

  /// The same mistake behind two aliases of one anchor is one.
  func add(_ diagnostic: Diagnostic) {
    guard diagnostics.count < Self.diagnosticsMax, seen.insert(diagnostic).inserted else { return }
    diagnostics.append(diagnostic)
  }

  /// ``did you mean `x`?`` for the closest of the candidates; nil where none is close.
  func suggestion(for text: String, among candidates: some Sequence<String>) -> String? {
    guard suggestions < Self.suggestionsMax else { return nil }
    suggestions += 1
    return Spelling.closest(to: text, among: candidates).map { "did you mean `\($0)`?" }
  }
}

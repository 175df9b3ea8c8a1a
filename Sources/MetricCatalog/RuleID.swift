public import Diagnostics

/// The id of a kind of diagnostic of catalogs, with what it means. docs/rules.md lists them all.
public struct RuleID: Sendable, Hashable {
  /// Area and name, such as `label/undeclared`: what messages show in brackets, and what `allow:` takes.
  public let name: String
  /// Whether the catalog cannot be used. Only warnings can be waived by `allow:`.
  public let severity: Diagnostic.Severity
  /// What is wrong, in one line without a full stop.
  public let summary: String

  init(_ name: String, _ summary: String) {
    self.init(name, .error, summary)
  }

  init(_ name: String, _ severity: Diagnostic.Severity, _ summary: String) {
    self.name = name
    self.severity = severity
    self.summary = summary
  }
}

public import Diagnostics

/// What a diagnostic of the catalog is called: the name that messages show and that `allow:` waives.
public struct RuleID: Sendable, Hashable {
  /// Area and name, such as `label/undeclared`.
  public let name: String
  /// Errors stop the catalog from being used. Only warnings can be waived.
  public let severity: Diagnostic.Severity
  /// One line for the documentation, without a full stop.
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

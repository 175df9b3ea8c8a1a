public import Diagnostics

/// The id of a kind of diagnostic of catalogs, with all that is to be said about it: `training-exporter rule ID` prints
/// it, and its page in docs/rules is made of it.
public struct RuleID: Sendable, Hashable {
  /// Area and name, such as `label/undeclared`: what messages show in brackets, and what `allow:` takes.
  public let name: String
  /// Whether the catalog cannot be used. Only warnings and notes can be waived by `allow:`.
  public let severity: Diagnostic.Severity
  /// What is wrong, in one line without a full stop.
  public let summary: String
  /// Why that matters where the exporter runs: whole sentences, in Markdown.
  public let why: String
  /// What to do about it: whole sentences, in Markdown.
  public let remedy: String
  /// A catalog that gives this diagnostic and no other, without the line `version: 1`. Two versions of a catalog are
  /// parted by a line `---`. Where lines begin with `$ `, shell commands that make the file. It is empty where only the
  /// world around gives the diagnostic.
  public let triggers: String
  /// The same, put right: it gives no diagnostic at all. It is empty where there is nothing to show.
  public let passes: String

  package init(
    _ name: String,
    _ severity: Diagnostic.Severity,
    _ summary: String,
    why: String,
    remedy: String,
    triggers: String = "",
    passes: String = ""
  ) {
    self.name = name
    self.severity = severity
    self.summary = summary
    self.why = why
    self.remedy = remedy
    self.triggers = triggers
    self.passes = passes
  }

  /// Every id that there is, in the order of docs/rules.md.
  public static let all = CatalogLoader.ruleIDs + BudgetID.all + CatalogChanges.ruleIDs

  /// The catalogs of an example as they would stand in files; more than one where it has two versions.
  public static func catalogs(of example: String) -> [String] {
    example.split(separator: "\n---\n").map { catalog(of: String($0)) }
  }

  /// The catalog of an example about queries, and the file with the queries.
  package static func catalogAndQueries(of example: String) -> [String] {
    let texts = example.split(separator: "\n---\n").map(String.init)
    return texts.prefix(1).map(catalog) + texts.dropFirst().map { $0 + "\n" }
  }

  /// The same of an example with one catalog: with the line `version: 1`, if it says nothing of a version itself.
  public static func catalog(of example: String) -> String {
    (example.hasPrefix("version:") ? "" : "version: 1\n") + example + "\n"
  }
}

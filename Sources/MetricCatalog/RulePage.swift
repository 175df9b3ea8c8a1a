internal import Diagnostics

/// All that is to be said about one id, for people: as text for a terminal, and as a page of docs/rules.
public struct RulePage {
  /// The id.
  public let id: RuleID
  /// The messages that its example gives, as `validate` alone or `diff` shows them; nil: there are none.
  private let messages: String?

  /// Where the pages are, seen from the root of the project.
  public static let folder = "docs/rules"

  /// Creates the page of an id.
  ///
  /// - Parameter load: loads a catalog from its text and a name for it.
  public init(_ id: RuleID, load: (_ text: String, _ name: String) -> CatalogLoading) {
    self.id = id
    guard !id.triggers.isEmpty, !id.triggers.hasPrefix("$ ") else {
      messages = nil
      return
    }
    let texts = Self.examples(id.triggers, of: id)
    var loading = load(texts[texts.count - 1], "metrics.yaml")
    if BudgetID.all.contains(id) { _ = loading.checkBudget(collectors: []) }
    let diagnostics =
      texts.count > 1 ? CatalogChanges.between(load(texts[0], "old.yaml"), loading) : loading.diagnostics
    let shown = ConsoleRenderer(source: loading.source).render(diagnostics)
    messages = shown.isEmpty ? nil : shown
  }

  /// Creates the page of an id whose example shows these messages; nil: none are shown.
  package init(_ id: RuleID, messages: String?) {
    self.id = id
    self.messages = messages
  }

  /// The page in Markdown.
  public var markdown: String {
    var text = "# `\(id.name)`\n\n\(sentence) \(severity)\n\n"
    text += "## Why it matters\n\n\(id.why)\n\n## What to do\n\n\(id.remedy)\n\n"
    for (title, example) in sections {
      text += "## \(title)\n\n"
      text += Self.examples(example, of: id).map { "```\(language(of: $0))\n\($0)```\n\n" }
        .joined(separator: "\(Self.isOfQueries(id) ? "with" : "becomes")\n\n")
      if let messages, example == id.triggers { text += "```text\n\(messages)```\n\n" }
    }
    text += "[All rules](\(String(repeating: "../", count: id.name.split(separator: "/").count))rules.md)\n"
    return text
  }

  /// The same for a terminal with 80 columns.
  public var text: String {
    var text = "\(id.name)\n\n" + Self.wrapped("\(sentence) \(severity)")
    text += "\nWhy it matters\n" + Self.wrapped(id.why) + "\nWhat to do\n" + Self.wrapped(id.remedy)
    for (title, example) in sections {
      text +=
        "\n\(title)\n"
        + Self.examples(example, of: id).map(Self.indented)
        .joined(separator: "\n\(Self.isOfQueries(id) ? "with" : "becomes")\n")
      if let messages, example == id.triggers { text += "\n" + Self.indented(messages) }
    }
    return text
  }

  /// The page that lists all ids with what they report, in Markdown.
  public static func index(of ids: [RuleID]) -> String {
    var text = """
      # What `validate` and `diff` report

      Each diagnostic ends in its id: `` metrics.yaml:12:5: error: label `rnu` is not declared [label/undeclared] ``.

      - An **error** keeps the catalog from being used. Where its id begins with `budget/` or `reference/`, it only makes the \
      check fail.
      - A **warning** says that the catalog works and probably does not do what was meant.
      - A **note** is good to know. Nothing need be done.

      Ids that begin with `query/` are about [alert rules and dashboards](dashboards.md). For ids that begin with `diff/` these three mean [breaking, caution and note](diff.md).

      `training-exporter rule ID` shows what an id means, why it matters, what to do, and an example each way; the pages \
      below have the same text. Warnings and notes can be waived: [`allow`](catalog.md#waivers) takes their ids. What is \
      told of a query is waived by [a comment in it](dashboards.md#waivers).

      | id | severity | what is wrong |
      | --- | --- | --- |

      """
    for id in ids {
      let summary = id.summary.replacing("|", with: "\\|")
      text += "| [`\(id.name)`](rules/\(id.name).md) | \(id.severity.rawValue) | \(summary) |\n"
    }
    return text
  }

  private var sentence: String { (id.summary.first?.uppercased() ?? "") + id.summary.dropFirst() + "." }

  private var sections: [(title: String, example: String)] {
    [("An example that is reported", id.triggers), ("An example that passes", id.passes)].filter { !$0.1.isEmpty }
  }

  private var severity: String {
    switch id.severity {
    case .error where Self.isOfTwoVersions(id): "This is breaking: queries that worked give nothing, or something else."
    case .warning where Self.isOfTwoVersions(id):
      "This is for caution: queries go on, and some of their results may change."
    case .error where Self.isOfQueries(id): "This is an error: the check fails."
    case .warning where Self.isOfQueries(id): "This is a warning: the query probably does not give what is meant."
    case .error where id.name.hasPrefix("budget/") || id.name.hasPrefix("reference/"):
      "This is an error: the check fails."
    case .error: "This is an error: the catalog cannot be used."
    case .warning: "This is a warning: the catalog can be used, and probably does not do what is meant."
    case .note: "This is a note: nothing need be done."
    }
  }

  private static func examples(_ text: String, of id: RuleID) -> [String] {
    if text.hasPrefix("$ ") { return [text + "\n"] }
    if isOfQueries(id) { return RuleID.catalogAndQueries(of: text) }
    return isOfTwoVersions(id) ? RuleID.catalogs(of: text) : [RuleID.catalog(of: text)]
  }

  /// An example about a change has the catalog before and after it.
  private static func isOfTwoVersions(_ id: RuleID) -> Bool { id.name.hasPrefix("diff/") }

  /// An example about queries has a catalog, and a file that looks at its metrics.
  private static func isOfQueries(_ id: RuleID) -> Bool { id.name.hasPrefix("query/") }

  private func language(of example: String) -> String {
    example.hasPrefix("$ ") ? "console" : example.hasPrefix("{") ? "json" : "yaml"
  }

  private static func indented(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .map { $0.isEmpty ? "\n" : "  \($0)\n" }.joined()
  }

  private static let columnsMax = 78

  /// Markdown's links become their texts.
  private static func wrapped(_ markdown: String) -> String {
    var lines: [String] = []
    for word in plain(markdown).split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= columnsMax {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append("  " + word)
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func plain(_ markdown: String) -> String {
    markdown.replacing(#/\[([^\]]+)\]\([^)]+\)/#) { String($0.1) }
  }
}

/// All that is to be said about one id, for people: as text for a terminal, and as a page of docs/rules.
public struct RulePage {
  /// The id.
  public let id: RuleID
  /// The messages that its example gives, as `validate` alone shows them; nil: there are none.
  private let messages: String?

  /// Where the pages are, seen from the root of the project.
  public static let folder = "docs/rules"

  /// Creates the page of an id.
  ///
  /// - Parameter messages: what a catalog gives, as `validate` shows it.
  public init(_ id: RuleID, messages: (_ catalog: String) -> String) {
    self.id = id
    let isCatalog = !id.triggers.hasPrefix("$ ") && RuleID.catalogs(of: id.triggers).count == 1
    let shown = isCatalog ? messages(RuleID.catalog(of: id.triggers)) : ""
    self.messages = shown.isEmpty ? nil : shown
  }

  /// The page in Markdown.
  public var markdown: String {
    var text = "# `\(id.name)`\n\n\(sentence) \(severity)\n\n"
    text += "## Why it matters\n\n\(id.why)\n\n## What to do\n\n\(id.remedy)\n\n"
    text += "## An example that is reported\n\n"
    for (place, example) in examples(id.triggers).enumerated() {
      if place > 0 { text += "becomes\n\n" }
      text += "```\(language(of: example))\n\(example)```\n\n"
    }
    if let messages { text += "```text\n\(messages)```\n\n" }
    if !id.passes.isEmpty {
      text += "## An example that passes\n\n"
      for example in examples(id.passes) { text += "```\(language(of: example))\n\(example)```\n\n" }
    }
    text += "[All rules](\(String(repeating: "../", count: id.name.split(separator: "/").count))rules.md)\n"
    return text
  }

  /// The same for a terminal with 80 columns.
  public var text: String {
    var text = "\(id.name)\n\n" + Self.wrapped("\(sentence) \(severity)")
    text += "\nWhy it matters\n" + Self.wrapped(id.why) + "\nWhat to do\n" + Self.wrapped(id.remedy)
    text += "\nAn example that is reported\n"
    text += examples(id.triggers).map(Self.indented).joined(separator: "becomes\n")
    if let messages { text += "\n" + Self.indented(messages) }
    if !id.passes.isEmpty {
      text += "\nAn example that passes\n" + examples(id.passes).map(Self.indented).joined(separator: "becomes\n")
    }
    return text
  }

  /// The page that lists all ids with what they report, in Markdown.
  public static func index(of ids: [RuleID]) -> String {
    var text = """
      # What `validate` reports

      Each diagnostic ends in its id: `` metrics.yaml:12:5: error: label `rnu` is not declared [label/undeclared] ``.

      - An **error** keeps the catalog from being used.
      - A **warning** says that the catalog works and probably does not do what was meant.
      - A **note** is good to know. Nothing need be done.

      `training-exporter rule ID` shows what an id means, why it matters, what to do, and an example each way; the pages \
      below have the same text. Warnings and notes can be waived: [`allow`](catalog.md#waivers) takes their ids.

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

  private var severity: String {
    switch id.severity {
    case .error: "This is an error: the catalog cannot be used."
    case .warning: "This is a warning: the catalog can be used, and probably does not do what is meant."
    case .note: "This is a note: nothing need be done."
    }
  }

  private func examples(_ text: String) -> [String] {
    text.hasPrefix("$ ") ? [text + "\n"] : isOfTwoVersions ? RuleID.catalogs(of: text) : [RuleID.catalog(of: text)]
  }

  /// An example about a change has the catalog before and after it.
  private var isOfTwoVersions: Bool { id.name.hasPrefix("diff/") }

  private func language(of example: String) -> String { example.hasPrefix("$ ") ? "console" : "yaml" }

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

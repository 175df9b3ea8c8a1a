import ArgumentParser
import Diagnostics
import ExporterKit
import MetricCatalog
import Queries

/// `rule`: say what an id means that a message ends in.
struct ExplainRule: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rule",
    abstract: "Explain what a message of validate or diff means.",
    usage: "training-exporter rule [<id>]",
    discussion: """
      Each message of validate and diff ends in an id, such as [label/undeclared]. This says what is reported under it, why \
      that matters, what to do, and shows an example that is reported and one that passes. Without an id, or with \
      the part before its slash, it lists the ids that there are. Ids that begin with web/ are about a web \
      configuration, which docs/security.md describes.

      Examples:

        training-exporter rule metric/base-unit
        training-exporter rule label
      """
  )

  @Argument(
    help: ArgumentHelp("The id, as messages show it.", valueName: "id"),
    completion: .list(RuleID.known.map(\.name))
  )
  var name: String?

  /// The ids that are asked for.
  private var ids: [RuleID] {
    guard let name else { return RuleID.known }
    // As it stands in a message.
    let wanted = name.filter { $0 != "[" && $0 != "]" }
    return RuleID.known.filter { $0.name == wanted || $0.name.hasPrefix(wanted + "/") }
  }

  func validate() throws {
    guard ids.isEmpty, let name else { return }
    let id = name.filter { $0 != "[" && $0 != "]" }
    if id.hasPrefix("web/") {
      throw ValidationError("`\(id)` is about a web configuration, which \(RuleLink.page(of: id)) describes")
    }
    let names = RuleID.known.map(\.name)
    // The second half is what people remember.
    let close = names.first { $0.hasSuffix("/" + name) } ?? Spelling.closest(to: name, among: names)
    let hint = close.map { "did you mean `\($0)`?" } ?? "`training-exporter rule` lists all ids"
    throw ValidationError("there is no rule `\(name)`; \(hint)")
  }

  mutating func run() throws {
    let ids = ids
    if let id = ids.first, ids.count == 1, name != nil { return try writeToStandardOutput(page(of: id).text) }
    let width = ids.map(\.name.count).max() ?? 0
    let lines = ids.map { id in
      let name = id.name + String(repeating: " ", count: width - id.name.count)
      let severity = id.severity.rawValue + String(repeating: " ", count: "warning".count - id.severity.rawValue.count)
      return "\(name)  \(severity)  \(id.summary)\n"
    }
    try writeToStandardOutput(lines.joined())
  }

  private func page(of id: RuleID) -> RulePage {
    let load = { (text: String, name: String) in loadCatalog(bytes: Array(text.utf8), path: name) }
    return QueryChecks.ruleIDs.contains(id) ? QueryChecks.page(of: id, load: load) : RulePage(id, load: load)
  }
}

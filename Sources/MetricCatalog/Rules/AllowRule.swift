internal import Diagnostics

/// `allow:` names warnings and notes that there are.
enum AllowRule: Rule {
  static let ids = [unknown]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    guard catalog.waivers.contains(where: { !$0.isEmpty }) else { return }
    let ids = Dictionary(CatalogLoader.ruleIDs.map { ($0.name, $0) }) { first, _ in first }
    for waiver in catalog.waivers.joined() {
      guard let id = ids[waiver.value] else {
        let names = ids.values.filter { $0.severity != .error }.map(\.name).sorted()
        report.add(
          unknown,
          "there is no rule `\(waiver.value)`",
          at: waiver.range,
          help: report.suggestion(for: waiver.value, among: names)
            ?? "these can be allowed: " + names.map { "`\($0)`" }.joined(separator: " ")
        )
        continue
      }
      if id.severity == .error {
        report.add(unknown, "`\(id.name)` is an error: only warnings and notes can be allowed", at: waiver.range)
      }
    }
  }
}

extension AllowRule {
  private static let unknown = RuleID(
    "allow/unknown",
    .error,
    "`allow` names something that is no warning or note",
    why: """
      A waiver of something that does not exist waives nothing, and gives the feeling that the matter is settled. \
      Errors cannot be waived: the exporter could not do what the catalog says.
      """,
    remedy: """
      Take the id from the end of the message that you want to waive. `training-exporter rule` lists all ids.
      """,
    triggers: """
      metrics:
        loss: { type: gauge, help: Training loss, allow: [metric/base-units] }
      """,
    passes: """
      metrics:
        cpu_percent: { type: gauge, help: CPU usage, allow: [metric/base-unit] }
      """
  )
}

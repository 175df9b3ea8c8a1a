internal import Diagnostics

/// `allow:` names warnings that there are.
enum AllowRule: Rule {
  private static let unknown = RuleID("allow/unknown", "`allow` names something that is no warning")
  static let ids = [unknown]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for metric in catalog.metrics {
      for text in metric.allow.value ?? [] {
        guard let id = CatalogLoader.ruleIDs.first(where: { $0.name == text.value }) else {
          let warnings = CatalogLoader.ruleIDs.filter { $0.severity == .warning }.map(\.name)
          let help =
            report.suggestion(for: text.value, among: warnings)
            ?? "the warnings are " + warnings.map { "`\($0)`" }.joined(separator: " ")
          report.add(unknown, "there is no rule `\(text.value)`", at: text.range, help: help)
          continue
        }
        if id.severity == .error {
          report.add(unknown, "`\(id.name)` is an error: only warnings can be allowed", at: text.range)
        }
      }
    }
  }
}

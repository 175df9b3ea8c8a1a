/// Where the page of a rule is: what a diagnostic's id means, why it matters, and what to do; and that of an alert.
package enum RuleLink {
  /// The project.
  static let project = "https://github.com/training-exporter/training-exporter"
  /// The project's pages, as people read them in a browser.
  private static let pages = project + "/blob/main/docs/"

  /// The page for a diagnostic's id. Mistakes in a web configuration have one page together.
  package static func page(of id: String) -> String {
    id.hasPrefix("web/") ? pages + "security.md" : pages + "rules/\(id).md"
  }

  /// The page about alerts, which has a section for each.
  package static let alerts = pages + "alerts.md"
}

internal import Diagnostics

/// One check of a catalog: one file in `Rules/`, one line in `Rules.all`.
///
/// A rule looks at declarations and reports; it changes nothing and relies on no other rule having run. One mistake
/// gives one diagnostic: what another rule or the decoding reports, it keeps silent about.
protocol Rule {
  /// All that it can report.
  static var ids: [RuleID] { get }
  static var examples: RuleExamples { get }
  static func check(_ catalog: CatalogDeclaration, _ report: Report)
}

/// Catalogs (without their `version: 1`) that show what a rule is about. They are the rule's test.
package struct RuleExamples: Sendable {
  /// Each gives exactly one diagnostic, which is one of the rule's, at the place marked by `↓`.
  package var triggering: [String]
  /// Each gives none at all.
  package var passing: [String]
}

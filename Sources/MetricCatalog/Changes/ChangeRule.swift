internal import Diagnostics

/// One kind of change between two versions of a catalog: one file in this folder, and one line in `ChangeRules.all`.
///
/// A rule looks at the two versions, matched, and reports; it relies on no other rule having run. What means the same in
/// both gives nothing, however it is written.
protocol ChangeRule {
  /// All that it can report.
  static var ids: [RuleID] { get }
  static func check(_ comparison: CatalogComparison, _ report: ChangeReport)
}

/// How bad a change is for those who query the metrics. Diagnostics have no other severities than these three.
extension Diagnostic.Severity {
  /// A query that worked gives nothing, or gives another quantity under the same name.
  static let breaking = error
  /// Queries go on, but some of their results may change, or values may be refused.
  static let caution = warning
}

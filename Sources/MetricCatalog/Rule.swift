internal import Diagnostics

/// One check of a catalog: one file in `Rules/`, one line in `Rules.all`, and a section with examples in
/// `Tests/MetricCatalogTests/Fixtures/rules.txt`.
///
/// A rule looks at declarations and reports; it changes nothing and relies on no other rule having run. One mistake
/// gives one diagnostic: what another rule or the decoding reports, it keeps silent about.
protocol Rule {
  /// All that it can report.
  static var ids: [RuleID] { get }
  static func check(_ catalog: CatalogDeclaration, _ report: Report)
}

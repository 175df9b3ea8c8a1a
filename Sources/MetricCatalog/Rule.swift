/// One check of a catalog: one file in `Rules/`, one line in `Rules.all`, and where its examples do not say it all, a
/// section in `Tests/MetricCatalogTests/Fixtures/rules.txt`.
///
/// A rule looks at declarations and reports; it changes nothing and relies on no other rule having run. One mistake
/// gives one diagnostic: what another rule or the decoding reports, it keeps silent about.
protocol Rule {
  /// All that it can report.
  static var ids: [RuleID] { get }
  /// Whether it concludes from what the catalog does not have. Then it looks only at catalogs without errors: what it
  /// misses may be what an error stands for.
  static var concludesFromAbsence: Bool { get }
  static func check(_ catalog: CatalogDeclaration, _ report: Report)
}

extension Rule {
  static var concludesFromAbsence: Bool { false }
}

public import Diagnostics

/// What a new version of a catalog changes for those who query its metrics. docs/diff.md describes it.
public enum CatalogChanges {
  /// Compares two versions of a catalog by what they mean.
  ///
  /// - Parameters:
  ///   - old: the version before, as the loader gave it.
  ///   - new: the version after.
  /// - Returns: the changes, in the order of the new file, to which their ranges refer; related places are in the old
  ///   one. What breaks queries is an error, what may change their results a warning, all else a note. It is empty if
  ///   one of the two has no catalog.
  public static func between(_ old: CatalogLoading, _ new: CatalogLoading) -> [Diagnostic] {
    guard let before = CatalogVersion(old), let after = CatalogVersion(new) else { return [] }
    let comparison = CatalogComparison(old: before, new: after)
    let report = ChangeReport()
    for rule in ChangeRules.all { rule.check(comparison, report) }
    return report.diagnostics(old: old.source)
  }

  /// The ids of all that a comparison can report, in the order of docs/diff.md.
  public static let ruleIDs: [RuleID] = ChangeRules.ids + ReferenceID.all
}

internal import Diagnostics

/// A help text that says something else.
enum HelpChange: ChangeRule {
  private static let help = RuleID(
    "diff/help",
    .note,
    "a metric's or label's help text is another",
    why:
      "No query depends on it. A help text that describes another quantity may tell of a change that is not in the mapping.",
    remedy: "Nothing has to be done.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss }
      ---
      metrics:
        loss: { type: gauge, help: Loss of the latest step }
      """
  )
  static let ids = [help]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.metrics where pair.old.descriptor.help != pair.new.descriptor.help {
      add("metric", pair.new.name, pair.place(\.help), pair.was(\.help), report)
    }
    for (old, new) in comparison.labels where old.help != new.help {
      guard let before = comparison.old.declaration.label(old.name),
        let after = comparison.new.declaration.label(new.name)
      else { continue }
      add(
        "label",
        new.name,
        LabelDeclaration.place(\.help, before, after),
        LabelDeclaration.place(\.help, after, before),
        report
      )
    }
  }

  private static func add(
    _ what: String,
    _ name: String,
    _ range: SourceRange,
    _ was: SourceRange,
    _ report: ChangeReport
  ) {
    report.add(help, at: range, was: was, help: "check that it still means the same quantity") { _ in
      "the help text of \(what) `\(name)` is another"
    }
  }
}

extension LabelDeclaration {
  /// The value of a key in `new`; where the key is not given there, the place where it stood in `old`.
  static func place<T>(
    _ key: KeyPath<LabelDeclaration, Key<T>>,
    _ old: LabelDeclaration,
    _ new: LabelDeclaration
  ) -> SourceRange {
    keys.place(of: key, old, new) ?? new.name.range
  }
}

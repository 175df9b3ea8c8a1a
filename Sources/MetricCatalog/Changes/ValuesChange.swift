internal import Diagnostics
internal import MetricModel

/// The values that a label may take.
enum ValuesChange: ChangeRule {
  private static let removed = RuleID(
    "diff/value-removed",
    .breaking,
    "a label no longer allows a value",
    why: """
      Series with the value end. Samples that say it are shown under `otherwise`, or rejected where the label has none, \
      so a query of the value gives nothing, and a sum may be too small.
      """,
    remedy: "Keep the value as long as a log says it, or as a query asks for it.",
    triggers: """
      labels: { stage: { values: [train, val, test] } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [stage] }
      ---
      labels: { stage: { values: [train, val] } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [stage] }
      """,
    passes: """
      labels: { stage: { values: [train, val] }, index: { values: ["0", "1"] } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [stage] }
      ---
      labels: { stage: { values: [val, "train"] } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [stage] }
      """
  )
  private static let added = RuleID(
    "diff/value-added",
    .note,
    "a label allows a further value",
    why: """
      Samples that were rejected are shown from now on. Where the label has `otherwise`, samples that were shown under that \
      value are shown under their own.
      """,
    remedy: "Check queries that list all values, or that ask for the value of `otherwise`.",
    triggers: """
      labels: { stage: { values: [train, val] } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [stage] }
      ---
      labels: { stage: { values: [train, val, test] } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [stage] }
      """
  )
  static let ids = [removed, added]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for (old, new) in comparison.labels where old.allowed != new.allowed {
      guard let before = comparison.old.declaration.label(old.name),
        let after = comparison.new.declaration.label(new.name)
      else { continue }
      let (lost, fresh) = (missing(old.allowed, new.allowed), missing(new.allowed, old.allowed))
      if !lost.isEmpty {
        let fate = new.otherwise.map { "shown as `\($0)`" } ?? "rejected"
        report.add(
          removed,
          at: gap(lost[0], before, after),
          was: place(lost[0], before, after),
          help: "keep it while a log says it or a query asks for it: samples with it are \(fate) now"
        ) { _ in "label `\(new.name)` no longer allows \(ChangeReport.list(lost))" }
      }
      if !fresh.isEmpty {
        let fate = old.otherwise.map { "shown as `\($0)`" } ?? "rejected"
        report.add(
          added,
          at: place(fresh[0], after, before),
          was: LabelDeclaration.place(\.values, after, before),
          "its values were these",
          help: "check queries that list all values: samples with it were \(fate) until now"
        ) { _ in "label `\(new.name)` allows \(ChangeReport.list(fresh)), too" }
      }
    }
  }

  /// What one allows and the other does not, in a few texts.
  private static func missing(_ all: LabelDescriptor.AllowedValues, _ some: LabelDescriptor.AllowedValues) -> [String] {
    switch (all, some) {
    case (_, .any): return []
    case (.any, .list), (.any, .range): return ["any other text"]
    case (.list(let values), .list(let kept)):
      let kept = Set(kept)
      return values.filter { !kept.contains($0) }
    case (.list(let values), .range(let range)):
      return values.filter { !(Int($0).map(range.contains) ?? false) }
    case (.range(let range), .list(let kept)):
      let kept = Set(kept.compactMap { Int($0) })
      // More than there are cannot be listed.
      if range.count > kept.count + 1_000 { return ["\(range.lowerBound)..\(range.upperBound)"] }
      return range.filter { !kept.contains($0) }.map(String.init)
    case (.range(let range), .range(let kept)):
      guard range.overlaps(kept) else { return [text(range.lowerBound, range.upperBound)] }
      let below = range.lowerBound < kept.lowerBound ? [text(range.lowerBound, kept.lowerBound - 1)] : []
      let above = range.upperBound > kept.upperBound ? [text(kept.upperBound + 1, range.upperBound)] : []
      return below + above
    }
  }

  private static func text(_ low: Int, _ high: Int) -> String { low == high ? "\(low)" : "\(low)..\(high)" }

  /// Where a label lists the value.
  private static func place(_ value: String, _ label: LabelDeclaration, _ other: LabelDeclaration) -> SourceRange {
    let owner = LabelDeclaration.place(\.values, other, label)
    guard case .list(let values)? = label.values.value else { return owner }
    return values.first { $0.value == value }?.range ?? owner
  }

  private static func gap(_ value: String, _ old: LabelDeclaration, _ new: LabelDeclaration) -> SourceRange {
    let owner = LabelDeclaration.place(\.values, old, new)
    guard case .list(let before)? = old.values.value, case .list(let after)? = new.values.value else { return owner }
    return Gaps(old: before.map(\.value), new: after, owner: owner)[value] ?? owner
  }
}

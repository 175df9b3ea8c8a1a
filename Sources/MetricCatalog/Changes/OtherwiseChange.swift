/// What a label makes of texts that it does not allow.
enum OtherwiseChange: ChangeRule {
  private static let removed = RuleID(
    "diff/otherwise-removed",
    .breaking,
    "a label no longer folds other texts into a value, or folds them into another one",
    why: """
      The series of that value get no samples any more. Where nothing takes its place, such samples are rejected: sums \
      are too small from now on, and only `training_exporter_rejections_total` tells.
      """,
    remedy: "Keep `otherwise` as it is.",
    triggers: """
      labels: { stage: { values: [train, val, other], otherwise: other } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [stage] }
      ---
      labels: { stage: { values: [train, val, other] } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [stage] }
      """,
    passes: """
      labels: { stage: { values: [train, val, other], otherwise: other } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [stage] }
      ---
      labels: { stage: { otherwise: "other", values: [other, train, val] } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [stage] }
      """
  )
  private static let added = RuleID(
    "diff/otherwise-added",
    .caution,
    "a label folds other texts into a value now",
    why: "Samples that were rejected are shown from now on. Sums grow by them.",
    remedy: "Check sums over all values of the label.",
    triggers: """
      labels: { stage: { values: [train, val, other] } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [stage] }
      ---
      labels: { stage: { values: [train, val, other], otherwise: other } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [stage] }
      """
  )
  static let ids = [removed, added]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for (old, new) in comparison.labels where old.otherwise != new.otherwise {
      guard let before = comparison.old.declaration.label(old.name),
        let after = comparison.new.declaration.label(new.name)
      else { continue }
      let (range, was) = (
        LabelDeclaration.place(\.otherwise, before, after), LabelDeclaration.place(\.otherwise, after, before)
      )
      guard let value = old.otherwise else {
        report.add(added, at: range, was: was, help: "check sums over all values: other texts were rejected") { _ in
          "label `\(new.name)` shows other texts as `\(new.otherwise ?? "")` now"
        }
        continue
      }
      // Where any text is allowed, each is shown as it is.
      let fate = new.otherwise.map { "as `\($0)`" } ?? (new.isClosed ? "not at all" : "as they are")
      report.add(removed, at: range, was: was, help: "keep `otherwise: \(value)`") { _ in
        "label `\(new.name)` shows other texts \(fate), not as `\(value)`"
      }
    }
  }
}

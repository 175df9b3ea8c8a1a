/// What happens to a new value of a label that is full.
enum EvictionChange: ChangeRule {
  private static let eviction = RuleID(
    "diff/eviction",
    .caution,
    "a full label treats new values in another way",
    why: """
      With `evict: oldest` a new value takes the place of the oldest one, whose series end. Without it the new value is \
      rejected: a new run is not shown at all.
      """,
    remedy: "Check whether the label is ever full: `training_exporter_rejections_total` has its rejections.",
    triggers: """
      labels: { run: { max_values: 50, evict: oldest } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      ---
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      """
  )
  static let ids = [eviction]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for (old, new) in comparison.labels where old.evictsOldest != new.evictsOldest {
      guard let before = comparison.old.declaration.label(old.name),
        let after = comparison.new.declaration.label(new.name)
      else { continue }
      let fate = new.evictsOldest ? "take the place of the oldest one" : "are rejected"
      let help = "check whether the label is ever full"
      report.add(
        eviction,
        at: LabelDeclaration.place(\.evict, before, after),
        was: LabelDeclaration.place(\.evict, after, before),
        help: help
      ) { _ in
        "once label `\(new.name)` is full, new values \(fate)"
      }
    }
  }
}

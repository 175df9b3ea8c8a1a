internal import Diagnostics

/// Which value a label shows for a text of the log.
enum NamedChange: ChangeRule {
  private static let named = RuleID(
    "diff/named",
    .breaking,
    "a text of the log is shown as another value of a label",
    why: """
      The same log gives another series: the one that queries ask for gets no samples any more, and the other one gets \
      samples that do not belong to it.
      """,
    remedy: "Keep the entry of `named`.",
    triggers: """
      labels: { head: { values: [box, mask], named: { B: box } } }
      metrics:
        map_ratio: { type: gauge, help: Mean average precision, labels: [head] }
      ---
      labels: { head: { values: [box, mask], named: { B: mask } } }
      metrics:
        map_ratio: { type: gauge, help: Mean average precision, labels: [head] }
      """,
    passes: """
      labels: { head: { values: [box, mask], named: { B: box } } }
      metrics:
        map_ratio: { type: gauge, help: Mean average precision, labels: [head] }
      ---
      labels: { head: { values: [box, mask], named: { box: box, B: "box" } } }
      metrics:
        map_ratio: { type: gauge, help: Mean average precision, labels: [head] }
      """
  )
  private static let added = RuleID(
    "diff/named-added",
    .note,
    "a text of the log that was rejected is shown as a value of a label",
    why: "It breaks nobody. The value's series get samples that were rejected until now.",
    remedy: "Nothing has to be done.",
    triggers: """
      labels: { head: { values: [box, mask], named: { B: box } } }
      metrics:
        map_ratio: { type: gauge, help: Mean average precision, labels: [head] }
      ---
      labels: { head: { values: [box, mask], named: { B: box, M: mask } } }
      metrics:
        map_ratio: { type: gauge, help: Mean average precision, labels: [head] }
      """
  )
  static let ids = [named, added]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for (old, new) in comparison.labels where old.named != new.named {
      guard let before = comparison.old.declaration.label(old.name),
        let after = comparison.new.declaration.label(new.name)
      else { continue }
      for said in Set(old.named.keys).union(new.named.keys).sorted() {
        let (then, now) = (old.value(for: said), new.value(for: said))
        guard then != now else { continue }
        let range =
          after.named.value?.first { $0.said.value == said }?.value.range
          ?? LabelDeclaration.place(\.named, before, after)
        let was =
          before.named.value?.first { $0.said.value == said }?.value.range
          ?? LabelDeclaration.place(\.named, after, before)
        guard let then else {
          report.add(added, at: range, was: was, help: "nothing has to be done: it was rejected until now") { _ in
            "label `\(new.name)` shows the text `\(said)` as `\(now ?? "")`"
          }
          continue
        }
        let fate = now.map { "shown as `\($0)`" } ?? "rejected"
        report.add(named, at: range, was: was, help: "keep `\(said): \(then)` under `named`") { _ in
          "the text `\(said)` of label `\(new.name)` is \(fate) now, and was shown as `\(then)`"
        }
      }
    }
  }
}

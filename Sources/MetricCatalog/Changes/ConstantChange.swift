internal import Diagnostics

/// Labels of an info that have a fixed value.
enum ConstantChange: ChangeRule {
  private static let value = RuleID(
    "diff/constant-value",
    .caution,
    "a constant label has another value",
    why: "A query that selects the old value gives nothing. For a version number that is what one wants.",
    remedy: "Check whether a query or a dashboard selects the value.",
    triggers: """
      metrics:
        app_info: { type: info, help: Application, constant: { version: "1.0" } }
      ---
      metrics:
        app_info: { type: info, help: Application, constant: { version: "1.1" } }
      """
  )
  private static let removed = RuleID(
    "diff/constant-removed",
    .breaking,
    "an info has lost a constant label",
    why:
      "A query that selects, groups or joins by the label, as with `group_left(version)`, loses it without an error.",
    remedy: "Keep the label until nobody queries it.",
    triggers: """
      metrics:
        app_info: { type: info, help: Application, constant: { version: "1.0", stage: test } }
      ---
      metrics:
        app_info: { type: info, help: Application, constant: { version: "1.0" } }
      """,
    passes: """
      metrics:
        app_info: { type: info, help: Application, constant: { version: "1.0", stage: test } }
      ---
      metrics:
        app_info: { type: info, help: Application, constant: { stage: "test", version: "1.0" } }
      """
  )
  private static let added = RuleID(
    "diff/constant-added",
    .note,
    "an info has a further constant label",
    why: "It breaks nobody: the number of series stays the same.",
    remedy: "Nothing has to be done.",
    triggers: """
      metrics:
        app_info: { type: info, help: Application, constant: { version: "1.0" } }
      ---
      metrics:
        app_info: { type: info, help: Application, constant: { version: "1.0", stage: test } }
      """
  )
  static let ids = [value, removed, added]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.changedMetrics where pair.old.descriptor.type == .info && pair.new.descriptor.type == .info {
      let before = pair.old.declaration.constant.value ?? []
      let after = pair.new.declaration.constant.value ?? []
      let gaps = Gaps(old: before.map(\.name.value), new: after.map(\.name), owner: pair.new.declaration.name.range)
      let name = pair.new.name
      for label in before {
        guard let now = after.first(where: { $0.name.value == label.name.value }) else {
          let range = gaps[label.name.value] ?? pair.new.declaration.name.range
          report.add(removed, at: range, was: label.name.range, help: "keep it until nobody queries it") { _ in
            "info `\(name)` has no label `\(label.name.value)` any more"
          }
          continue
        }
        guard now.value.value != label.value.value else { continue }
        let help = "check whether a query selects `\(label.name.value)=\"\(label.value.value)\"`"
        report.add(value, at: now.value.range, was: label.value.range, help: help) { _ in
          "label `\(label.name.value)` of info `\(name)` is `\(now.value.value)` now, not `\(label.value.value)`"
        }
      }
      for label in after where !before.contains(where: { $0.name.value == label.name.value }) {
        report.add(added, at: label.name.range, was: nil, help: "nothing has to be done") { _ in
          "info `\(name)` has a further label `\(label.name.value)`"
        }
      }
    }
  }
}

internal import Diagnostics

/// What `allow:` waives would be reported otherwise. It comes last: all others say what they needed.
enum UnneededWaiverRule: Rule {
  static let ids = [unneeded]
  static let concludesFromAbsence = true

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for waiver in catalog.waivers.joined() where !report.neededWaivers.contains(waiver.range) {
      // Nobody has looked at readings where it is not known which there are.
      if !catalog.knowsCollectors, ReadingRule.ids.contains(where: { $0.name == waiver.value }) { continue }
      report.add(unneeded, "nothing here gives `\(waiver.value)`", at: waiver.range, help: "remove it from `allow`")
    }
  }
}

extension UnneededWaiverRule {
  private static let unneeded = RuleID(
    "allow/unneeded",
    .warning,
    "a waiver that nothing needs",
    why: """
      What it was written for is gone. It would hide the next warning of this kind, which nobody has thought about.
      """,
    remedy: """
      Remove it. If it stands at the wrong thing, move it there: `allow` works at the metric, label, watcher, target \
      or collector that a message is about.
      """,
    triggers: """
      metrics:
        cpu_usage_ratio: { type: gauge, help: CPU usage, allow: [metric/base-unit] }
      """,
    passes: """
      metrics:
        cpu_usage_ratio: { type: gauge, help: CPU usage }
      """
  )
}

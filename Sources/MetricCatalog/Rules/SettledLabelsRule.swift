internal import Diagnostics

/// Every label of a target's metric gets its value from somewhere.
enum SettledLabelsRule: Rule {
  static let ids = [unsettled]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for use in catalog.targetUses {
      guard let metric = catalog.metric(use.target.metric.value) else { continue }
      // A label that the metric does not have is reported elsewhere: it may be meant for the one that is missing.
      let declared = Set((metric.labels.value ?? []).map(\.value))
      guard use.target.labels.allSatisfy({ declared.contains($0.name.value) }) else { continue }
      // An undeclared label has its own diagnostic.
      let missing = (metric.labels.value ?? []).map(\.value).filter { label in
        guard catalog.label(label) != nil, case .unsettled = Settlement.settle(label, at: use) else { return false }
        return true
      }
      guard !missing.isEmpty else { continue }
      let names = missing.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      let listed = names.map { "`\($0)`" }.joined(separator: " and ")
      report.add(
        unsettled,
        "label\(names.count == 1 ? "" : "s") \(listed) of `\(metric.name.value)` get\(names.count == 1 ? "s" : "") no value here",
        at: use.target.metric.range,
        related: partial(names, in: use.watcher),
        help: help(names[0], metric.name.value, use)
      )
    }
  }

  private static func help(_ label: String, _ metric: String, _ use: TargetUse) -> String {
    let target = "the target `\(metric){\(label)=\"…\"}`"
    let path = "a capture `{\(label)}` in `files`"
    switch use.parent {
    case .eachRecord: return "it can come from \(target), the watcher's `labels:`, or \(path)"
    case .reading:
      let own = use.collector?.descriptor.map { "the labels of `\($0.name)`'s reading do not include it; " } ?? ""
      return own + "it can come from \(target), or a capture `{\(label)}` in the reading's name"
    case .field:
      return
        "it can come from \(target), a capture `{\(label)}` in the field's name, the watcher's `labels:`, or \(path)"
    }
  }

  /// A capture that only some of the patterns have settles nothing.
  static func partial(_ labels: [String], in watcher: WatcherDeclaration?) -> [Diagnostic.Related] {
    guard let files = watcher?.files.value else { return [] }
    return labels.compactMap { label in
      guard files.contains(where: { $0.pattern?.captureNames.contains(label) ?? false }) else { return nil }
      return files.first { !($0.pattern?.captureNames.contains(label) ?? true) }.map {
        Diagnostic.Related(range: $0.text.range, note: "this pattern of `files` has no `{\(label)}`")
      }
    }
  }
}

extension SettledLabelsRule {
  private static let unsettled = RuleID(
    "target/label-unsettled",
    .error,
    "a target leaves a label of its metric without a value",
    why: """
      A series needs a value for each of its labels. Without one nothing can be shown.
      """,
    remedy: """
      Give the value where it is known: in the target (`loss{run="a"}`), as a capture in the field's name or in the \
      path, or under the watcher's `labels`. A field of the record is written `"{.run}"`.
      """,
    triggers: """
      labels: { run: { max_values: 200 } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [run] } }
      watchers:
        log: { files: runs/*/log.csv, format: csv, fields: { loss: loss } }
      """,
    passes: """
      labels: { run: { max_values: 200 } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [run] } }
      watchers:
        log: { files: "runs/{run}/log.csv", format: csv, fields: { loss: loss } }
      """
  )
}

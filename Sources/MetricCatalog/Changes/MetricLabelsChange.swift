internal import Diagnostics

/// Which labels a metric has.
enum MetricLabelsChange: ChangeRule {
  private static let removed = RuleID(
    "diff/label-removed",
    .breaking,
    "a metric has lost a label",
    why: """
      A query that selects, groups or joins by the label finds nothing, or puts everything into one group. What the label \
      told apart becomes one series: gauges overwrite each other there, and counters run together.
      """,
    remedy: "Keep the label, or give the metric without it a name of its own.",
    triggers: """
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
      """,
    passes: """
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      ---
      labels: { run: { max_values: 50 }, task: { max_values: 5 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: ["run"] }
      """
  )
  private static let renamed = RuleID(
    "diff/label-renamed",
    .breaking,
    "a label has another name",
    why: "A query that selects, groups or joins by the old name finds nothing, or puts everything into one group.",
    remedy: """
      Keep the old name. Prometheus can add a label of another name while it scrapes (`metric_relabel_configs`), so that \
      both are there until queries are changed.
      """,
    triggers: """
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      watchers:
        trainer: { files: "runs/{run}.csv", format: csv, fields: { loss: loss } }
      ---
      labels: { job_run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [job_run] }
      watchers:
        trainer: { files: "runs/{job_run}.csv", format: csv, fields: { loss: loss } }
      """,
    passes: """
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      watchers:
        trainer: { files: "runs/{run}.csv", format: csv, fields: { loss: loss } }
      ---
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      watchers:
        trainer: { files: "runs/{name}.csv", format: csv, labels: { run: "{name}" }, fields: { loss: loss } }
      """
  )
  private static let added = RuleID(
    "diff/label-added",
    .caution,
    "a metric has a further label",
    why: """
      Each value of the label is a series of its own, which counts against the limits. An expression that joins the metric \
      with another one by all labels no longer finds a partner, and an alert fires once for each value.
      """,
    remedy: "Look for queries that join the metric without `on(…)`, and for alerts on it.",
    triggers: """
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss }
      ---
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      """
  )
  static let ids = [removed, renamed, added]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.changedMetrics { check(pair, comparison, report) }
    for label in comparison.renamedLabels {
      guard let before = comparison.old.declaration.label(label.old),
        let after = comparison.new.declaration.label(label.new)
      else { continue }
      add(label.old, label.new, at: after.name.range, was: before.name.range, of: label.metrics, report)
    }
  }

  private static func check(
    _ pair: CatalogComparison.MetricPair,
    _ comparison: CatalogComparison,
    _ report: ChangeReport
  ) {
    let before = pair.old.declaration.labels.value ?? []
    let after = pair.new.declaration.labels.value ?? []
    guard before.map(\.value) != after.map(\.value) else { return }
    let renamed = pair.renamedLabels(comparison)
    let owner = pair.place(\.labels)
    let gaps = Gaps(old: before.map(\.value), new: after, owner: owner)
    let name = pair.new.name
    for label in before where !after.contains(where: { $0.value == label.value }) {
      guard let now = renamed[label.value] else {
        let range = gaps[label.value] ?? owner
        let help = "keep it, or give the metric without it a name of its own"
        report.add(removed, at: range, was: label.range, help: help) { _ in
          "metric `\(name)` has no label `\(label.value)` any more"
        }
        continue
      }
      guard !comparison.renamedLabels.contains(where: { $0.old == label.value }) else { continue }
      let range = after.first { $0.value == now }?.range ?? owner
      add(label.value, now, at: range, was: label.range, of: [name], report)
    }
    let isNew = { (label: Text) in !before.contains { $0.value == label.value } && !renamed.values.contains(label.value)
    }
    for label in after where isNew(label) {
      let was = pair.was(\.labels)
      let help = "look for queries that join the metric without `on(…)`, and for alerts on it"
      report.add(added, at: label.range, was: was, "its labels were these", help: help) { _ in
        "metric `\(name)` has a further label `\(label.value)`"
      }
    }
  }

  private static func add(
    _ before: String,
    _ after: String,
    at range: SourceRange,
    was: SourceRange,
    of metrics: [String],
    _ report: ChangeReport
  ) {
    let help = "keep the name, or let Prometheus write both (`metric_relabel_configs`) until queries are changed"
    report.add(renamed, at: range, was: was, "its name was `\(before)`", help: help, of: metrics) {
      "label `\(before)` of \($0) is now called `\(after)`"
    }
  }
}

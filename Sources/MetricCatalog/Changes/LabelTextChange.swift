/// Where a label's value comes from.
enum LabelTextChange: ChangeRule {
  private static let text = RuleID(
    "diff/label-text",
    .breaking,
    "a label of a metric gets its value from somewhere else",
    why: "The same log gives series with other label values. Queries that select the old values give nothing.",
    remedy: "Keep the text. If the log has moved the value to another place, accept the change.",
    triggers: """
      labels: { model: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [model] }
      watchers:
        trainer: { files: log.csv, format: csv, labels: { model: "{.model}" }, fields: { loss: loss } }
      ---
      labels: { model: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [model] }
      watchers:
        trainer: { files: log.csv, format: csv, labels: { model: "{.variant}" }, fields: { loss: loss } }
      """,
    passes: """
      labels: { model: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [model] }
      watchers:
        trainer: { files: log.csv, format: csv, labels: { model: "{.model}" }, fields: { loss: loss } }
      ---
      labels: { model: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [model] }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { loss: 'loss{model="{.model}"}' } }
      """
  )
  static let ids = [text]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.metricsFedOtherwise {
      let renamed = pair.old.descriptor.labels == pair.new.descriptor.labels ? [:] : pair.renamedLabels(comparison)
      for case (let old?, let new?) in pair.changedFeeds.map({ ($0.old, $0.new) }) {
        guard let before = old.target, let after = new.target, before.labels != after.labels || old.entry != new.entry
        else {
          // The same texts; but what a capture of the path takes depends on the path.
          if old.target != nil, new.target != nil { check(pair, old, new, renamed, comparison, report) }
          continue
        }
        check(pair, old, new, renamed, comparison, report)
      }
    }
  }

  private static func check(
    _ pair: CatalogComparison.MetricPair,
    _ old: Feed,
    _ new: Feed,
    _ renamed: [String: String],
    _ comparison: CatalogComparison,
    _ report: ChangeReport
  ) {
    guard let before = old.target?.labels, let after = new.target?.labels else { return }
    let names = pair.new.descriptor.labels.map(\.name)
    for (label, then) in zip(pair.old.descriptor.labels, before) {
      guard let place = names.firstIndex(of: renamed[label.name] ?? label.name) else { continue }
      let now = after[place]
      // Another field, path or source has its own line.
      if then == now,
        old.entry != new.entry || comparison.paths(of: old, comparison.old) != comparison.paths(of: new, comparison.new)
      {
        continue
      }
      let (meaningThen, meaningNow) = (
        then.map { comparison.old.meaning(of: $0, at: old) }, now.map { comparison.new.meaning(of: $0, at: new) }
      )
      guard meaningThen != meaningNow else { continue }
      let name = names[place]
      let shownThen = then.map { "`\(comparison.old.shown($0))`" } ?? "what is read"
      let shownNow = now.map { "`\(comparison.new.shown($0))`" } ?? "what is read"
      report.add(
        text,
        at: comparison.new.place(ofLabel: name, at: new),
        was: comparison.old.place(ofLabel: label.name, at: old),
        help: "keep the text, unless the log says the same in another place",
        of: [pair.new.name]
      ) {
        shownThen == shownNow
          ? "label `\(name)` of \($0) takes \(shownNow) from another part of the path"
          : "label `\(name)` of \($0) is \(shownNow) now, not \(shownThen)"
      }
    }
  }
}

extension CatalogComparison {
  /// The shapes of a watcher's paths.
  fileprivate func paths(of feed: Feed, _ version: CatalogVersion) -> [String] {
    guard case .watcher(let index) = feed.source else { return [] }
    return version.catalog.watchers[index].files.map(\.shape).sorted()
  }
}

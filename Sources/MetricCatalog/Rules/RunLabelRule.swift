internal import Diagnostics

/// What tells runs apart are declared labels that a log's path settles.
enum RunLabelRule: Rule {
  static let ids = [label]

  /// Labels that the metrics of runs have themselves: that of the states, and that of the count of values that are not
  /// finite.
  private static let reserved: Set = ["training_exporter_run_state", "field"]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      guard let run = watcher.ownRun else { continue }
      let labels = RunLabels(of: watcher, catalog)
      if let by = run.by.value {
        var first: [String: SourceRange] = [:]
        for name in by {
          if let range = first[name.value] {
            let related = [Diagnostic.Related(range: range, note: "it is here")]
            report.add(label, "`\(name.value)` is in `by` twice", at: name.range, related: related)
          } else {
            first[name.value] = name.range
            check(name, labels, watcher, catalog, report)
          }
        }
      } else {
        for name in labels.names ?? [] where reserved.contains(name) {
          report.add(
            label,
            "the metrics of runs have a label `\(name)` themselves",
            at: watcher.run.name,
            help: "give the label another name, or say under `by` which labels tell runs apart"
          )
        }
      }
    }
  }

  private static func check(
    _ name: Text,
    _ labels: RunLabels,
    _ watcher: WatcherDeclaration,
    _ catalog: CatalogDeclaration,
    _ report: Report
  ) {
    guard catalog.knowsLabels else { return }
    guard catalog.label(name.value) != nil else {
      report.add(
        label,
        "label `\(name.value)` is not declared",
        at: name.range,
        help: report.suggestion(for: name.value, among: catalog.labelPlaces.keys.sorted())
          ?? "declare it under `labels:`, with `values` or `max_values`"
      )
      return
    }
    if reserved.contains(name.value) {
      let message = "the metrics of runs have a label `\(name.value)` themselves"
      return report.add(label, message, at: name.range, help: "give the label another name")
    }
    let path = "a capture `{\(name.value)}` in every pattern of `files`"
    switch labels.origin(of: name.value) {
    case .path, .unknown: return
    case .nothing:
      report.add(
        label,
        "label `\(name.value)` gets no value from the path",
        at: name.range,
        related: SettledLabelsRule.partial([name.value], in: watcher),
        help: "it can come from \(path), or from a text of its captures under the watcher's `labels:`"
      )
    case .record:
      let text = watcher.labels.value?.first { $0.name.value == name.value }?.text.text.range
      report.add(
        label,
        "which `\(name.value)` it is depends on the record, and a run is known by its path",
        at: name.range,
        related: text.map { [Diagnostic.Related(range: $0, note: "its text is here")] } ?? [],
        help: "leave it out of `by`, or take it from \(path)"
      )
    }
  }
}

extension RunLabelRule {
  private static let label = RuleID(
    "run/label",
    .error,
    "`by` names a label that is not declared, or that a log's path does not settle",
    why: """
      A run is known by its labels before any of its records is read: its log may still be empty, and its settings stand \
      in another file. So each label has to come from the path of the log.
      """,
    remedy: """
      Write the label as a capture into every pattern of `files`, or give it a text with the path's captures under the \
      watcher's `labels`. Without `by`, all declared labels count that the path settles.
      """,
    triggers: """
      labels: { run: { max_values: 50 }, seed: { max_values: 10 } }
      watchers:
        results: { files: "runs/{run}/results.csv", format: csv, run: { by: [run, seed], epoch: epoch } }
      """,
    passes: """
      labels: { run: { max_values: 50 }, seed: { max_values: 10 } }
      watchers:
        results: { files: "runs/{run}-{seed}/results.csv", format: csv, run: { by: [run, seed], epoch: epoch } }
      """
  )
}

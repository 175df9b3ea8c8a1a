internal import Diagnostics

/// Where it is known how many steps or epochs are planned, something says how many are done.
enum UncountedRunRule: Rule {
  static let ids = [uncounted]
  static let concludesFromAbsence = true

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    let runs = catalog.watchers.compactMap { watcher in
      watcher.ownRun.map { (watcher: watcher, run: $0, labels: RunLabels(of: watcher, catalog).names ?? []) }
    }
    // By the labels of the runs: watchers that have the same tell of the same runs.
    var steps: Set<[String]> = []
    var epochs: Set<[String]> = []
    for (_, run, labels) in runs {
      if run.step.isGiven { steps.insert(labels) }
      if run.epoch.isGiven { epochs.insert(labels) }
    }
    for (watcher, run, labels) in runs {
      if run.steps.isGiven, !steps.contains(labels) { warn("steps", run.steps, "step", watcher, report) }
      if run.epochs.isGiven, !epochs.contains(labels) { warn("epochs", run.epochs, "epoch", watcher, report) }
    }
  }

  private static func warn(
    _ name: String,
    _ planned: Key<RunDeclaration.Planned>,
    _ counter: String,
    _ watcher: WatcherDeclaration,
    _ report: Report
  ) {
    report.add(
      uncounted,
      "`\(name)` says how many are planned, and nothing says which \(counter) a run has reached",
      at: planned.range,
      help: "name the field under `\(counter)`, here or in another watcher whose runs have the same labels",
      waivedBy: [watcher.allow]
    )
  }
}

extension UncountedRunRule {
  private static let uncounted = RuleID(
    "run/uncounted",
    .warning,
    "a planned number of steps or epochs that nothing counts up to",
    why: """
      How far a run is, when it will end and whether it is finished follow from both numbers: how many are planned, and \
      how many are done. Without the second, none of these is known.
      """,
    remedy: """
      Name the field under `step` or `epoch`. It may stand in another watcher, if the runs of both have the same labels.
      """,
    triggers: """
      labels: { run: { max_values: 50 } }
      watchers:
        arguments: { files: "runs/{run}/args.yaml", format: yaml, run: { epochs: epochs } }
      """,
    passes: """
      labels: { run: { max_values: 50 } }
      watchers:
        results: { files: "runs/{run}/results.csv", format: csv, run: { epoch: epoch } }
        arguments: { files: "runs/{run}/args.yaml", format: yaml, run: { epochs: epochs } }
      """
  )
}

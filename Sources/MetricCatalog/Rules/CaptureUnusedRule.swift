internal import Diagnostics
internal import PatternSyntax

/// What tells files apart is a label of something: otherwise all of them end in the same series.
enum CaptureUnusedRule: Rule {
  static let ids = [unused]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      guard watcher.pathPatterns != nil, !watcher.hasLostTargets, !watcher.fields.isBroken,
        !watcher.eachRecord.isBroken, !watcher.run.isBroken
      else { continue }
      let uses = watcher.targetUses
      let metrics = uses.map { catalog.metric($0.target.metric.value) }
      // A metric that is not known has its own diagnostic.
      guard !uses.isEmpty || watcher.ownRun != nil,
        !metrics.contains(where: { $0 == nil || $0?.labels.isBroken ?? true })
      else { continue }
      var used: Set<String> = []
      var isKnown = true
      if watcher.ownRun != nil {
        let labels = RunLabels(of: watcher, catalog)
        let resolved = labels.resolved
        used.formUnion(resolved.flatMap(\.text.pathCaptures))
        // A label without a text has its own diagnostic.
        isKnown = resolved.count == labels.names?.count
      }
      for (use, metric) in zip(uses, metrics) {
        for label in metric?.labels.value ?? [] {
          switch Settlement.settle(label.value, at: use) {
          case .settled(let text): used.formUnion(text.pathCaptures)
          case .byReading: break
          case .unsettled, .unknown: isKnown = false
          }
        }
      }
      if isKnown { warn(watcher, used, metrics.compactMap { $0?.allow }, report) }
    }
  }

  /// - Parameter waivers: those of the metrics; only where all of them waive it, this has been thought of.
  private static func warn(
    _ watcher: WatcherDeclaration,
    _ used: Set<String>,
    _ waivers: [Key<[Text]>],
    _ report: Report
  ) {
    var warned = used
    let isWaivedByAll = waivers.allSatisfy { $0.value?.contains { $0.value == unused.name } ?? false }
    for path in watcher.files.value ?? [] {
      for name in path.pattern?.captureNames ?? [] where warned.insert(name).inserted {
        let (watched, instead) =
          watcher.targetUses.isEmpty
          ? ("no run of `\(watcher.name.value)`", "make `\(name)` a label of the runs: declare it, and name it in `by`")
          : ("no metric that `\(watcher.name.value)` feeds", "give a metric the label `\(name)`")
        report.add(
          unused,
          "`{\(name)}` tells files apart, but \(watched) has it as a label",
          at: path.text.range,
          help: "\(instead), or write `{_}` to take the files together",
          waivedBy: [watcher.allow] + (isWaivedByAll ? waivers : [])
        )
      }
    }
  }
}

extension CaptureUnusedRule {
  private static let unused = RuleID(
    "watcher/capture-unused",
    .warning,
    "a capture of `files` is no label of any metric that the watcher feeds",
    why: """
      The capture tells files apart, but no metric does: all files write the same series, and whichever was written \
      last wins.
      """,
    remedy: """
      Give the metrics the label. If the files belong together, write `{_}` or `*` instead of the capture. Where one \
      value for all is meant, write `allow: [watcher/capture-unused]` at the watcher.
      """,
    triggers: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: "runs/{run}/log.csv", format: csv, fields: { loss: loss } }
      """,
    passes: """
      labels: { run: { max_values: 200, evict: oldest } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [run] } }
      watchers:
        log: { files: "runs/{run}/log.csv", format: csv, fields: { loss: loss } }
      """
  )
}

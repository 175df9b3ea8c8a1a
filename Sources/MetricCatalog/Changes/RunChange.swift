internal import Diagnostics
internal import LogFormats
internal import PatternSyntax

/// What logs say of training runs, which the metrics `training_exporter_run_*` show.
enum RunChange: ChangeRule {
  private static let removed = RuleID(
    "diff/run-removed",
    .breaking,
    "nothing tells of runs with these labels any more",
    why: """
      The watcher's `run` is gone, and no other watcher has runs with the same labels. So `training_exporter_run_state` and \
      all other metrics of these runs are gone as well.
      """,
    remedy: "Keep `run` at a watcher that reads the logs of these runs.",
    triggers: """
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      watchers:
        trainer: { files: "{run}.csv", format: csv, fields: { loss: loss }, run: { epoch: epoch } }
      ---
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      watchers:
        trainer: { files: "{run}.csv", format: csv, fields: { loss: loss } }
      """
  )
  private static let labels = RuleID(
    "diff/run-labels",
    .breaking,
    "other labels tell runs apart",
    why: """
      The metrics `training_exporter_run_*` have the labels of the runs. Queries that name a label that is gone find nothing, \
      and what was two runs may be one now.
      """,
    remedy: "Keep the labels that queries name.",
    triggers: """
      labels: { task: { max_values: 5 }, run: { max_values: 50 } }
      metrics:
        rows_total: { type: counter, help: Rows, labels: [task, run] }
      watchers:
        trainer: { files: "{task}/{run}.csv", format: csv, each_record: rows_total, run: { by: run } }
      ---
      labels: { task: { max_values: 5 }, run: { max_values: 50 } }
      metrics:
        rows_total: { type: counter, help: Rows, labels: [task, run] }
      watchers:
        trainer: { files: "{task}/{run}.csv", format: csv, each_record: rows_total, run: {} }
      """,
    passes: """
      labels: { task: { max_values: 5 }, run: { max_values: 50 } }
      metrics:
        rows_total: { type: counter, help: Rows, labels: [task, run] }
      watchers:
        trainer: { files: "{task}/{run}.csv", format: csv, each_record: rows_total, run: {} }
      ---
      labels: { task: { max_values: 5 }, run: { max_values: 50 } }
      metrics:
        rows_total: { type: counter, help: Rows, labels: [task, run] }
      watchers:
        trainer: { files: "{task}/{run}.csv", format: csv, each_record: rows_total, run: { by: [run, task] } }
      """
  )
  private static let added = RuleID(
    "diff/run-added",
    .note,
    "a further watcher tells of runs",
    why: "The metrics `training_exporter_run_*` show further runs, or more of those that they show already.",
    remedy: "Nothing need be done.",
    triggers: """
      labels: { run: { max_values: 50 } }
      watchers:
        trainer: { files: "{run}.csv", format: csv, run: { epoch: epoch } }
      ---
      labels: { run: { max_values: 50 } }
      watchers:
        trainer: { files: "{run}.csv", format: csv, run: { epoch: epoch } }
        settings: { files: "{run}.yaml", format: yaml, run: { epochs: epochs } }
      """
  )
  private static let changed = RuleID(
    "diff/run",
    .note,
    "a watcher tells of its runs by other fields, conditions, processes or files",
    why: """
      What is shown of a run, such as its epoch or its best score, may come from another field, and a run may be finished or \
      failed by other conditions or files. The names and labels stay.
      """,
    remedy: "Check that the fields and files say the same as those before.",
    triggers: """
      labels: { run: { max_values: 50 } }
      watchers:
        trainer: { files: "{run}.csv", format: csv, run: { epoch: epoch, score: map50 } }
      ---
      labels: { run: { max_values: 50 } }
      watchers:
        trainer: { files: "{run}.csv", format: csv, run: { epoch: epoch, score: map50_95 } }
      """,
    passes: """
      labels: { run: { max_values: 50 } }
      watchers:
        trainer: { files: "{run}.csv", format: csv, run: { epoch: epoch, score: map50 } }
      ---
      labels: { run: { max_values: 50 } }
      watchers:
        trainer: { files: "{run}.csv", format: csv, run: { epoch: [epoch], score: "map50", better: higher } }
      """
  )
  static let ids = [removed, labels, added, changed]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    let (old, new) = (comparison.old, comparison.new)
    let shown = Set(new.catalog.watchers.compactMap { $0.run?.labels.map(\.name) })
    for (before, after) in comparison.runs {
      switch (before, after) {
      case (let before?, let after?): compare(before, after, comparison, report)
      case (let before?, nil):
        let watcher = old.declaration.watchers[before]
        let labels = old.catalog.watchers[before].run?.labels.map(\.name) ?? []
        let isShown = shown.contains(labels)
        let now = comparison.watcher(insteadOf: before)
        let keys = WatcherDeclaration.keys(LogFormats.all)
        let range = now.map { keys.place(of: \.run, watcher, $0) ?? $0.name.range } ?? new.start
        let help = isShown ? "others tell of runs with the same labels" : "keep `run` at a watcher of these logs"
        report.add(isShown ? changed : removed, at: range, was: watcher.run.name, help: help) { _ in
          "watcher `\(watcher.name.value)` no longer tells of runs"
        }
      case (nil, let after?):
        let watcher = new.declaration.watchers[after]
        report.add(added, at: watcher.run.name ?? watcher.name.range, was: nil, help: "nothing need be done") { _ in
          "watcher `\(watcher.name.value)` tells of runs"
        }
      case (nil, nil): continue
      }
    }
  }

  private static func compare(
    _ before: Int,
    _ after: Int,
    _ comparison: CatalogComparison,
    _ report: ChangeReport
  ) {
    let (old, new) = (comparison.old, comparison.new)
    let (then, now) = (old.declaration.watchers[before], new.declaration.watchers[after])
    guard let was = old.catalog.watchers[before].run, let run = new.catalog.watchers[after].run,
      let (declaredThen, declared) = then.run.value.flatMap({ old in now.run.value.map { (old, $0) } })
    else { return }
    func place<T>(_ key: KeyPath<RunDeclaration, Key<T>>) -> (SourceRange, SourceRange?) {
      let range = RunDeclaration.keys.place(of: key, declaredThen, declared) ?? now.run.name ?? now.name.range
      return (range, RunDeclaration.keys.place(of: key, declared, declaredThen) ?? then.run.name)
    }
    let help = "keep the labels that queries name"
    let (names, namesNow) = (was.labels.map(\.name), run.labels.map(\.name))
    if Set(names) != Set(namesNow) {
      let (range, wasRange) = place(\.by)
      report.add(labels, at: range, was: wasRange, help: help) { _ in
        "the runs of watcher `\(now.name.value)` have \(words(namesNow)) now, not \(words(names))"
      }
    } else if let name = firstOther(was.labels, run.labels, Feed(of: before), Feed(of: after), comparison) {
      let range = new.place(ofLabel: name, at: Feed(of: after))
      let wasRange = old.place(ofLabel: name, at: Feed(of: before))
      report.add(labels, at: range, was: wasRange, help: help) { _ in
        "label `\(name)` of the runs of watcher `\(now.name.value)` has another text"
      }
    }
    func tell<T>(_ name: String, _ key: KeyPath<RunDeclaration, Key<T>>, _ isSame: Bool) {
      guard !isSame else { return }
      let (range, wasRange) = place(key)
      report.add(changed, at: range, was: wasRange, help: "check that it says the same as before") { _ in
        "watcher `\(now.name.value)` has another `\(name)` for its runs"
      }
    }
    tell("step", \.step, was.step == run.step)
    tell("epoch", \.epoch, was.epoch == run.epoch)
    tell("steps", \.steps, was.steps == run.steps)
    tell("epochs", \.epochs, was.epochs == run.epochs)
    tell("loss", \.loss, was.loss == run.loss)
    tell("score", \.score, was.score == run.score)
    tell("better", \.better, was.better == run.better)
    tell("time", \.time, was.time == run.time)
    tell("finished", \.finished, ConditionsChange.areSame(was.finished, run.finished))
    tell("failed", \.failed, ConditionsChange.areSame(was.failed, run.failed))
    let processes = { CollectorChange.meaning(.matches($0)) }
    tell("process", \.process, processes(was.processes) == processes(run.processes))
    let (files, filesNow) = (old.catalog.watchers[before].files, new.catalog.watchers[after].files)
    func tell(_ name: String, _ key: KeyPath<RunDeclaration, Key<[PatternText]>>, _ was: [Pattern], _ now: [Pattern]) {
      tell(name, key, meaning(was, files) == meaning(now, filesNow))
    }
    tell("checkpoints", \.checkpoints, was.checkpoints, run.checkpoints)
    tell("finished_file", \.finishedFile, was.finishedFiles, run.finishedFiles)
    tell("failed_file", \.failedFile, was.failedFiles, run.failedFiles)
  }

  /// Patterns with their captures called by their places in the path of a log: names may change.
  private static func meaning(_ patterns: [Pattern], _ files: [Pattern]) -> Set<[String]> {
    Set(
      patterns.map { pattern in
        pattern.parts.map { part in
          switch part {
          case .literal(let text), .field(let text): "=" + text
          case .capture("_"), .deepCapture("_"): part == .capture("_") ? "_" : "__"
          case .capture(let name), .deepCapture(let name): "\(files.map { $0.place(ofCapture: name) })"
          }
        }
      }
    )
  }

  private static func words(_ names: [String]) -> String {
    names.isEmpty ? "no labels" : "the label\(names.count == 1 ? "" : "s") \(ChangeReport.list(names))"
  }

  /// The first label with another text. A capture may have another name, or another place in the path, as long as one of
  /// both stays.
  private static func firstOther(
    _ before: [Watcher.Run.Label],
    _ after: [Watcher.Run.Label],
    _ old: Feed,
    _ new: Feed,
    _ comparison: CatalogComparison
  ) -> String? {
    let texts = Dictionary(after.map { ($0.name, $0.text) }) { first, _ in first }
    return before.first { label in
      guard let text = texts[label.name], text != label.text else { return false }
      return comparison.old.meaning(of: label.text, at: old) != comparison.new.meaning(of: text, at: new)
    }?.name
  }
}

extension Feed {
  /// All records of a watcher.
  fileprivate init(of watcher: Int) {
    self.init(source: .watcher(watcher), entry: .eachRecord, target: nil, declared: nil)
  }
}

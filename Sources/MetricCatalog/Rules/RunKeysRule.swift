internal import Diagnostics

/// What `run:` says of a run can come true, and not at once.
enum RunKeysRule: Rule {
  static let ids = [field, total, better, mark]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      guard let run = watcher.ownRun else { continue }
      for name in run.fields where name.value.isEmpty {
        report.add(field, "the name of a field cannot be empty", at: name.range)
      }
      checkList("step", run.step, report)
      checkList("epoch", run.epoch, report)
      checkList("process", run.process, report)
      for (name, key) in run.paths { checkList(name, key, report) }
      check("steps", run.steps, against: "step", run.step, report)
      check("epochs", run.epochs, against: "epoch", run.epoch, report)
      check("finished", run.finished, "ends its run", report)
      check("failed", run.failed, "says that its run has failed", report)
      if run.better.isGiven, !run.score.isGiven {
        let message = "`better` says which score is better, and there is no `score`"
        let help = "name the field with the score under `score`, or remove it"
        report.add(better, message, at: run.better.name, help: help)
      }
    }
  }

  private static func checkList<Item>(_ name: String, _ key: Key<[Item]>, _ report: Report) {
    guard let items = key.value, items.isEmpty else { return }
    report.add(field, "`\(name)` is an empty list", at: key.range, help: "remove it")
  }

  private static func check(
    _ name: String,
    _ planned: Key<RunDeclaration.Planned>,
    against counter: String,
    _ counting: Key<[Text]>,
    _ report: Report
  ) {
    switch planned.value {
    case .count(let number) where number.value <= 0 || !number.value.isFinite:
      report.add(total, "`\(name)` has to be above 0, and finite", at: number.range)
    case .field(let text):
      guard let same = counting.value?.first(where: { $0.value == text.value }) else { return }
      report.add(
        total,
        "`\(text.value)` says which \(counter) it is, and not how many there will be",
        at: text.range,
        related: [Diagnostic.Related(range: same.range, note: "it is named here")],
        help: "every run would be at its end: write the number, or the field that says it"
      )
    case .count, nil: return
    }
  }

  private static func check<Item>(_ name: String, _ conditions: Key<[Item]>, _ what: String, _ report: Report) {
    guard let items = conditions.value, items.isEmpty else { return }
    let help = "write a field and its value, such as `{ status: done }`"
    report.add(mark, "`\(name)` has no condition, so every record \(what)", at: conditions.range, help: help)
  }
}

extension RunKeysRule {
  private static let field = RuleID(
    "run/field",
    .error,
    "a key of `run` that names no field, or an empty list",
    why: """
      No record has a field without a name, and an empty list names nothing, so what the key is for would never be known.
      """,
    remedy: """
      Write the field's name as the log has it, or remove the key.
      """,
    triggers: """
      labels: { run: { max_values: 50 } }
      watchers:
        results: { files: "runs/{run}/results.csv", format: csv, run: { epoch: epoch, loss: "" } }
      """,
    passes: """
      labels: { run: { max_values: 50 } }
      watchers:
        results: { files: "runs/{run}/results.csv", format: csv, run: { epoch: epoch, loss: train_loss } }
      """
  )

  private static let total = RuleID(
    "run/total",
    .error,
    "a planned number of steps or epochs that is not above 0, or that is the current one",
    why: """
      A run that has reached its planned total is finished. With such a total each run would be from its first record on.
      """,
    remedy: """
      `epochs` and `steps` say how many are planned: write a number, or the name of a field that says it, such as one of \
      the settings. The current one is `epoch` or `step`.
      """,
    triggers: """
      labels: { run: { max_values: 50 } }
      watchers:
        results: { files: "runs/{run}/results.csv", format: csv, run: { epoch: epoch, epochs: 0 } }
      """,
    passes: """
      labels: { run: { max_values: 50 } }
      watchers:
        results: { files: "runs/{run}/results.csv", format: csv, run: { epoch: epoch, epochs: 100 } }
      """
  )

  private static let better = RuleID(
    "run/better",
    .error,
    "`better` without `score`",
    why: """
      It says which of two scores is the better one. Without a score there is no best one, and the key does nothing.
      """,
    remedy: """
      Name the field with the score, or remove `better`.
      """,
    triggers: """
      labels: { run: { max_values: 50 } }
      watchers:
        results: { files: "runs/{run}/results.csv", format: csv, run: { epoch: epoch, better: lower } }
      """,
    passes: """
      labels: { run: { max_values: 50 } }
      watchers:
        results: { files: "runs/{run}/results.csv", format: csv, run: { epoch: epoch, score: wer, better: lower } }
      """
  )

  private static let mark = RuleID(
    "run/mark",
    .error,
    "`finished` or `failed` without a condition",
    why: """
      A record for which all conditions hold ends its run. Without any they hold for every record.
      """,
    remedy: """
      Write the field that tells the end, with its value, or remove the key. Without `finished` a run is finished when it \
      has reached its planned total.
      """,
    triggers: """
      labels: { run: { max_values: 50 } }
      watchers:
        events: { files: "runs/{run}/events.jsonl", format: jsonl, run: { step: step, finished: {} } }
      """,
    passes: """
      labels: { run: { max_values: 50 } }
      watchers:
        events: { files: "runs/{run}/events.jsonl", format: jsonl, run: { step: step, finished: { event: end } } }
      """
  )
}

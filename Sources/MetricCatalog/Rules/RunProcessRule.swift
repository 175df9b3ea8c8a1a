internal import Diagnostics

/// What `process` takes from a process says which run it is of.
enum RunProcessRule: Rule {
  static let ids = [capture]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      guard let entries = watcher.ownRun?.process.value, let names = RunLabels(of: watcher, catalog).names else {
        continue
      }
      for entry in entries where !entry.isBroken { check(entry, names, report) }
    }
  }

  private static func check(_ entry: CollectorDeclaration.Match, _ names: [String], _ report: Report) {
    // The mistakes of a pattern have their own diagnostic.
    guard entry.patterns.allSatisfy({ $0.pattern != nil }) else { return }
    let known = Set(names)
    let captures = entry.patterns.flatMap { text in
      (text.pattern?.captureNames ?? []).map { ($0, CaptureReferenceRule.range(of: $0, in: text.text)) }
    }
    let settled = captures + (entry.labels.value ?? []).map { ($0.name.value, $0.name.range) }
    let foreign = settled.filter { !known.contains($0.0) }
    for (name, range) in foreign {
      report.add(
        capture,
        "`\(name)` is no label of these runs",
        at: range,
        help: report.suggestion(for: name, among: names)
          ?? "\(list(names)); write `{_}` for what is only to be skipped"
      )
    }
    // Else one of those is probably meant for it.
    guard foreign.isEmpty else { return }
    let missing = known.subtracting(settled.map(\.0)).sorted()
    guard let first = missing.first else { return }
    let listed = missing.map { "`\($0)`" }.joined(separator: " and ")
    report.add(
      capture,
      "this does not say of which \(listed) a process is",
      at: entry.range,
      help: "write `{\(first)}` where the process has it, such as `train.py --name {\(first)}`"
    )
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "they have no labels" : "they have " + names.map { "`\($0)`" }.joined(separator: " ")
  }
}

extension RunProcessRule {
  private static let capture = RuleID(
    "run/capture",
    .error,
    "an entry of `process` whose captures and labels are not those of the runs",
    why: """
      A process belongs to the run that has the same labels. With a label too few nobody knows to which run it belongs; \
      with another one, no run fits.
      """,
    remedy: """
      Let each entry have every label of the runs, as a capture in its patterns or under its `labels`, and write `{_}` \
      for what else changes.
      """,
    triggers: """
      labels: { run: { max_values: 50 } }
      watchers:
        results:
          files: "runs/{run}/results.csv"
          format: csv
          run: { process: "train.py --name {name}" }
      """,
    passes: """
      labels: { run: { max_values: 50 } }
      watchers:
        results:
          files: "runs/{run}/results.csv"
          format: csv
          run: { process: "train.py --name {run}" }
      """
  )
}

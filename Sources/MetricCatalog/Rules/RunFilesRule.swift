internal import Diagnostics
internal import PatternSyntax

/// Files that tell of a run are found by what the path of its log says, and are no logs.
enum RunFilesRule: Rule {
  static let ids = [capture, file]

  /// What stands for any name: no pattern that is meant has it.
  private static let anything = "\u{1}"

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      guard let run = watcher.ownRun else { continue }
      for (_, key) in run.paths {
        for path in key.value ?? [] { check(capturesOf: path, watcher, report) }
      }
      check("finished_file", run.finishedFile, "finished", watcher, report)
      check("failed_file", run.failedFile, "failed", watcher, report)
      checkDifference(run, report)
    }
  }

  private static func check(capturesOf path: PatternText, _ watcher: WatcherDeclaration, _ report: Report) {
    guard let known = watcher.pathCaptures, let pattern = path.pattern else { return }
    for name in pattern.captureNames where !known.contains(name) {
      let isInSome = watcher.pathPatterns?.contains { $0.captureNames.contains(name) } ?? false
      report.add(
        capture,
        isInSome ? "not every pattern of `files` has a capture `{\(name)}`" : "`files` has no capture `{\(name)}`",
        at: CaptureReferenceRule.range(of: name, in: path.text),
        help: isInSome
          ? "write `{_}` or `*` for what may be anything"
          : report.suggestion(for: name, among: known.sorted()) ?? "write `{_}` or `*` for what may be anything"
      )
    }
  }

  /// A mark that every log is ends each run with its first look.
  private static func check(
    _ name: String,
    _ key: Key<[PatternText]>,
    _ end: String,
    _ watcher: WatcherDeclaration,
    _ report: Report
  ) {
    guard let logs = watcher.pathPatterns, let known = watcher.pathCaptures else { return }
    for path in key.value ?? [] {
      guard let pattern = path.pattern, known.isSuperset(of: pattern.captureNames),
        logs.allSatisfy({ matches(pattern, aLogOf: $0) })
      else { continue }
      report.add(
        file,
        "`\(name)` matches the logs themselves, so every run would be \(end)",
        at: path.text.range,
        related: watcher.files.value?.first.map { [Diagnostic.Related(range: $0.text.range, note: "these are logs")] }
          ?? [],
        help: "name a file that is there only at the end, such as `runs/{run}/DONE`"
      )
    }
  }

  /// Whether it matches whatever log a pattern leads to.
  private static func matches(_ mark: Pattern, aLogOf log: Pattern) -> Bool {
    let texts = Dictionary(log.captureNames.map { ($0, anything + $0) }) { first, _ in first }
    let path = log.parts.map { part in
      switch part {
      case .literal(let text): text.replacing("**", with: anything).replacing("*", with: anything)
      case .capture(let name), .deepCapture(let name): texts[name] ?? anything
      case .field(let text): text
      }
    }.joined()
    return PathPattern(mark, filling: texts).match(normalized(path)) != nil
  }

  /// As a pattern has it: without empty segments and those of a single dot.
  private static func normalized(_ path: String) -> String {
    let segments = path.split(separator: "/", omittingEmptySubsequences: true).filter { $0 != "." }
    return (path.hasPrefix("/") ? "/" : "") + segments.joined(separator: "/")
  }

  private static func checkDifference(_ run: RunDeclaration, _ report: Report) {
    for path in run.failedFile.value ?? [] {
      guard let pattern = path.pattern,
        let same = run.finishedFile.value?.first(where: { $0.pattern == pattern })
      else { continue }
      report.add(
        file,
        "the same file says that a run has finished and that it has failed",
        at: path.text.range,
        related: [Diagnostic.Related(range: same.text.range, note: "it is here")],
        help: "name a file that is there only after a failure, or remove `failed_file`"
      )
    }
  }
}

extension RunFilesRule {
  private static let capture = RuleID(
    "run/path-capture",
    .error,
    "a capture of `checkpoints`, `finished_file` or `failed_file` that `files` does not have",
    why: """
      These files are looked for with what the path of the run's log has in place of its captures. Nothing says what stands \
      for a capture that the path does not have.
      """,
    remedy: """
      Use captures that every pattern of `files` has, and write `*` or `{_}` for what may be anything.
      """,
    triggers: """
      labels: { run: { max_values: 50 } }
      watchers:
        results:
          files: "runs/{run}/results.csv"
          format: csv
          run: { checkpoints: "runs/{run}/weights/{name}.pt" }
      """,
    passes: """
      labels: { run: { max_values: 50 } }
      watchers:
        results:
          files: "runs/{run}/results.csv"
          format: csv
          run: { checkpoints: "runs/{run}/weights/*.pt" }
      """
  )

  private static let file = RuleID(
    "run/mark-file",
    .error,
    "`finished_file` or `failed_file` that every log matches, or one file for both",
    why: """
      A run has ended once the file is there. If the pattern matches its log, it has ended with its first record; and a file \
      that stands for both ends says nothing of either.
      """,
    remedy: """
      Name a file that is written only at the end, such as `runs/{run}/DONE`, and another one for failures.
      """,
    triggers: """
      labels: { run: { max_values: 50 } }
      watchers:
        results:
          files: "runs/{run}/results.csv"
          format: csv
          run: { finished_file: "runs/{run}/*" }
      """,
    passes: """
      labels: { run: { max_values: 50 } }
      watchers:
        results:
          files: "runs/{run}/results.csv"
          format: csv
          run: { finished_file: "runs/{run}/DONE", failed_file: "runs/{run}/error.json" }
      """
  )
}

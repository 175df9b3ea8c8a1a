/// Which files are logs of a watcher.
enum FilesChange: ChangeRule {
  private static let files = RuleID(
    "diff/files",
    .breaking,
    "a watcher no longer reads the files of a pattern",
    why: """
      Files that match only the old pattern are not read any more. Their metrics are not updated, and after the next start \
      they are gone. Labels that the path gives may have other values.
      """,
    remedy: "Keep the old pattern in the list of `files` as long as there are such logs.",
    triggers: """
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      watchers:
        trainer: { files: "runs/{run}/log.csv", format: csv, fields: { loss: loss } }
      ---
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      watchers:
        trainer: { files: "jobs/{run}/log.csv", format: csv, fields: { loss: loss } }
      """,
    passes: """
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      watchers:
        trainer: { files: "runs/{run}/log.csv", format: csv, fields: { loss: loss } }
      ---
      labels: { run: { max_values: 50 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      watchers:
        trainer: { files: ['runs/{run}/log.csv'], format: csv, fields: { loss: loss } }
      """
  )
  private static let added = RuleID(
    "diff/files-added",
    .caution,
    "a watcher reads further files",
    why:
      "Further logs feed the same metrics. Where no label tells them apart, counters grow by both, and a gauge shows whichever came last.",
    remedy: "Check that a label, such as a capture of the path, tells the logs apart.",
    triggers: """
      metrics:
        rows_total: { type: counter, help: Rows }
      watchers:
        trainer: { files: log.csv, format: csv, each_record: rows_total }
      ---
      metrics:
        rows_total: { type: counter, help: Rows }
      watchers:
        trainer: { files: [log.csv, more.csv], format: csv, each_record: rows_total }
      """
  )
  private static let excluded = RuleID(
    "diff/files-excluded",
    .caution,
    "a watcher leaves other files alone than before",
    why:
      "`exclude`, `ignore_older` and `links` decide which of the matching files are read. Logs that are left alone feed nothing.",
    remedy: "Check that no log is left alone that is wanted, and that none is read that is not.",
    triggers: """
      metrics:
        rows_total: { type: counter, help: Rows }
      watchers:
        trainer: { files: "*.csv", format: csv, each_record: rows_total }
      ---
      metrics:
        rows_total: { type: counter, help: Rows }
      watchers:
        trainer: { files: "*.csv", exclude: "old*.csv", format: csv, each_record: rows_total }
      """
  )
  static let ids = [files, added, excluded]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.watchers {
      let (before, after) = (pair.old.declaration, pair.new.declaration)
      let name = after.name.value
      let then = patterns(before.files)
      let now = patterns(after.files)
      let lost = then.filter { old in !now.contains { $0.shape == old.shape } }
      let fresh = now.filter { new in !then.contains { $0.shape == new.shape } }
      if let first = lost.first {
        let texts = ChangeReport.list(lost.map(\.text.value))
        let instead = fresh.isEmpty ? "" : ", but \(ChangeReport.list(fresh.map(\.text.value)))"
        let range = fresh.first?.text.range ?? after.files.range ?? after.name.range
        let help = "keep the old pattern in the list of `files` as long as there are such logs"
        report.add(files, at: range, was: first.text.range, help: help) { _ in
          "watcher `\(name)` no longer reads \(texts)\(instead)"
        }
      } else if let first = fresh.first {
        let texts = ChangeReport.list(fresh.map(\.text.value))
        let help = "check that a label tells these logs from the others"
        report.add(added, at: first.text.range, was: before.files.range, "its files were these", help: help) { _ in
          "watcher `\(name)` also reads \(texts)"
        }
      }
      let isSame = Set(patterns(before.exclude).map(\.shape)) == Set(patterns(after.exclude).map(\.shape))
      if !isSame {
        let help = "check that no log is left alone that is wanted, and none read that is not"
        report.add(excluded, at: pair.place(\.exclude), was: pair.was(\.exclude), help: help) { _ in
          "watcher `\(name)` excludes other files than before"
        }
      }
      if before.ignoreOlder.value != after.ignoreOlder.value {
        let help = "it concerns only files that were not read before"
        report.add(excluded, at: pair.place(\.ignoreOlder), was: pair.was(\.ignoreOlder), help: help) { _ in
          let limit = after.ignoreOlder.value.map { "older than \(DurationText.text($0))" } ?? "of no age"
          return "watcher `\(name)` leaves files alone that are \(limit)"
        }
      }
      let links = after.links.value ?? .owner
      if (before.links.value ?? .owner) != links {
        let help = "`owner` leaves links alone that lead to what is not their owner's"
        report.add(excluded, at: pair.place(\.links), was: pair.was(\.links), help: help) { _ in
          "watcher `\(name)` follows \(links == .follow ? "all links" : "only links by their owners")"
        }
      }
    }
  }

  private static func patterns(_ key: Key<[PatternText]>) -> [(text: Text, shape: String)] {
    (key.value ?? []).compactMap { text in text.pattern.map { (text.text, $0.shape) } }
  }
}

internal import LogFormats
internal import PatternSyntax

/// How the logs of a watcher are read.
enum FormatChange: ChangeRule {
  private static let format = RuleID(
    "diff/format",
    .breaking,
    "a watcher reads its logs in another way",
    why: """
      `format`, and keys such as `columns`, `lines` or `records`, decide which fields a log has. The same metric may get its \
      values from another column or line, and lines that were records may be none.
      """,
    remedy:
      "Read logs of the new form with a watcher of their own, and keep this one as long as there are logs of the old form.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, columns: [step, loss, val_loss], fields: { loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, columns: [step, val_loss, loss], fields: { loss: loss } }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, columns: [step, loss], fields: { loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: "csv", columns: ["step", "loss"], fields: { loss: loss } }
      """
  )
  private static let extended = RuleID(
    "diff/format-extended",
    .caution,
    "a watcher finds further columns or lines in its logs",
    why:
      "What was not read before may feed the same metrics: a line that matched nothing is a record now, and `each_record` counts it.",
    remedy: "Check that the new columns or lines do not have fields that feed something already.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: out.log, format: text, lines: ["train loss {loss}"], fields: { loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: out.log, format: text, lines: ["train loss {loss}", "best loss {loss}"], fields: { loss: loss } }
      """
  )
  static let ids = [format, extended]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.watchers {
      let (before, after) = (pair.old.watcher.format, pair.new.watcher.format)
      let (then, now) = (pair.old.declaration, pair.new.declaration)
      let name = now.name.value
      let help = "read logs of the new form with a watcher of their own"
      if before.name != after.name {
        let range = now.format.range ?? now.name.range
        report.add(format, at: range, was: then.format.range, help: help) { _ in
          "watcher `\(name)` reads its files as `\(after.name)` now, not as `\(before.name)`"
        }
        continue
      }
      for key in Set(before.options.keys).union(after.options.keys).sorted() {
        let (old, new) = (meaning(before.options[key]), meaning(after.options[key]))
        guard old != new else { continue }
        let range = now.ownKeys.first { $0.name == key }?.key.range ?? now.name.range
        let was = then.ownKeys.first { $0.name == key }?.key.range ?? then.name.range
        guard isExtended(old, new) else {
          report.add(format, at: range, was: was, help: help) { _ in "watcher `\(name)` has another `\(key)`" }
          continue
        }
        let help = "check that what is new has no field that feeds something already"
        report.add(extended, at: range, was: was, help: help) { _ in "watcher `\(name)` has more `\(key)`" }
      }
    }
  }

  /// An option as texts: in order where that counts.
  private static func meaning(_ option: LogFormat.Option?) -> [String] {
    switch option {
    case nil: return []
    case .text(let text)?: return [text]
    case .fieldNames(let names)?: return names
    // Captures are the names of fields here.
    case .pattern(let pattern)?: return ["\(pattern.parts)"]
    case .lines(let lines)?:
      return lines.map { line in "\(line.line.parts) \(line.set.map { "\($0.field)=\($0.text)" }.sorted())" }
    // What nothing is said of has the first word, which is `last`.
    case .words(let words)?: return words.filter { $0.value != "last" }.map { "\($0)=\($1)" }.sorted()
    case .duration(let duration)?: return [DurationText.text(duration)]
    }
  }

  /// Whether a list of columns or lines goes on where the old one ended.
  private static func isExtended(_ old: [String], _ new: [String]) -> Bool {
    !old.isEmpty && new.count > old.count && new.starts(with: old)
  }
}

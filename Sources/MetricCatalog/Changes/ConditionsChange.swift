/// Which records of a watcher count.
enum ConditionsChange: ChangeRule {
  private static let conditions = RuleID(
    "diff/where",
    .breaking,
    "a watcher takes other records",
    why: """
      `where` decides which records feed the watcher's metrics. Counters count others than before, and a gauge may show \
      another phase, such as validation for training.
      """,
    remedy:
      "Feed new metrics from the other records, with a watcher of their own. If the condition was a mistake, accept the change.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, where: { phase: train }, fields: { loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, where: { phase: val }, fields: { loss: loss } }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, where: { phase: train, rank: 0 }, fields: { loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, where: { rank: [0.0], phase: "train" }, fields: { loss: loss } }
      """
  )
  private static let missing = RuleID(
    "diff/na-values",
    .breaking,
    "other values of a watcher's fields mean that nothing was measured",
    why: """
      A value that is listed is as good as absent: a gauge keeps what it shows, and a counter or histogram does not count \
      it. Where the list changes, the same log gives other numbers.
      """,
    remedy: "Keep the entries of `na_values` that the log may have.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, na_values: "-1", fields: { loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { loss: loss } }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, na_values: [nan, "-1"], fields: { loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, na_values: [-1, nan], fields: { loss: loss } }
      """
  )
  static let ids = [conditions, missing]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    for pair in comparison.watchers {
      if meaning(.oneOf(pair.old.watcher.naValues)) != meaning(.oneOf(pair.new.watcher.naValues)) {
        let help = "keep the entries that the log may have"
        report.add(missing, at: pair.place(\.naValues), was: pair.was(\.naValues), help: help) { _ in
          "watcher `\(pair.new.watcher.name)` takes other values for missing ones"
        }
      }
      let (before, after) = (meanings(pair.old.watcher.conditions), meanings(pair.new.watcher.conditions))
      let (then, now) = (pair.old.declaration, pair.new.declaration)
      for field in Set(before.keys).union(after.keys).sorted() where before[field] != after[field] {
        let line = { (watcher: WatcherDeclaration) in
          watcher.conditions.value?.first { $0.field.value == field }?.field.range
        }
        let (range, was) = (line(now) ?? pair.place(\.conditions), line(then) ?? pair.was(\.conditions))
        let what =
          before[field] == nil
          ? "takes only records with a certain `\(field)` now"
          : after[field] == nil
            ? "no longer asks for a certain `\(field)` in its records" : "takes records with another `\(field)`"
        let help = "feed new metrics from the other records, with a watcher of their own"
        report.add(conditions, at: range, was: was, help: help) { _ in
          "watcher `\(now.name.value)` \(what)"
        }
      }
    }
  }

  /// Whether both hold for the same records.
  static func areSame(_ before: [Condition], _ after: [Condition]) -> Bool { meanings(before) == meanings(after) }

  private static func meanings(_ conditions: [Condition]) -> [String: Set<String>] {
    Dictionary(conditions.map { ($0.field, meaning($0.test)) }) { first, _ in first }
  }

  /// Numbers are compared as numbers.
  private static func meaning(_ test: Condition.Test) -> Set<String> {
    switch test {
    case .present: ["\u{1}present"]
    case .absent: ["\u{1}absent"]
    case .oneOf(let texts): Set(texts.map { text in Double(text).map { "\u{1}\($0)" } ?? text })
    }
  }
}

internal import Diagnostics
internal import LogFormats

/// What feeds a metric of both versions: a field of a watcher, its records, or a reading of a collector.
enum FeedChange: ChangeRule {
  private static let field = RuleID(
    "diff/field",
    .breaking,
    "a metric is fed from another field or reading",
    why: """
      The series goes on under its name, and shows another quantity. No query fails, so nobody notices until the numbers \
      are doubted.
      """,
    remedy:
      "Feed a new metric from the new field, and keep this one. If the log has renamed its field, accept the change.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { train_loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { val_loss: loss } }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { train_loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
        validation_loss: { type: gauge, help: Validation loss }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { val_loss: validation_loss, train_loss: { metric: loss } } }
      """
  )
  private static let source = RuleID(
    "diff/source",
    .breaking,
    "a metric is fed by another watcher or collector",
    why: """
      The series goes on under its name, and shows what other logs or another part of the machine say. No query fails, so \
      nobody notices until the numbers are doubted.
      """,
    remedy:
      "Feed a new metric from the new source, and keep this one. If the same logs are only read in another way, accept the change.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss }
        step: { type: gauge, help: Step }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { loss: loss } }
        evaluator: { files: eval.csv, format: csv, fields: { step: step } }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
        step: { type: gauge, help: Step }
      watchers:
        trainer: { files: log.csv, format: csv }
        evaluator: { files: eval.csv, format: csv, fields: { step: step, loss: loss } }
      """
  )
  private static let removed = RuleID(
    "diff/feed-removed",
    .breaking,
    "something that fed a metric does so no longer",
    why: "The metric shows less than it did, or nothing: its series stay as they are until they end.",
    remedy: "Keep the target, or remove the metric as well if nothing else feeds it.",
    triggers: """
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { loss: loss } }
      ---
      metrics:
        loss: { type: gauge, help: Loss }
      watchers:
        trainer: { files: log.csv, format: csv }
      """
  )
  private static let added = RuleID(
    "diff/feed-added",
    .caution,
    "something else feeds a metric, too",
    why: """
      A counter or histogram grows by what both say, and a gauge shows whichever came last. Where nothing fed the metric \
      before, it begins to be shown.
      """,
    remedy: "Check that both say the same quantity, and that labels tell them apart.",
    triggers: """
      metrics:
        rows_total: { type: counter, help: Rows }
      watchers:
        trainer: { files: log.csv, format: csv, each_record: rows_total }
      ---
      metrics:
        rows_total: { type: counter, help: Rows }
      watchers:
        trainer: { files: log.csv, format: csv, each_record: rows_total }
        evaluator: { files: eval.csv, format: csv, each_record: rows_total }
      """
  )
  static let ids = [field, source, removed, added]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    let (before, after) = (comparison.old, comparison.new)
    let sources = SourceMatching(before, after)
    let gaps = FeedGaps(before, after, sources)
    for pair in comparison.metrics {
      for feeds in pair.feeds {
        switch (feeds.old, feeds.new) {
        case (let old?, let new?):
          let isSame = sources.new[old.source] == new.source
          let then = before.description(of: old)
          let now = isSame ? after.entry(of: new) : after.description(of: new)
          guard !isSame || old.entry != new.entry else { continue }
          let help = "feed a new metric from it and keep this one, unless both say the same"
          let range = after.place(of: new)
          report.add(isSame ? field : source, at: range, was: before.place(of: old), "it was fed here", help: help) {
            _ in "metric `\(pair.new.name)` is fed by \(now) instead of \(then)"
          }
        case (let old?, nil):
          // A source that is gone is said once.
          let isGone = sources.new[old.source] == nil
          let what = isGone ? before.description(of: old.source) : before.description(of: old)
          report.add(
            removed,
            at: isGone ? gaps[old.source] ?? after.start : gaps[old] ?? after.start,
            was: isGone ? before.name(of: old.source).range : before.place(of: old),
            "it was fed here",
            help: "keep it, or remove what nothing feeds any more",
            of: [pair.new.name]
          ) { "\(what) no longer feeds \($0)" }
        case (nil, let new?):
          let isFirst = pair.feeds.allSatisfy { $0.old == nil }
          let now = after.description(of: new)
          let help =
            isFirst
            ? "nothing fed it before but, it may be, an application"
            : "check that all that feed it say the same quantity, and that labels tell them apart"
          let was = pair.old.declaration.name.range
          report.add(added, at: after.place(of: new), was: was, "the metric was declared here", help: help) { _ in
            "metric `\(pair.new.name)` is \(isFirst ? "" : "also ")fed by \(now)\(isFirst ? " now" : "")"
          }
        case (nil, nil): continue
        }
      }
    }
  }
}

/// Where watchers, collectors and their lines stood that are gone.
private struct FeedGaps {
  private let before: CatalogVersion
  private let watchers: Gaps
  private let collectors: Gaps
  private var lines: [Feed.Source: Gaps] = [:]

  init(_ old: CatalogVersion, _ new: CatalogVersion, _ sources: SourceMatching) {
    before = old
    watchers = Gaps(
      old: old.declaration.watchers.map(\.name.value),
      new: new.declaration.watchers.map(\.name),
      last: { WatcherDeclaration.keys(LogFormats.all).last(in: new.declaration.watchers[$0]) },
      owner: new.start
    )
    collectors = Gaps(
      old: old.declaration.collectors.map(\.name.value),
      new: new.declaration.collectors.map(\.name),
      owner: new.start
    )
    for (source, counterpart) in sources.new {
      lines[source] = Gaps(
        old: old.lines(of: source).map(\.value),
        new: new.lines(of: counterpart),
        owner: new.name(of: counterpart).range
      )
    }
  }

  subscript(source: Feed.Source) -> SourceRange? {
    switch source {
    case .watcher: watchers[before.name(of: source).value]
    case .collector: collectors[before.name(of: source).value]
    }
  }

  subscript(feed: Feed) -> SourceRange? {
    guard case .field(let name, _) = feed.entry else { return lines[feed.source]?.owner }
    return lines[feed.source]?[name.value] ?? lines[feed.source]?.owner
  }
}

extension CatalogVersion {
  /// The names of a source's lines of `fields:` or `readings:`.
  fileprivate func lines(of source: Feed.Source) -> [Text] {
    switch source {
    case .watcher(let index): (declaration.watchers[index].fields.value ?? []).map(\.pattern.text)
    case .collector(let index): (declaration.collectors[index].readings.value ?? []).map(\.pattern.text)
    }
  }
}

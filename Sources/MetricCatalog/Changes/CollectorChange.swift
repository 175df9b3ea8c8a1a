internal import Diagnostics

/// How a collector reads the machine.
enum CollectorChange: ChangeRule {
  private static let interval = RuleID(
    "diff/interval",
    .caution,
    "a collector has another interval or time limit",
    why: """
      Gauges are as old as the interval, histograms and summaries get one observation each time, and a range that is \
      shorter than two intervals may see no change. Over its time limit a collector shows nothing.
      """,
    remedy: "Check the ranges of queries, and scrape no more often than the collector reads.",
    triggers: """
      metrics:
        read_bytes_total: { type: counter, help: Bytes read, unit: bytes }
      collectors:
        system: { interval: 15s, readings: { disk.read_bytes: read_bytes_total } }
      ---
      metrics:
        read_bytes_total: { type: counter, help: Bytes read, unit: bytes }
      collectors:
        system: { interval: 2m, readings: { disk.read_bytes: read_bytes_total } }
      """,
    passes: """
      metrics:
        read_bytes_total: { type: counter, help: Bytes read, unit: bytes }
      collectors:
        system: { interval: 60s, readings: { disk.read_bytes: read_bytes_total } }
      ---
      metrics:
        read_bytes_total: { type: counter, help: Bytes read, unit: bytes }
      collectors:
        system: { interval: 1m, timeout: 5s, readings: { disk.read_bytes: read_bytes_total } }
      """
  )
  private static let setting = RuleID(
    "diff/collector-setting",
    .breaking,
    "a collector reads other things of the machine",
    why:
      "Keys such as `match` or `path` decide which processes or groups are read. Series of others end, and sums are of others.",
    remedy: "Keep the entries that queries depend on, and add new ones.",
    triggers: """
      metrics:
        memory_bytes: { type: gauge, help: Memory, unit: bytes }
      collectors:
        process: { match: train.py, readings: { memory.resident_bytes: memory_bytes } }
      ---
      metrics:
        memory_bytes: { type: gauge, help: Memory, unit: bytes }
      collectors:
        process: { match: serve.py, readings: { memory.resident_bytes: memory_bytes } }
      """
  )
  static let ids = [interval, setting]

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    let (old, new) = (comparison.old, comparison.new)
    for (index, before) in old.catalog.collectors.enumerated() {
      guard let place = new.catalog.collectors.firstIndex(where: { $0.name == before.name }) else { continue }
      let after = new.catalog.collectors[place]
      let (then, now) = (old.declaration.collectors[index], new.declaration.collectors[place])
      let ranges = { (key: KeyPath<CollectorDeclaration, Key<Duration>>) in
        (now[keyPath: key].range ?? now.name.range, then[keyPath: key].range ?? then.name.range)
      }
      add("interval", before.interval, after.interval, ranges(\.interval), before.name, report)
      add("timeout", before.timeout, after.timeout, ranges(\.timeout), before.name, report)
      for key in Set(before.options.keys).union(after.options.keys).sorted() {
        let range = now.ownKeys.first { $0.name == key }?.key.range ?? now.name.range
        let was = then.ownKeys.first { $0.name == key }?.key.range ?? then.name.range
        switch (before.options[key], after.options[key]) {
        case (.duration(let a)?, .duration(let b)?): add(key, a, b, (range, was), before.name, report)
        case (let a, let b) where meaning(a) != meaning(b):
          let help = "keep the entries that queries depend on"
          report.add(setting, at: range, was: was, help: help) { _ in
            "collector `\(before.name)` has another `\(key)`"
          }
        default: continue
        }
      }
    }
  }

  private static func add(
    _ key: String,
    _ before: Duration,
    _ after: Duration,
    _ places: (range: SourceRange, was: SourceRange),
    _ name: String,
    _ report: ChangeReport
  ) {
    guard before != after else { return }
    report.add(interval, at: places.range, was: places.was, help: "check the ranges of queries") { _ in
      "`\(key)` of collector `\(name)` is \(DurationText.text(after)) now, not \(DurationText.text(before))"
    }
  }

  /// Two that mean the same are the same.
  static func meaning(_ option: Catalog.Collector.Option?) -> Catalog.Collector.Option? {
    switch option {
    case .texts(let texts)?: return .texts(texts.sorted())
    case .matches(let matches)?:
      return .matches(
        matches.map { match in
          var match = match
          match.users.sort()
          match.environment.sort { $0.name < $1.name }
          match.labels.sort { $0.name < $1.name }
          return match
        }
      )
    case .duration?, nil: return option
    }
  }
}

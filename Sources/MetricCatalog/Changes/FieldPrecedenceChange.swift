internal import PatternSyntax

/// Which line of `fields:` or `readings:` a field goes to, where several match it.
enum FieldPrecedenceChange: ChangeRule {
  private static let taken = RuleID(
    "diff/field-taken",
    .breaking,
    "a new line takes a field away from a pattern that fed another metric",
    why: """
      A line with a field's exact name goes before all patterns, so the metric that the pattern feeds no longer gets this \
      field. Its line is unchanged, and so nobody looks there.
      """,
    remedy: "Name the pattern's metric in the new line too: a line can have a list of targets.",
    triggers: """
      labels: { part: { values: [box, cls] } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [part] }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { "{part}_loss": loss } }
      ---
      labels: { part: { values: [box, cls] } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [part] }
        box_loss: { type: gauge, help: Loss of the boxes }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { "{part}_loss": loss, box_loss: box_loss } }
      """
  )
  private static let order = RuleID(
    "diff/pattern-order",
    .caution,
    "a pattern stands before another one that matches some of the same fields",
    why:
      "A field that both match goes to the first of them whose captures are allowed values: another metric may get it now.",
    remedy: "Put the patterns in the former order, or write fields that matter with their exact names.",
    triggers: """
      labels: { part: { max_values: 5 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [part] }
        score: { type: gauge, help: Score, labels: [part] }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { "train/{part}": score, "{part}_loss": loss } }
      ---
      labels: { part: { max_values: 5 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [part] }
        score: { type: gauge, help: Score, labels: [part] }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { "{part}_loss": loss, "train/{part}": score } }
      """,
    passes: """
      labels: { part: { max_values: 5 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [part] }
        score: { type: gauge, help: Score, labels: [part] }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { "train/{part}": score, "val/{part}": loss } }
      ---
      labels: { part: { max_values: 5 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [part] }
        score: { type: gauge, help: Score, labels: [part] }
      watchers:
        trainer: { files: log.csv, format: csv, fields: { "val/{part}": loss, "train/{part}": score } }
      """
  )
  static let ids = [taken, order]

  /// A line: its name as written, its pattern, and the metrics that it feeds.
  private struct Line {
    var text: Text
    var pattern: FieldPattern
    var metrics: [String]
    var shape: String
  }

  static func check(_ comparison: CatalogComparison, _ report: ChangeReport) {
    let (old, new) = (comparison.old, comparison.new)
    let renamed = Dictionary(comparison.metrics.map { ($0.old.name, $0.new.name) }) { first, _ in first }
    for pair in comparison.watchers {
      let before = lines(pair.old.watcher.fields, pair.old.declaration.fields.value ?? [], old)
      let after = lines(pair.new.watcher.fields, pair.new.declaration.fields.value ?? [], new)
      check(before, after, renamed, report)
    }
    for (index, collector) in old.catalog.collectors.enumerated() {
      guard let place = new.catalog.collectors.firstIndex(where: { $0.name == collector.name }) else { continue }
      let before = lines(collector.readings, old.declaration.collectors[index].readings.value ?? [], old)
      let now = new.declaration.collectors[place].readings.value ?? []
      check(before, lines(new.catalog.collectors[place].readings, now, new), renamed, report)
    }
  }

  private static func lines(
    _ fields: [FieldMapping],
    _ declared: [WatcherDeclaration.Field],
    _ version: CatalogVersion
  ) -> [Line] {
    zip(fields, declared).map { field, declared in
      Line(
        text: declared.pattern.text,
        pattern: field.pattern,
        metrics: field.targets.map { version.catalog.metrics[$0.metric].name },
        shape: field.pattern.pattern.shape
      )
    }
  }

  private static func check(
    _ before: [Line],
    _ after: [Line],
    _ renamed: [String: String],
    _ report: ChangeReport
  ) {
    let isExact = { (line: Line) in line.pattern.pattern.literalText != nil }
    let (oldPatterns, newPatterns) = (before.filter { !isExact($0) }, after.filter { !isExact($0) })
    guard !oldPatterns.isEmpty else { return }
    let known = Set(before.map(\.shape))
    for line in after where isExact(line) && !known.contains(line.shape) {
      guard let pattern = oldPatterns.first(where: { $0.pattern.match(line.shape) != nil }) else { continue }
      let lost = pattern.metrics.compactMap { renamed[$0] }.filter { !line.metrics.contains($0) }
      guard !lost.isEmpty else { continue }
      let names = ChangeReport.list(lost)
      report.add(
        taken,
        at: line.text.range,
        was: pattern.text.range,
        "this pattern had it",
        help: "name \(names) in this line too, in a list of targets"
      ) { _ in "field `\(line.text.value)` no longer feeds \(names)" }
    }
    let places = Dictionary(oldPatterns.enumerated().map { ($1.shape, $0) }) { first, _ in first }
    let ranks = newPatterns.map { places[$0.shape] }
    guard
      ranks.compactMap(\.self).count != ranks.count
        || zip(ranks, ranks.dropFirst()).contains(where: { ($0 ?? 0) > ($1 ?? 0) })
    else { return }
    for (index, line) in newPatterns.enumerated() {
      guard let rank = ranks[index] else { continue }
      let passed = newPatterns[..<index].indices.first { other in
        (ranks[other] ?? Int.max) > rank && newPatterns[other].pattern.pattern.overlaps(line.pattern.pattern)
      }
      guard let passed else { continue }
      let first = newPatterns[passed].text
      let help = "put `\(line.text.value)` first, as it was"
      report.add(order, at: first.range, was: oldPatterns[rank].text.range, "this pattern came first", help: help) {
        _ in
        "a field that `\(first.value)` and `\(line.text.value)` match goes to the former now"
      }
    }
  }
}

extension Pattern {
  private enum Token {
    case byte(UInt8)
    case any
    /// Any number of bytes.
    case more
  }

  private var tokens: [Token] {
    parts.flatMap { part -> [Token] in
      switch part {
      case .literal(let text), .field(let text): text.utf8.map { .byte($0) }
      case .capture, .deepCapture: [.any, .more]
      }
    }
  }

  /// Whether there is a text that both match as names of fields.
  func overlaps(_ other: Pattern) -> Bool {
    // Most patterns differ at their beginning or end, which is soon seen.
    if case .literal(let first)? = parts.first, case .literal(let second)? = other.parts.first,
      zip(first.utf8, second.utf8).contains(where: { $0 != $1 })
    {
      return false
    }
    if case .literal(let first)? = parts.last, case .literal(let second)? = other.parts.last,
      zip(first.utf8.reversed(), second.utf8.reversed()).contains(where: { $0 != $1 })
    {
      return false
    }
    let (a, b) = (tokens, other.tokens)
    // reachable[j]: what is left of `a` and `b` from j on can match one text.
    var reachable = [Bool](repeating: false, count: b.count + 1)
    for i in stride(from: a.count, through: 0, by: -1) {
      var row = reachable
      for j in stride(from: b.count, through: 0, by: -1) {
        switch (i < a.count ? a[i] : nil, j < b.count ? b[j] : nil) {
        case (nil, nil): row[j] = true
        case (.more?, _): row[j] = reachable[j] || (j < b.count && row[j + 1])
        case (_, .more?): row[j] = row[j + 1] || (i < a.count && reachable[j])
        case (nil, _), (_, nil): row[j] = false
        case (.byte(let x)?, .byte(let y)?): row[j] = x == y && reachable[j + 1]
        case (.any?, _), (_, .any?): row[j] = reachable[j + 1]
        }
      }
      reachable = row
    }
    return reachable[0]
  }
}

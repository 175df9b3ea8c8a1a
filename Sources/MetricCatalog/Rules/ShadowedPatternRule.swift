internal import Diagnostics
internal import PatternSyntax

/// Every pattern of `fields` and `readings` gets something: none before it takes all that it would match.
enum ShadowedPatternRule: Rule {
  static let ids = [shadowed]
  static let concludesFromAbsence = true

  /// A name cannot hold it: it stands for whatever a capture takes.
  private static let anything = "\u{0}"
  /// Of patterns that begin alike so many are compared; a catalog with more has been generated.
  private static let comparedMax = 32

  private struct Entry {
    var pattern: FieldPattern
    var line: WatcherDeclaration.Field
  }

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers { check(watcher.fields.value ?? [], [watcher.allow], catalog, report) }
    for collector in catalog.collectors { check(collector.readings.value ?? [], [collector.allow], catalog, report) }
  }

  private static func check(
    _ lines: [WatcherDeclaration.Field],
    _ waivers: [Key<[Text]>],
    _ catalog: CatalogDeclaration,
    _ report: Report
  ) {
    // By what they begin with: only a beginning of the later pattern's can take all of it.
    var earlier: [String: [Entry]] = [:]
    for line in lines {
      guard let pattern = line.pattern.pattern, pattern.literalText == nil else { continue }
      let sample = pattern.parts.map { $0.literal ?? anything }.joined()
      let beginning = pattern.parts.first?.literal ?? ""
      let beginnings = [""] + beginning.indices.map { String(beginning[...$0]) }
      if let first = beginnings.lazy.flatMap({ earlier[$0] ?? [] }).first(where: { takes($0, sample, catalog) }) {
        report.add(
          shadowed,
          "`\(pattern.source)` is never reached: `\(first.pattern.pattern.source)` takes all that it matches",
          at: line.pattern.text.range,
          related: [Diagnostic.Related(range: first.line.pattern.text.range, note: "the pattern that comes first")],
          help: "put the narrower pattern first",
          waivedBy: waivers + line.targets.map(\.allow)
        )
      } else if earlier[beginning, default: []].count < comparedMax {
        earlier[beginning, default: []].append(Entry(pattern: FieldPattern(pattern), line: line))
      }
    }
  }

  /// Whether it takes whatever the sample stands for: a capture with a label that refuses a text leaves it to others.
  private static func takes(_ entry: Entry, _ sample: String, _ catalog: CatalogDeclaration) -> Bool {
    guard let taken = entry.pattern.match(sample) else { return false }
    let metrics = entry.line.targets.compactMap { catalog.metric($0.metric.value) }
    let labels = Set(metrics.flatMap { $0.labels.value ?? [] }.map(\.value))
    return zip(entry.pattern.pattern.captureNames, taken).allSatisfy { name, text in
      guard labels.contains(name), let label = catalog.label(name) else { return true }
      if !label.values.isGiven || label.otherwise.isGiven { return true }
      return !text.contains(anything) && label.allows(text) == true
    }
  }
}

extension Pattern.Part {
  fileprivate var literal: String? {
    if case .literal(let text) = self { text } else { nil }
  }
}

extension ShadowedPatternRule {
  private static let shadowed = RuleID(
    "field/shadowed",
    .warning,
    "a pattern of `fields` or `readings` that is never reached, because an earlier one takes all that it would match",
    why: """
      Of the patterns that match a field, the first counts. The later one never feeds its metric, which stays empty \
      or lacks the series that you look for.
      """,
    remedy: """
      Put the narrower pattern first, or write the name out: an exact name goes before all patterns.
      """,
    triggers: """
      labels: { part: { max_values: 20 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [part] }
        validation_loss: { type: gauge, help: Validation loss, labels: [part] }
      watchers:
        log:
          files: log.csv
          format: csv
          fields:
            "{part}_loss": loss
            "val/{part}_loss": validation_loss
      """,
    passes: """
      labels: { part: { max_values: 20 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [part] }
        validation_loss: { type: gauge, help: Validation loss, labels: [part] }
      watchers:
        log:
          files: log.csv
          format: csv
          fields:
            "val/{part}_loss": validation_loss
            "{part}_loss": loss
      """
  )
}

internal import Diagnostics
internal import PatternSyntax

/// A `{capture}` in a label's text is one that the field's name or the path has.
enum CaptureReferenceRule: Rule {
  static let ids = [unknown]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers { check(labelsOf: watcher, report) }
    for use in catalog.targetUses {
      guard let fieldCaptures = use.fieldCaptures else { continue }
      if use.watcher != nil, use.watcher?.pathCaptures == nil { continue }
      let known = Set(fieldCaptures).union(use.watcher?.pathCaptures ?? [])
      for label in use.target.labels + (use.target.exemplar.value ?? []) {
        check(label.text, known: known, watcher: use.watcher, report)
      }
    }
  }

  /// A watcher's `labels:` stand for all of its targets, so a capture of any field's name will do here.
  private static func check(labelsOf watcher: WatcherDeclaration, _ report: Report) {
    guard let known = watcher.labelCaptures else { return }
    for label in watcher.labels.value ?? [] { check(label.text, known: known, watcher: watcher, report) }
  }

  private static func check(_ text: PatternText, known: Set<String>, watcher: WatcherDeclaration?, _ report: Report) {
    guard let pattern = text.pattern else { return }
    for name in pattern.captureNames where !known.contains(name) {
      let help: String?
      if watcher?.recordFields?.names.contains(name) ?? false {
        help = "`\(name)` is a field of the record: write `{.\(name)}`"
      } else if watcher?.pathPatterns?.contains(where: { $0.captureNames.contains(name) }) ?? false {
        help = "not every pattern of `files` has `{\(name)}`"
      } else {
        help =
          report.suggestion(for: name, among: known.sorted())
          ?? "a field of the record is written `{.\(name)}`, a brace itself `{{`"
      }
      report.add(
        unknown,
        "neither the field's name nor the path has a capture `{\(name)}`",
        at: range(of: name, in: text.text),
        help: help
      )
    }
  }

  /// The `{name}` in the text.
  static func range(of name: String, in text: Text) -> SourceRange {
    let bytes = Array(text.value.utf8)
    let wanted = Array("{\(name)}".utf8)
    guard bytes.count >= wanted.count else { return text.range }
    for start in 0...bytes.count - wanted.count where bytes[start..<start + wanted.count].elementsEqual(wanted) {
      return text.range(of: start..<start + wanted.count)
    }
    return text.range
  }
}

extension CaptureReferenceRule {
  private static let unknown = RuleID(
    "label/unknown-capture",
    .error,
    "a label's text names a capture that nothing takes",
    why: """
      `{name}` in a label's text stands for what a capture took. If nothing takes it, there is no value to show.
      """,
    remedy: """
      Name a capture of the field's name, or one that every path in `files` has. A field of the record is written \
      with a dot: `{.name}`. A brace itself is written `{{`.
      """,
    triggers: """
      labels: { run: { max_values: 200 } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [run] } }
      watchers:
        log:
          files: runs/{name}/log.csv
          format: csv
          labels: { run: "run {nmae}" }
          fields: { loss: loss }
      """,
    passes: """
      labels: { run: { max_values: 200 } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [run] } }
      watchers:
        log:
          files: runs/{name}/log.csv
          format: csv
          labels: { run: "run {name}" }
          fields: { loss: loss }
      """
  )
}

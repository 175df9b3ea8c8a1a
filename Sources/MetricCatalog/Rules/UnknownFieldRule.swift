internal import Diagnostics
internal import PatternSyntax

/// Where the catalog itself says which fields there are (line patterns, `columns`), what it maps is one of them.
enum UnknownFieldRule: Rule {
  static let ids = [unknown]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      guard let fields = watcher.recordFields else { continue }
      let known = Set(fields.names)
      for field in watcher.fields.value ?? [] {
        guard let name = field.pattern.pattern?.literalText, !name.isEmpty else { continue }
        check(name, at: field.pattern.text.range, among: fields, known, report)
      }
      for condition in watcher.conditions.value ?? [] {
        check(condition.field.value, at: condition.field.range, among: fields, known, report)
      }
      let texts =
        (watcher.labels.value ?? [])
        + watcher.targetUses.flatMap { $0.target.labels + ($0.target.exemplar.value ?? []) }
      for use in watcher.targetUses {
        guard let field = use.target.restartsWith.value, !field.value.isEmpty else { continue }
        check(field.value, at: field.range, among: fields, known, report)
      }
      for field in watcher.ownRun?.fields ?? [] where !field.value.isEmpty {
        check(field.value, at: field.range, among: fields, known, report)
      }
      for text in texts.map(\.text) {
        for case .field(let name) in text.pattern?.parts ?? [] {
          check(name, at: text.text.range, among: fields, known, report)
        }
      }
    }
  }

  private static func check(
    _ name: String,
    at range: SourceRange,
    among fields: (names: [String], source: String),
    _ known: Set<String>,
    _ report: Report
  ) {
    guard !known.contains(name) else { return }
    let listed = fields.names.prefix(20).map { "`\($0)`" }.joined(separator: " ")
    report.add(
      unknown,
      "no \(fields.source) gives a field `\(name)`",
      at: range,
      help: report.suggestion(for: name, among: fields.names)
        ?? (fields.names.isEmpty ? nil : "the fields are \(listed)")
    )
  }
}

extension UnknownFieldRule {
  private static let unknown = RuleID(
    "field/unknown",
    .error,
    "a field that no line pattern or column gives",
    why: """
      The catalog says itself which fields there are, and this is none of them. What it feeds would stay empty.
      """,
    remedy: """
      Correct the name, or add the field as a capture in `lines`, or as an entry of `columns`.
      """,
    triggers: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: log.csv, format: csv, columns: [epoch, train_loss], fields: { loss: loss } }
      """,
    passes: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: log.csv, format: csv, columns: [epoch, train_loss], fields: { train_loss: loss } }
      """
  )
}

internal import Diagnostics
internal import PatternSyntax

/// Patterns are well formed, and use only what has a meaning in their place.
enum PatternRule: Rule {
  static let ids = [pattern]

  /// Where a pattern stands decides what may be in it.
  private enum Role {
    case path, fieldName, line, labelText, value
  }

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      for path in (watcher.files.value ?? []) + (watcher.exclude.value ?? []) { check(path, as: .path, report) }
      for text in watcher.formatKeys.flatMap(\.patterns) { check(text, as: .line, report) }
      for label in watcher.labels.value ?? [] { check(label.text, as: .labelText, report) }
      for field in watcher.fields.value ?? [] { check(field.pattern, as: .fieldName, report) }
      for text in watcher.ownRun?.patterns ?? [] { check(text, as: .line, report) }
      for path in watcher.ownRun?.paths.flatMap({ $0.key.value ?? [] }) ?? [] { check(path, as: .path, report) }
      if let files = watcher.files.value, files.isEmpty {
        let help = "write a path, such as `runs/{run}/metrics.csv`"
        report.add(pattern, "`files` is an empty list", at: watcher.files.range, help: help)
      }
      for own in watcher.formatKeys {
        guard case .lines(let lines)? = own.key.value, lines.isEmpty else { continue }
        report.add(pattern, "`\(own.name)` is an empty list", at: own.key.range)
      }
    }
    for collector in catalog.collectors {
      for field in collector.readings.value ?? [] { check(field.pattern, as: .fieldName, report) }
      for path in collector.paths { check(path, as: .path, report) }
      for pattern in collector.matches?.flatMap(\.patterns) ?? [] { check(pattern, as: .line, report) }
    }
    for use in catalog.targetUses {
      if let pattern = use.target.pattern.value { check(pattern, as: .value, report) }
      for label in use.target.labels + (use.target.exemplar.value ?? []) { check(label.text, as: .labelText, report) }
    }
  }

  private static func check(_ text: PatternText, as role: Role, _ report: Report) {
    guard !text.isReported else { return }
    switch text.result {
    case .failure(let mistake):
      let (message, help) = words(for: mistake.kind, in: text.text.value)
      report.add(pattern, message, at: text.text.range(of: mistake.range), help: help)
    case .success(let parsed):
      if parsed.parts.isEmpty, role != .labelText {
        report.add(pattern, "the pattern is empty", at: text.text.range)
      } else if let message = misplaced(parsed, as: role) {
        report.add(pattern, message, at: text.text.range)
      }
    }
  }

  private static func misplaced(_ pattern: Pattern, as role: Role) -> String? {
    for part in pattern.parts {
      switch part {
      case .field(let name) where role != .labelText:
        return "`{.\(name)}` stands for a field of the record, and only in a label's text"
      case .deepCapture(let name) where role != .path:
        return "`{\(name)**}` takes several segments of a path, and only in patterns of paths, such as `files`"
      case .capture("_") where role == .labelText:
        return "`{_}` takes and forgets: it has no text that a label could show"
      default: continue
      }
    }
    if role == .value, pattern.captureNames != ["value"] {
      return "the pattern of a target has `{value}` for the number, and `{_}` for what else changes"
    }
    return nil
  }

  private static func words(for kind: Pattern.Mistake.Kind, in source: String) -> (String, String?) {
    switch kind {
    case .unclosedCapture: ("this `{` has no `}`", "a brace itself is written `{{`")
    case .strayBrace: ("this `}` has no `{`", "a brace itself is written `}}`")
    case .badCaptureName(""): ("a capture wants a name", "write `{name}`, or `{_}` for what is not needed")
    case .badCaptureName(let name) where name.allSatisfy({ $0.isNumber || $0 == "," }):
      ("`\(name)` cannot name a capture", ForeignSyntaxRule.help)
    case .badCaptureName(let name) where name.contains(","):
      ("`\(name)` cannot name a capture", "write a list with a pattern for each; braces hold the name of a capture")
    case .badCaptureName(let name):
      ("`\(name)` cannot name a capture", "use letters, digits and `_`, as in a label's name")
    case .duplicateCapture(let name): ("the capture `\(name)` is here twice", "write `{_}` for what is not needed")
    case .adjacentCaptures(let first, let second):
      ("nothing stands between `{\(first)}` and `{\(second)}`, so it is not clear where one ends", nil)
    }
  }
}

extension PatternRule {
  private static let pattern = RuleID(
    "pattern/syntax",
    .error,
    "a pattern with an unclosed, empty, repeated, misplaced or missing capture",
    why: """
      A pattern that cannot be read matches nothing: no file would be found, or no line understood.
      """,
    remedy: """
      `{name}` takes text and names it, `{_}` takes text and drops it, and a brace itself is doubled: `{{`. A name \
      occurs once, and between two captures there is some text. Put patterns in quotes.
      """,
    triggers: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: "runs/{run/log.csv", format: csv, fields: { loss: loss } }
      """,
    passes: """
      labels: { run: { max_values: 200 } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [run] } }
      watchers:
        log: { files: "runs/{run}/log.csv", format: csv, fields: { loss: loss } }
      """
  )
}

internal import Diagnostics
internal import LogFormats

/// Keys that only some formats have: whether this format has them, whether they go together, and what their values look
/// like. What is asked of a key is in the format's descriptor.
enum FormatKeysRule: Rule {
  static let ids = [key, value]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for watcher in catalog.watchers {
      for key in watcher.formatKeys { checkValue(key, catalog, report) }
      guard let format = watcher.format.value else { continue }
      checkKeys(of: format, watcher, report)
      checkChoice(of: format, watcher, report)
      if case .events = format.content { checkHasNoTargets(watcher, report) }
    }
  }

  private static func checkKeys(of format: FormatDescriptor, _ watcher: WatcherDeclaration, _ report: Report) {
    for other in watcher.formatKeys where other.owner != format.name {
      guard let range = other.key.name else { continue }
      let owners = other.owners.map { "`\($0)`" }.joined(separator: " or ")
      let message = "`\(other.name)` belongs to the format \(owners), and this is `\(format.name)`"
      report.add(key, message, at: range, help: "remove it, or change `format`")
    }
  }

  private static func checkChoice(of format: FormatDescriptor, _ watcher: WatcherDeclaration, _ report: Report) {
    let chosen = watcher.chosenKeys
    if let choice = format.choice, chosen.isEmpty {
      let names = choice.keys.map { "`\($0)`" }.joined(separator: " or ")
      let message = "the format `\(format.name)` needs \(names)"
      return report.add(key, message, at: watcher.format.range, help: "such as `\(choice.example)`")
    }
    for other in chosen.dropFirst() {
      let message = "`\(chosen[0].name)` and `\(other.name)` exclude each other"
      report.add(key, message, at: other.key.name, help: "keep one of them")
    }
    for own in watcher.ownKeys {
      guard let range = own.key.name, let needed = own.descriptor.needs,
        !watcher.ownKeys.contains(where: { $0.name == needed && $0.key.isGiven })
      else { continue }
      report.add(key, "`\(own.name)` belongs to `\(needed)`", at: range, help: "remove it")
    }
  }

  /// The keys that only watchers with targets have.
  static let keysOfTargets = ["labels", "where", "na_values", "decimal", "thousands", "each_record", "fields", "run"]

  /// Its files say themselves what they feed.
  private static func checkHasNoTargets(_ watcher: WatcherDeclaration, _ report: Report) {
    for other in WatcherDeclaration.keys([]) where keysOfTargets.contains(other.name) {
      guard let range = other.range(in: watcher) else { continue }
      let message = "events say themselves which metrics they feed, and have no `\(other.name)`"
      report.add(key, message, at: range, help: "remove it")
    }
  }

  private static func checkValue(_ own: FormatKey, _ catalog: CatalogDeclaration, _ report: Report) {
    switch (own.descriptor.form, own.key.value) {
    case (.text(let check), .text(let text)):
      if let mistake = check(text.value) { report.add(value, mistake.message, at: text.range, help: mistake.help) }
    case (.pattern(let check), .pattern(let text)):
      guard let pattern = text.pattern, !pattern.parts.isEmpty, let mistake = check(pattern) else { return }
      report.add(value, mistake.message, at: text.text.range, help: mistake.help)
    case (.fieldNames, .fieldNames(let names)):
      checkNames(names, own, report)
    case (.gauges, .gauges(let gauges)):
      for gauge in gauges { checkGauge(gauge.name, own, catalog, report) }
    default:
      return
    }
  }

  private static func checkGauge(_ name: Text, _ own: FormatKey, _ catalog: CatalogDeclaration, _ report: Report) {
    guard catalog.knowsMetrics else { return }
    guard let metric = catalog.metric(name.value) else {
      let help = report.suggestion(for: name.value, among: catalog.metricPlaces.keys.sorted())
      report.add(
        value,
        "`\(own.name)` names `\(name.value)`, which is not declared",
        at: name.range,
        help: help ?? "declare it under `metrics:`"
      )
      return
    }
    if let type = metric.type.value, type != .gauge {
      let message = "`\(own.name)` is for gauges, and `\(name.value)` is a \(type.rawValue)"
      report.add(value, message, at: name.range, help: "remove it: what processes have counted is always added up")
    } else if catalog.fedMetrics.contains(name.value) {
      let message = "something else feeds `\(name.value)`, so that no events do"
      report.add(value, message, at: name.range, help: "remove it, or what else feeds the metric")
    }
  }

  private static func checkNames(_ names: [Text], _ own: FormatKey, _ report: Report) {
    if names.isEmpty { report.add(value, "`\(own.name)` is an empty list", at: own.key.range) }
    var first: [String: SourceRange] = [:]
    for name in names {
      if name.value.isEmpty {
        report.add(value, "a name in `\(own.name)` cannot be empty", at: name.range)
      } else if let range = first[name.value] {
        let related = [Diagnostic.Related(range: range, note: "it is here")]
        report.add(value, "`\(name.value)` is in `\(own.name)` twice", at: name.range, related: related)
      } else {
        first[name.value] = name.range
      }
    }
  }
}

extension FormatKeysRule {
  private static let key = RuleID(
    "watcher/format-key",
    .error,
    """
    a key of another format, such as `separator` under `jsonl`; keys of a format that exclude or want each other; \
    or `fields` under `events`
    """,
    why: """
      A key that the format does not have does nothing. Either the format is not the one that was meant, or the key \
      was to be another.
      """,
    remedy: """
      Change `format`, or remove the key. [The formats](../../catalog.md#formats) have a table of their keys.
      """,
    triggers: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: log.jsonl, format: jsonl, separator: ";", fields: { loss: loss } }
      """,
    passes: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: log.csv, format: csv, separator: ";", fields: { loss: loss } }
      """
  )

  private static let value = RuleID(
    "watcher/format-value",
    .error,
    """
    a separator that is no single character, columns that repeat, `pairs` without `{key}` or `{value}`, `across` of \
    what is no gauge, …
    """,
    why: """
      With this value the format cannot be read as it was meant, so all lines would be malformed or lack their \
      fields.
      """,
    remedy: """
      Write what the message wants. A separator is one character, and a TAB is `"\\t"`; columns have different names; \
      `pairs` has `{key}` and `{value}`; `across` is for gauges that events feed.
      """,
    triggers: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: log.csv, format: csv, separator: ";;", fields: { loss: loss } }
      """,
    passes: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: log.csv, format: csv, separator: ";", fields: { loss: loss } }
      """
  )
}

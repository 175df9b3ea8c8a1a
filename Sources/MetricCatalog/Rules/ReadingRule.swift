internal import Diagnostics
internal import MetricModel
internal import PatternSyntax

/// What `readings:` names is offered by its collector, and its metric can take it.
enum ReadingRule: Rule {
  private static let unknown = RuleID("reading/unknown", "a reading that the collector does not offer")
  private static let type = RuleID("reading/type", "a reading that the metric's type cannot take")
  private static let action = RuleID("reading/action", "a `from`, `exemplar` or `scale` that a reading does not have")
  private static let label = RuleID("reading/label", "a label's text names a label that the reading does not have")
  private static let unit = RuleID("reading/unit", .warning, "a reading in another unit than the metric's")
  private static let capture = RuleID("reading/capture", "a capture of `match` has the name of a label of the reading")
  static let ids = [unknown, type, action, label, unit, capture]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for collector in catalog.collectors {
      guard let descriptor = collector.descriptor else { continue }
      for field in collector.readings.value ?? [] { checkName(field.pattern, descriptor, report) }
      checkCaptures(collector, descriptor, report)
    }
    for use in catalog.targetUses {
      guard let reading = use.reading, let metric = catalog.metric(use.target.metric.value) else { continue }
      checkAction(use, metric, report)
      guard let records = use.collector?.records(of: reading), let pattern = reading.pattern.map(FieldPattern.init)
      else { continue }
      let readings = records.flatMap(\.readings).filter { pattern.match($0.name) != nil }
      checkType(use, metric, readings, report)
      checkUnit(use, metric, readings, report)
      checkLabels(use, records, report)
    }
  }

  private static func checkName(_ text: PatternText, _ descriptor: CollectorDescriptor, _ report: Report) {
    guard let pattern = text.pattern, !pattern.parts.isEmpty else { return }
    let names = descriptor.records.flatMap(\.readings).map(\.name)
    let field = FieldPattern(pattern)
    guard !names.contains(where: { field.match($0) != nil }) else { return }
    report.add(
      unknown,
      "collector `\(descriptor.name)` has no reading `\(text.text.value)`",
      at: text.text.range,
      help: report.suggestion(for: text.text.value, among: names)
        ?? "`training-exporter readings \(descriptor.name)` lists them"
    )
  }

  /// The record's own label would hide it.
  private static func checkCaptures(
    _ collector: CollectorDeclaration,
    _ descriptor: CollectorDescriptor,
    _ report: Report
  ) {
    let own = Set(descriptor.records.flatMap(\.labels).map(\.name))
    for match in collector.matches ?? [] {
      let captures = match.patterns.flatMap { text in (text.pattern?.captureNames ?? []).map { ($0, text.text.range) } }
      let labels = (match.labels.value ?? []).map { ($0.name.value, $0.name.range) }
      for (name, range) in captures + labels where own.contains(name) {
        report.add(
          capture,
          "`\(name)` is a label that the readings of `\(descriptor.name)` have themselves",
          at: range,
          help: "give it another name"
        )
      }
    }
  }

  private static func checkAction(_ use: TargetUse, _ metric: MetricDeclaration, _ report: Report) {
    let isRunningTotal = use.target.from.value == .runningTotal && metric.type.value == .counter
    if let from = use.target.from.value, from != .value, !isRunningTotal {
      let help = "leave `from` out: a counter shows the system's own total, anything else the value of the moment"
      report.add(action, "a reading has no `from: \(from.rawValue)`", at: use.target.from.range, help: help)
    }
    if use.target.exemplar.isGiven {
      report.add(action, "a reading has no exemplar", at: use.target.exemplar.name, help: "remove it")
    }
    for (key, word) in [(use.target.scale, "scale"), (use.target.offset, "offset")] {
      if let value = key.value?.value, !value.isFinite {
        report.add(action, "`\(word)` has to be a finite number", at: key.range)
      }
    }
  }

  private static func checkType(
    _ use: TargetUse,
    _ metric: MetricDeclaration,
    _ readings: [ReadingDescriptor],
    _ report: Report
  ) {
    guard let wanted = metric.type.value else { return }
    let name = "`\(metric.name.value)` is a \(wanted.rawValue)"
    switch wanted {
    case .gauge, .info: return
    case .stateset:
      let help = "map it to a gauge"
      report.add(type, "a reading is a number, and \(name)", at: use.target.metric.range, help: help)
    case .counter:
      guard let gauge = readings.first(where: { $0.kind == .gauge }) else { return }
      let message = "`\(gauge.name)` is a value of the moment that may fall, and \(name)"
      report.add(type, message, at: use.target.metric.range, help: "map it to a gauge")
    case .histogram, .summary:
      guard let counter = readings.first(where: { $0.kind == .counter }) else { return }
      let message = "`\(counter.name)` is a total that grows, and \(name)"
      report.add(type, message, at: use.target.metric.range, help: "map it to a counter")
    }
  }

  /// Units that say what a metric's name or `unit` can say as well.
  private static let known: Set<String> = [
    "bytes", "seconds", "ratio", "percent", "celsius", "watts", "joules", "hertz", "volts", "amperes",
  ]

  private static func checkUnit(
    _ use: TargetUse,
    _ metric: MetricDeclaration,
    _ readings: [ReadingDescriptor],
    _ report: Report
  ) {
    guard metric.type.value?.isNumeric ?? false, use.target.scale.value?.value ?? 1 == 1, !metric.allows(unit) else {
      return
    }
    let name = metric.name.value
    let stem = name.hasSuffix("_total") ? name.dropLast("_total".count) : name[...]
    let last = metric.unit.value?.value ?? stem.split(separator: "_").last.map(String.init) ?? ""
    guard known.contains(last), let other = readings.first(where: { $0.unit.map { $0 != last } ?? false }),
      let otherUnit = other.unit
    else { return }
    report.add(
      unit,
      "`\(other.name)` is in \(otherUnit), and `\(name)` in \(last)",
      at: use.target.metric.range,
      help: (otherUnit, last) == ("percent", "ratio")
        ? "add `scale: 0.01`, or map the reading that is a ratio"
        : "add a `scale`, or map a reading in \(last)"
    )
  }

  /// `{.label}` in the text of a label is a label of the record.
  private static func checkLabels(_ use: TargetUse, _ records: [RecordDescriptor], _ report: Report) {
    let names = records.map { Set($0.labels.map(\.name)) }
    guard let first = names.first else { return }
    let common = names.dropFirst().reduce(first) { $0.intersection($1) }
      .union(Set(use.collector?.matches?.flatMap(\.labelNames) ?? []))
    for text in use.target.labels.map(\.text) {
      for case .field(let name) in text.pattern?.parts ?? [] where !common.contains(name) {
        report.add(
          label,
          "the reading has no label `\(name)`",
          at: text.text.range,
          help: report.suggestion(for: name, among: common.sorted())
            ?? (common.isEmpty ? "it has none" : "it has " + common.sorted().map { "`\($0)`" }.joined(separator: " "))
        )
      }
    }
  }
}

internal import Diagnostics
internal import MetricModel
internal import PatternSyntax

/// What `readings:` names is offered by its collector, and its metric can take it.
enum ReadingRule: Rule {
  static let ids = [unknown, type, action, label, unit, capture]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    for collector in catalog.collectors {
      guard let descriptor = collector.descriptor else { continue }
      for field in collector.readings.value ?? [] {
        // Turned round, which its targets say.
        if catalog.metric(field.pattern.text.value) != nil,
          field.targets.contains(where: { catalog.metric($0.metric.value) == nil })
        {
          continue
        }
        checkName(field.pattern, descriptor, report)
      }
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
    let patterns = collector.paths + (collector.matches ?? []).flatMap(\.patterns)
    let captures = patterns.flatMap { text in (text.pattern?.captureNames ?? []).map { ($0, text.text.range) } }
    let labels = (collector.matches ?? []).flatMap { $0.labels.value ?? [] }.map { ($0.name.value, $0.name.range) }
    for (name, range) in captures + labels where own.contains(name) {
      report.add(
        capture,
        "`\(name)` is a label that the readings of `\(descriptor.name)` have themselves",
        at: range,
        help: "give it another name"
      )
    }
  }

  private static func checkAction(_ use: TargetUse, _ metric: MetricDeclaration, _ report: Report) {
    let isRunningTotal = use.target.from.value == .runningTotal && metric.type.value == .counter
    if let from = use.target.from.value, from != .value, !isRunningTotal {
      let help = "leave `from` out: a counter shows the system's own total, anything else the value of the moment"
      report.add(action, "a reading has no `from: \(from.rawValue)`", at: use.target.from.range, help: help)
    }
    if use.target.restartsWith.isGiven {
      report.add(action, "a reading has no `restarts_with`", at: use.target.restartsWith.name, help: "remove it")
    }
    if use.target.exemplar.isGiven {
      report.add(action, "a reading has no exemplar", at: use.target.exemplar.name, help: "remove it")
    }
    if use.target.pattern.isGiven {
      report.add(
        action,
        "a reading is a number, and has no text that a `pattern` could match",
        at: use.target.pattern.name,
        help: "remove it"
      )
    }
    if let scale = use.target.scale.value, scale.isReciprocal {
      report.add(action, "a reading has no reciprocal", at: scale.range, help: "write a number")
    }
    let (scale, offset) = (use.target.scale, use.target.offset)
    for (value, range, word) in [
      (scale.value?.value, scale.range, "scale"), (offset.value?.value, offset.range, "offset"),
    ] {
      if let value, !value.isFinite { report.add(action, "`\(word)` has to be a finite number", at: range) }
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
    guard metric.type.value?.isNumeric ?? false, use.target.scale.value?.value ?? 1 == 1 else { return }
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
        : "add a `scale`, or map a reading in \(last)",
      waivedBy: [metric.allow] + use.waivers
    )
  }

  /// `{.label}` in the text of a label is a label of the record.
  private static func checkLabels(_ use: TargetUse, _ records: [RecordDescriptor], _ report: Report) {
    let names = records.map { Set($0.labels.map(\.name)) }
    guard let first = names.first else { return }
    let common = names.dropFirst().reduce(first) { $0.intersection($1) }
      .union(use.collector?.ownLabelNames ?? [])
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

extension ReadingRule {
  private static let unknown = RuleID(
    "reading/unknown",
    .error,
    "a reading that the collector does not offer",
    why: """
      The collector does not offer this reading, so its metric would stay empty.
      """,
    remedy: """
      Correct the name. `training-exporter readings` lists the readings of this machine with their present values, \
      and [their page](../../collectors.md) those of all machines.
      """,
    triggers: """
      metrics: { cpu_usage_ratio: { type: gauge, help: CPU usage } }
      collectors:
        system: { readings: { cpu.usge_ratio: cpu_usage_ratio } }
      """,
    passes: """
      metrics: { cpu_usage_ratio: { type: gauge, help: CPU usage } }
      collectors:
        system: { readings: { cpu.usage_ratio: cpu_usage_ratio } }
      """
  )

  private static let type = RuleID(
    "reading/type",
    .error,
    "a reading that the metric's type cannot take",
    why: """
      A counter must not fall, and a value of the moment does: `rate()` takes each fall for a restart and shows \
      spikes. The other way round, a histogram of a total that only grows says nothing.
      """,
    remedy: """
      Map values of the moment to gauges, and totals to counters.
      """,
    triggers: """
      metrics: { cpu_usage_total: { type: counter, help: CPU usage } }
      collectors:
        system: { readings: { cpu.usage_ratio: cpu_usage_total } }
      """,
    passes: """
      metrics: { cpu_usage_ratio: { type: gauge, help: CPU usage } }
      collectors:
        system: { readings: { cpu.usage_ratio: cpu_usage_ratio } }
      """
  )

  private static let action = RuleID(
    "reading/action",
    .error,
    "a `from`, `exemplar`, `pattern` or `scale` that a reading does not have",
    why: """
      A reading is the system's own number. There is no record before it to compare with, and none that an exemplar \
      could point to.
      """,
    remedy: """
      Leave `from` and `exemplar` out: a counter shows the system's total, anything else the value of the moment. \
      `scale` and `offset` are finite numbers.
      """,
    triggers: """
      metrics: { disk_read_bytes_total: { type: counter, help: Bytes read } }
      collectors:
        system: { readings: { disk.read_bytes: { metric: disk_read_bytes_total, from: difference } } }
      """,
    passes: """
      metrics: { disk_read_bytes_total: { type: counter, help: Bytes read } }
      collectors:
        system: { readings: { disk.read_bytes: disk_read_bytes_total } }
      """
  )

  private static let label = RuleID(
    "reading/label",
    .error,
    "a label's text names a label that the reading does not have",
    why: """
      `{.name}` stands for a label of the record that the reading belongs to. This record does not have it, so the \
      series would have no value for its label.
      """,
    remedy: """
      Take one of the labels that the message lists; [the collectors' page](../../collectors.md) has them, too.
      """,
    triggers: """
      labels: { disk: { max_values: 20 } }
      metrics: { disk_read_bytes_total: { type: counter, help: Bytes read, labels: [disk] } }
      collectors:
        system: { readings: { disk.read_bytes: 'disk_read_bytes_total{disk="{.disk}"}' } }
      """,
    passes: """
      labels: { disk: { max_values: 20 } }
      metrics: { disk_read_bytes_total: { type: counter, help: Bytes read, labels: [disk] } }
      collectors:
        system: { readings: { disk.read_bytes: 'disk_read_bytes_total{disk="{.device}"}' } }
      """
  )

  private static let unit = RuleID(
    "reading/unit",
    .warning,
    "a reading in another unit than the metric's",
    why: """
      The name promises another unit than the number has: a ratio that shows 85 makes an alert on 0.9 fire all the \
      time.
      """,
    remedy: """
      Map a reading in the metric's unit, or convert with `scale`: percent to ratio is 0.01.
      """,
    triggers: """
      metrics: { cpu_usage_ratio: { type: gauge, help: CPU usage } }
      collectors:
        system: { readings: { cpu.usage_percent: cpu_usage_ratio } }
      """,
    passes: """
      metrics: { cpu_usage_ratio: { type: gauge, help: CPU usage } }
      collectors:
        system: { readings: { cpu.usage_percent: { metric: cpu_usage_ratio, scale: 0.01 } } }
      """
  )

  private static let capture = RuleID(
    "reading/capture",
    .error,
    "a capture of `match` has the name of a label of the reading",
    why: """
      The record has a label of this name already, which would hide what the capture takes.
      """,
    remedy: """
      Give the capture or label of `match` another name.
      """,
    triggers: """
      metrics: { trainer_memory_bytes: { type: gauge, help: Memory of the trainer } }
      collectors:
        process:
          match: { command_line: "train.py --rank {pid}" }
          readings: { memory.resident_bytes: trainer_memory_bytes }
      """,
    passes: """
      labels: { rank: { values: 0..7 } }
      metrics: { trainer_memory_bytes: { type: gauge, help: Memory of the trainer, labels: [rank] } }
      collectors:
        process:
          match: { command_line: "train.py --rank {rank}" }
          readings: { memory.resident_bytes: trainer_memory_bytes }
      """
  )
}

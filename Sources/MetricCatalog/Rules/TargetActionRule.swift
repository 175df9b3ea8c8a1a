internal import Diagnostics
internal import MetricModel

/// What a target does with values is something that its metric's type can do.
enum TargetActionRule: Rule {
  static let ids = [from, restartsWith, scale, exemplar, eachRecord]

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    // What a reading can do has its own rule.
    for use in catalog.targetUses where use.reading == nil {
      guard let metric = catalog.metric(use.target.metric.value), let type = metric.type.value else { continue }
      let name = "`\(metric.name.value)` is a \(type.rawValue)"
      let showsTime = type == .gauge && use.target.from.value == .time
      if use.isEachRecord, type != .counter, type != .info, !showsTime {
        let help =
          type == .gauge
          ? "feed a counter, map a field under `fields:`, or write `from: time` for the time of the newest record"
          : "feed a counter, or map a field under `fields:`"
        report.add(eachRecord, "`each_record` counts records, and \(name)", at: use.target.metric.range, help: help)
        continue
      }
      checkFrom(use, type, name, report)
      checkRestartsWith(use, report)
      checkScale(use, type, name, report)
      checkExemplar(use, type, name, report)
    }
  }

  /// The most code points of an exemplar's names and values together, by OpenMetrics 1.0.
  private static let exemplarCodePointsMax = 128

  private static func checkExemplar(_ use: TargetUse, _ type: MetricType, _ name: String, _ report: Report) {
    if use.target.exemplar.isGiven, type != .counter, type != .histogram {
      report.add(exemplar, "only counters and histograms have exemplars, and \(name)", at: use.target.exemplar.name)
      return
    }
    var codePoints = 0
    for label in use.target.exemplar.value ?? [] {
      codePoints += label.name.value.unicodeScalars.count
      for case .literal(let text) in label.text.pattern?.parts ?? [] { codePoints += text.unicodeScalars.count }
    }
    guard codePoints > exemplarCodePointsMax else { return }
    report.add(
      exemplar,
      "an exemplar has at most \(exemplarCodePointsMax) characters in names and values, and this one has \(codePoints)",
      at: use.target.exemplar.name,
      help: "leave labels out: a step or an epoch will do"
    )
  }

  private static func checkFrom(_ use: TargetUse, _ type: MetricType, _ name: String, _ report: Report) {
    guard let given = use.target.from.value else { return }
    let possible: [Target.From] =
      switch type {
      case .gauge where use.isEachRecord: [.time]
      case _ where use.isEachRecord: type == .counter ? [.count] : [.value]
      case .gauge: [.value, .difference, .time]
      case .counter: [.value, .runningTotal, .highest, .difference, .count]
      case .histogram, .summary: [.value, .runningTotal, .highest, .difference]
      case .info, .stateset: [.value]
      }
    guard !possible.contains(given) else { return }
    let listed = possible.map { "`\($0.rawValue)`" }.joined(separator: " ")
    report.add(
      from,
      use.isEachRecord
        ? "`each_record` has no `from: \(given.rawValue)`" : "\(name), which has no `from: \(given.rawValue)`",
      at: use.target.from.range,
      help: "it can be \(listed)"
    )
  }

  private static func checkRestartsWith(_ use: TargetUse, _ report: Report) {
    guard let range = use.target.restartsWith.name, !use.target.from.isBroken else { return }
    switch use.target.from.value ?? .value {
    case .value, .count, .time:
      let message = "`restarts_with` says where a total begins again, and this target has none"
      report.add(restartsWith, message, at: range, help: "add `from: running_total`, or remove it")
    case .runningTotal, .highest, .difference:
      guard let field = use.target.restartsWith.value, field.value.isEmpty else { return }
      report.add(restartsWith, "this text cannot be empty", at: field.range, help: "name a field, such as `epoch`")
    }
  }

  private static func checkScale(_ use: TargetUse, _ type: MetricType, _ name: String, _ report: Report) {
    let target = use.target
    let from = target.from.value ?? .value
    let hasNumber = type != .info && type != .stateset && !from.ignoresValue && !use.isEachRecord
    for (key, word, value, range) in [
      (target.scale.name, "scale", target.scale.value?.value, target.scale.range),
      (target.offset.name, "offset", target.offset.value?.value, target.offset.range),
      (target.pattern.name, "pattern", nil, target.pattern.range),
    ] {
      guard let key else { continue }
      if !hasNumber {
        let isText = type == .info || type == .stateset
        let reason = isText ? name : from == .time ? "this is a time" : "records are counted here"
        report.add(scale, "`\(word)` needs a number, and \(reason)", at: key, help: "remove it")
      } else if let value, !value.isFinite {
        report.add(scale, "`\(word)` has to be a finite number", at: range)
      }
    }
    guard hasNumber, let reciprocal = target.scale.value, reciprocal.isReciprocal else { return }
    if type == .counter || target.from.value ?? .value != .value {
      let message = "the reciprocal of a total says nothing, and neither does a sum of reciprocals"
      let help = "feed a gauge, histogram or summary without `from`"
      report.add(scale, message, at: reciprocal.range, help: help)
    }
  }
}

extension TargetActionRule {
  private static let from = RuleID(
    "target/from",
    .error,
    "a `from` that the metric's type does not have",
    why: """
      `from` says what a number of the log means. A gauge cannot grow by a running total, and a stateset has no \
      difference; the exporter would have to guess.
      """,
    remedy: """
      Take one of the words that the message lists, or change the metric's type. [A \
      target](../../catalog.md#a-target) has a table.
      """,
    triggers: """
      metrics: { images: { type: gauge, help: Images processed } }
      watchers:
        log: { files: log.csv, format: csv, fields: { images: { metric: images, from: running_total } } }
      """,
    passes: """
      metrics: { images_total: { type: counter, help: Images processed } }
      watchers:
        log: { files: log.csv, format: csv, fields: { images: { metric: images_total, from: running_total } } }
      """
  )

  private static let restartsWith = RuleID(
    "target/restarts-with",
    .error,
    "`restarts_with` where no total is compared with the one before",
    why: """
      A record whose field has not risen is the first of another run, whose total begins at 0. A target that takes each value for \
      itself has nothing that could begin again.
      """,
    remedy: """
      Add `from: running_total`, `from: highest` or `from: difference`, or remove the key.
      """,
    triggers: """
      metrics: { train_seconds_total: { type: counter, help: Time } }
      watchers:
        log:
          files: log.csv
          format: csv
          fields: { time: { metric: train_seconds_total, restarts_with: epoch } }
      """,
    passes: """
      metrics: { train_seconds_total: { type: counter, help: Time } }
      watchers:
        log:
          files: log.csv
          format: csv
          fields: { time: { metric: train_seconds_total, from: running_total, restarts_with: epoch } }
      """
  )

  private static let scale = RuleID(
    "target/scale",
    .error,
    "`scale`, `offset` or `pattern` where there is no number, one that is not finite, or a reciprocal of a total",
    why: """
      There is no number here that could be scaled: an info and a stateset take texts, and counted records are always \
      1. An infinite factor would turn every value into `+Inf` or `NaN`.
      """,
    remedy: """
      Remove the key, or write a finite number.
      """,
    triggers: """
      metrics: { rows_total: { type: counter, help: Rows } }
      watchers:
        log: { files: log.csv, format: csv, each_record: { metric: rows_total, scale: 2 } }
      """,
    passes: """
      metrics: { rows_total: { type: counter, help: Rows } }
      watchers:
        log: { files: log.csv, format: csv, each_record: rows_total }
      """
  )

  private static let exemplar = RuleID(
    "target/exemplar",
    .error,
    "an exemplar on something other than a counter or histogram, or one that is too long",
    why: """
      OpenMetrics has exemplars for counters and histograms only, of at most 128 characters. Prometheus refuses \
      others.
      """,
    remedy: """
      Feed a counter or histogram, or leave the exemplar out. One short id is enough: a step, an epoch or a trace.
      """,
    triggers: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log: { files: log.csv, format: csv, fields: { loss: { metric: loss, exemplar: { step: "{.step}" } } } }
      """,
    passes: """
      metrics: { images_total: { type: counter, help: Images processed } }
      watchers:
        log: { files: log.csv, format: csv, fields: { n: { metric: images_total, exemplar: { step: "{.step}" } } } }
      """
  )

  private static let eachRecord = RuleID(
    "target/each-record",
    .error,
    "`each_record` feeds something other than a counter, an info, or a gauge `from: time`",
    why: """
      `each_record` counts records. It has no number that a gauge or histogram could show, but for the time at which the \
      newest record was written.
      """,
    remedy: """
      Feed a counter, an info, or a gauge `from: time`, or map the field whose value you mean under `fields`.
      """,
    triggers: """
      metrics: { epoch: { type: gauge, help: Latest epoch } }
      watchers:
        log: { files: log.csv, format: csv, each_record: epoch }
      """,
    passes: """
      metrics: { epoch: { type: gauge, help: Latest epoch } }
      watchers:
        log: { files: log.csv, format: csv, fields: { epoch: epoch } }
      """
  )
}

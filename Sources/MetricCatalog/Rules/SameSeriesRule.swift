internal import Diagnostics
internal import MetricModel

/// No two targets set one series of a gauge.
enum SameSeriesRule: Rule {
  static let ids = [same, shared]
  static let concludesFromAbsence = true

  /// What a target sets, as far as it is the same for each record and log.
  private struct Series: Hashable {
    var metric: String
    var labels: [LabelText]
  }

  static func check(_ catalog: CatalogDeclaration, _ report: Report) {
    // Targets by their places: they are large.
    let uses = catalog.targetUses
    var ofAnyWatcher: [Series: Int] = [:]
    var place = 0
    for watcher in catalog.watchers {
      var ofThis: [Series: Int] = [:]
      let occasions = Self.occasions(of: watcher)
      for use in watcher.targetUses {
        defer { place += 1 }
        guard let series = series(of: use, catalog) else { continue }
        if let first = ofThis[series] {
          let together = areTogether(uses[first], use, occasions)
          add(together ? same : shared, use, uses[first], catalog, report)
        } else {
          ofThis[series] = place
        }
      }
      // Labels that a record or path gives tell logs apart.
      for (series, place) in ofThis where series.labels.allSatisfy(\.isFixed) {
        if let first = ofAnyWatcher[series] {
          add(shared, uses[place], uses[first], catalog, report)
        } else {
          ofAnyWatcher[series] = place
        }
      }
    }
  }

  /// nil: no gauge, or what it sets depends on the field's name.
  private static func series(of use: TargetUse, _ catalog: CatalogDeclaration) -> Series? {
    guard case .field(let field) = use.parent, field.pattern?.literalText != nil,
      // Several patterns of one field are for texts of several forms.
      !use.target.pattern.isGiven, let metric = catalog.metric(use.target.metric.value), metric.type.value == .gauge
    else { return nil }
    var labels: [LabelText] = []
    for label in metric.labels.value ?? [] {
      guard case .settled(let text) = Settlement.settle(label.value, at: use) else { return nil }
      labels.append(text)
    }
    return Series(metric: metric.name.value, labels: labels)
  }

  /// For each field the lines of the catalog that say which fields come together.
  private static func occasions(of watcher: WatcherDeclaration) -> [String: Set<Int>] {
    var occasions: [String: Set<Int>] = [:]
    for own in watcher.ownKeys {
      switch own.key.value {
      case .fieldNames(let names):
        for name in names { occasions[name.value, default: []].insert(-1) }
      case .lines(let lines):
        for (place, line) in lines.enumerated() {
          let fields = (line.pattern.pattern?.captureNames ?? []) + line.set.map(\.field.value)
          for field in fields { occasions[field, default: []].insert(place) }
        }
      case .text, .pattern, .gauges, .duration, nil: break
      }
    }
    return occasions
  }

  /// Whether a record that has the field of one also has that of the other.
  private static func areTogether(_ a: TargetUse, _ b: TargetUse, _ occasions: [String: Set<Int>]) -> Bool {
    guard let first = a.fieldName, let second = b.fieldName else { return false }
    return first == second || !(occasions[first] ?? []).isDisjoint(with: occasions[second] ?? [])
  }

  private static func add(
    _ id: RuleID,
    _ use: TargetUse,
    _ first: TargetUse,
    _ catalog: CatalogDeclaration,
    _ report: Report
  ) {
    let name = use.target.metric.value
    report.add(
      id,
      id == same
        ? "each record sets this series of `\(name)` twice, and only the last value stays"
        : "another target sets the same series of `\(name)`: what comes last is shown",
      at: use.target.metric.range,
      related: [Diagnostic.Related(range: first.target.metric.range, note: "the other target")],
      help: "tell the two apart by a label, or feed two metrics",
      waivedBy: [catalog.metric(name)?.allow, first.target.allow].compactMap { $0 } + use.waivers
    )
  }
}

extension TargetUse {
  /// The whole name of its field; nil: it is a pattern, or there is no field.
  var fieldName: String? {
    if case .field(let field) = parent { field.pattern?.literalText } else { nil }
  }
}

extension LabelText {
  fileprivate var isFixed: Bool {
    parts.allSatisfy { if case .literal = $0 { true } else { false } }
  }
}

extension SameSeriesRule {
  private static let same = RuleID(
    "target/same-series",
    .warning,
    "two targets of one record that set the same series of a gauge",
    why: """
      The record sets the series twice, and the second value stays. The first field is never seen in Prometheus, \
      though everything looks mapped.
      """,
    remedy: """
      Tell the series apart by a label, as in `loss{part="box"}`, or feed two metrics.
      """,
    triggers: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log:
          files: train.log
          format: text
          lines: ["box {box_loss} cls {cls_loss}"]
          fields: { box_loss: loss, cls_loss: loss }
      """,
    passes: """
      labels: { part: { values: [box, cls] } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [part] } }
      watchers:
        log:
          files: train.log
          format: text
          lines: ["box {box_loss} cls {cls_loss}"]
          fields: { "{part}_loss": loss }
      """
  )

  private static let shared = RuleID(
    "target/shared-series",
    .note,
    "targets of different fields or watchers that may set the same series of a gauge",
    why: """
      If a record has both fields, or if logs of both watchers are written, the value that came last is shown, and \
      the graph jumps between the two.
      """,
    remedy: """
      Tell the series apart by a label, or feed two metrics. Where only one of them ever occurs, as with a field that \
      got another name, all is well; `allow: [target/shared-series]` at the metric says so.
      """,
    triggers: """
      metrics: { loss: { type: gauge, help: Loss } }
      watchers:
        log: { files: log.csv, format: csv, fields: { train_loss: loss, val_loss: loss } }
      """,
    passes: """
      labels: { split: { values: [train, val] } }
      metrics: { loss: { type: gauge, help: Loss, labels: [split] } }
      watchers:
        log: { files: log.csv, format: csv, fields: { "{split}_loss": loss } }
      """
  )
}

internal import Diagnostics
internal import MetricCatalog
internal import MetricModel

/// All rules that make sense for a catalog.
struct RuleGroups {
  struct Group {
    var name: String
    var alerts: [AlertRule]
  }

  /// What is recorded for the alerts; Prometheus evaluates it beside them.
  let recorded: [RecordingRule]
  /// Those that have alerts.
  let groups: [Group]

  init(_ catalog: Catalog, _ collectors: [CollectorDescriptor]) {
    let scene = RuleScene(catalog, collectors)
    recorded = LossAlerts.recorded(scene)
    groups = [
      Group(name: "training-runs", alerts: RunAlerts.all(scene)),
      Group(name: "training-losses", alerts: LossAlerts.all(scene)),
      Group(name: "training-gpus", alerts: GPUAlerts.all(scene)),
      Group(name: "training-machine", alerts: MachineAlerts.all(scene)),
      Group(name: "training-exporter", alerts: ExporterAlerts.all(scene)),
    ].filter { !$0.alerts.isEmpty }
  }

  var alerts: [AlertRule] { groups.flatMap(\.alerts) }

  /// The groups of recording rules: none, or one.
  var recordingGroups: [Document] {
    guard !recorded.isEmpty else { return [] }
    let rules = recorded.map { rule in
      .members(["record": .text(rule.name), "expr": .text(rule.expression)]) as Document
    }
    return [["name": "training-recorded", "rules": .list(rules)]]
  }

  /// The groups of alerts.
  var alertGroups: [Document] {
    groups.map { group in
      ["name": .text(group.name), "rules": .list(group.alerts.map(\.document))]
    }
  }
}

extension AlertRule {
  /// The section about the alert.
  var runbook: OpenText {
    let page = Setting("runbookURL", RuleLink.alerts, "The page with a section for each alert")
    return "\(setting: page)#\(name.lowercased())"
  }

  /// As a rule file has it.
  var document: Document {
    let own = labels.map { (key: $0.name, value: Document.text($0.value)) }
    return .members([
      "alert": .text(name),
      "expr": .text(expression),
      "for": hold.map { .text("\(setting: $0)") },
      "labels": .object([(key: "severity", value: .text("\(setting: severity.setting)"))] + own),
      "annotations": [
        "summary": .text(summary.template),
        "description": .text(description.template),
        "runbook_url": .text(runbook),
      ],
    ])
  }
}

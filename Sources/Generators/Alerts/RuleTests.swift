/// Tests of rules for `promtool test rules`: each alert fires when it should, and none does where all is well.
///
/// <https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/>
enum RuleTests {
  /// What Prometheus adds to each series.
  private static let target = ["job": "training", "instance": "host:8000"]

  static func document(_ groups: RuleGroups, _ file: String) -> Document {
    [
      "rule_files": [.text(file)],
      "evaluation_interval": "1m",
      "tests": .list([healthy(groups.alerts)] + groups.alerts.map(fires)),
    ]
  }

  private static func fires(_ alert: AlertRule) -> Document {
    let scenario = alert.scenario
    let there = scenario.labels.merging(target) { _, target in target }
    let own = [("severity", alert.severity.rawValue)] + alert.labels.map { ($0.name, $0.value) }
    let labels = there.merging(own) { _, new in new }
    return [
      "name": .text("\(alert.name) fires\(alert.labels.map { ": \($0.value)" }.joined())"),
      "interval": "1m",
      "input_series": series(scenario.series.map { ($0, $0.firing) }, scenario.minutes),
      "alert_rule_test": [
        [
          "eval_time": .text("\(scenario.minutes)m"),
          "alertname": .text(alert.name),
          "exp_alerts": [
            [
              "exp_labels": .object(labels.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) }),
              "exp_annotations": [
                "summary": .text(alert.summary.filled(labels: there, value: scenario.value)),
                "description": .text(alert.description.filled(labels: there, value: scenario.value)),
                "runbook_url": .text(alert.runbook),
              ],
            ]
          ],
        ]
      ],
    ]
  }

  /// What alerts ask for, once each, in a machine and trainings that are well.
  private static func healthy(_ alerts: [AlertRule]) -> Document {
    var all: [AlertScenario.Series] = []
    for series in alerts.flatMap(\.scenario.series) {
      if !all.contains(where: { $0.name == series.name && $0.labels == series.labels }) { all.append(series) }
    }
    let minutes = alerts.map(\.scenario.minutes).max() ?? 0
    var names: [String] = []
    for alert in alerts where !names.contains(alert.name) { names.append(alert.name) }
    return [
      "name": "nothing fires where all is well",
      "interval": "1m",
      "input_series": series(all.map { ($0, $0.healthy) }, minutes),
      "alert_rule_test": .list(
        names.map { ["eval_time": .text("\(minutes)m"), "alertname": .text($0), "exp_alerts": []] }
      ),
    ]
  }

  private static func series(
    _ series: [(AlertScenario.Series, AlertScenario.Values)],
    _ minutes: Int
  ) -> Document {
    .list(
      series.compactMap { series, values in
        guard let values = text(of: values, minutes) else { return nil }
        let labels = series.labels.merging(target) { _, target in target }.sorted { $0.key < $1.key }
        let selector: OpenText = "\(series: series.name, matching: labels.map { .equal($0.key, $0.value) })"
        return ["series": .text(selector.plain), "values": .text(values)]
      }
    )
  }

  /// As promtool has it: `1x30` is 1 and thirty more of it.
  private static func text(of values: AlertScenario.Values, _ minutes: Int) -> String? {
    switch values {
    case .always(let value): "\(NumberText.text(value))x\(minutes)"
    case .growing(let step): "0+\(NumberText.text(step))x\(minutes)"
    case .changing(let first, let until, let second):
      "\(NumberText.text(first))x\(until) \(NumberText.text(second))x\(minutes - until)"
    case .ending(let value, let until): "\(NumberText.text(value))x\(until) stale"
    case .notANumber: Array(repeating: "NaN", count: minutes + 1).joined(separator: " ")
    case .absent: nil
    }
  }
}

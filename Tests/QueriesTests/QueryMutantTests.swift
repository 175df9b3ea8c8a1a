import Diagnostics
import Foundation
import Testing

@testable import Queries

/// Mistakes put one by one into a rule file and a dashboard without any: each is told where it is.
struct QueryMutantTests {
  static let rules = """
    groups:
      - name: training
        rules:
          - record: run:steps:rate5m
            expr: sum by (run) (rate(steps_total[5m]))
          - alert: Stalled
            expr: run:steps:rate5m == 0
            for: 10m
            annotations:
              summary: "{{ $labels.run }} makes no steps"
          - alert: LossHigh
            expr: |
              max by (run, split) (
                loss{split="val"}
              ) > 100
            annotations:
              summary: "The {{ $labels.split }} loss of {{ $labels.run }} is {{ $value }}"
          - alert: Slow
            expr: histogram_quantile(0.9, sum by (run, le) (rate(step_seconds_bucket[5m]))) > 5
          - alert: Idle
            expr: avg by (gpu) (gpu_utilization_ratio) < 0.2

    """

  static let dashboard = #"""
    {
      "title": "Training",
      "panels": [
        {"title": "Loss", "targets": [
          {"expr": "loss{run=~\"$run\", split=~\"train|val\"}", "legendFormat": "{{run}} {{split}}"}
        ]},
        {"title": "Speed", "targets": [
          {"expr": "sum by (run) (rate(steps_total{run=~\"$run\"}[$__rate_interval]))", "legendFormat": "{{run}}"}
        ]}
      ],
      "templating": {"list": [{"name": "run", "type": "query", "query": "label_values(loss, run)"}]}
    }

    """#

  @Test func withoutAMistakeNothingIsTold() throws {
    #expect(try told(Self.rules) == [])
    #expect(try told(Self.dashboard, path: "d.json") == [])
  }

  /// What is replaced, by what, and what is told: the id and the text at its place.
  @Test(arguments: [
    ("(steps_total[", "(step_total[", "unknown-metric step_total"),
    ("(steps_total[", "(steps[", "unknown-metric steps"),
    ("run:steps:rate5m ==", "runs:steps:rate5m ==", "unknown-metric runs:steps:rate5m"),
    ("by (run) (rate", "by (rnu) (rate", "unknown-label rnu & missing-label run"),
    ("by (run) (rate", "by (job) (rate", "missing-label run"),
    ("(rate(steps_total[5m]))", "(rate(steps_total))", "syntax steps_total"),
    ("$labels.run }} makes", "$labels.name }} makes", "missing-label name"),
    ("by (run, split)", "by (run)", "missing-label split"),
    ("by (run, split)", "by (run, splt)", "unknown-label splt & missing-label split"),
    ("loss{split", "los{split", "unknown-metric los"),
    ("{split=", "{splt=", "unknown-label splt"),
    ("\"val\"", "\"valid\"", "impossible-value \"valid\""),
    ("=\"val\"", "=~\"v.+d\"", "impossible-value \"v.+d\""),
    ("loss{split=\"val\"}", "rate(loss{split=\"val\"}[5m])", "rate-of-gauge loss"),
    ("loss{split=\"val\"}", "steps_total", "unknown-label split & raw-counter steps_total & missing-label split"),
    (", le)", ")", "quantile-without-le sum by (run) (rate(step_seconds_bucket[5m]))"),
    ("step_seconds_bucket", "step_seconds", "unknown-metric step_seconds"),
    ("< 0.2", "< 20", "ratio-as-percent 20"),
    ("(gpu_utilization_ratio)", "(gpu_utilisation_ratio)", "unknown-metric gpu_utilisation_ratio"),
    ("(gpu) (", "(gpu_id) (", "unknown-label gpu_id"),
  ])
  func aMistakeInRulesIsTold(old: String, new: String, expected: String) throws {
    try expect(Self.rules, old, new, "alerts.yml", expected)
  }

  @Test(arguments: [
    ("loss{run", "losses{run", "unknown-metric losses"),
    ("loss{run=", "loss{name=", "unknown-label name"),
    ("train|val", "train|test", #"impossible-value \"train|test\""#),
    ("{{split}}", "{{epoch}}", "missing-label epoch"),
    ("by (run)", "by (split)", "unknown-label split & missing-label run"),
    ("sum by (run) (", "sum(", "missing-label run"),
    (
      "(steps_total{", "(old_loss{",
      "unknown-label run & unknown-label run & missing-label run & rate-of-gauge old_loss & deprecated-metric old_loss"
    ),
    ("[$__rate_interval]", "[$__rate_interval", "syntax )"),
    ("values(loss, run)", "values(losses, run)", "unknown-metric losses"),
    ("values(loss, run)", "values(loss, runs)", "unknown-label runs"),
  ])
  func aMistakeInADashboardIsTold(old: String, new: String, expected: String) throws {
    try expect(Self.dashboard, old, new, "d.json", expected)
  }

  private func expect(_ text: String, _ old: String, _ new: String, _ path: String, _ expected: String) throws {
    let mutant = text.replacing(old, with: new, maxReplacements: 1)
    #expect(mutant != text)
    let told = try told(mutant, path: path).map {
      String($0.split(separator: " ", maxSplits: 1)[1].dropFirst("query/".count))
    }
    #expect(told.sorted() == expected.components(separatedBy: " & ").filter { !$0.isEmpty }.sorted())
  }
}

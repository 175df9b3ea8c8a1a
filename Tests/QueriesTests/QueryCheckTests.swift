import Diagnostics
import MetricCatalog
import Testing

@testable import Queries

struct QueryCheckTests {
  @Test(arguments: [
    "loss{run=\"a\", split=~\"train|val\", job=\"x\"} > 3",
    "rate(steps_total[5m]) == 0",
    "increase(step_seconds_count[1h]) + rate(step_seconds_sum[5m])",
    "histogram_quantile(0.9, sum by (run, le) (rate(step_seconds_bucket[5m])))",
    "histogram_quantile(0.9, sum by (run) (rate(load_seconds[5m])))",
    "save_seconds{quantile=\"0.5\"} > 3 or rate(save_seconds_sum[5m]) / rate(save_seconds_count[5m]) > 2",
    "loss * on (run) group_left (framework) model_info{framework=\"torch\"}",
    "phase{phase=\"train\"} == 1",
    "training_exporter_up{source=\"x\"} == 0",
    "increase(training_exporter_rejections_total{reason=\"x\"}[5m]) > 0",
    "node_cpu_seconds_total{mode=\"idle\"} > 3 and up == 0",
    "sum by (mode) (rate(node_cpu_seconds_total[5m])) > 3",
    "max by (new) (label_replace(loss, \"new\", \"$1\", \"run\", \"(.*)\")) > 3",
    "count_values by (run) (\"v\", loss) > 3",
    "absent(steps_total)",
    "loss or on (run) vector(0)",
    "loss * ignoring (split) group_left steps_total",
    "steps_total > 0",
    "gpu_utilization_ratio > 0.9 and gpu_utilization_ratio * 100 > 90",
    "gpu_utilization_ratio{gpu=\"3\"} > 0.5",
    "loss{split!~\"train\"} > 1",
    "{__name__=~\"lo.*\", run=\"a\"} > 1",
    "avg_over_time(loss[1h:5m] offset 1d) > 3",
    "team:loss:avg > 3",
    "avg(save_seconds{quantile=\"1\"}) > 3",
    "process_open_fds_fds > 3",
    "time() - steps_created > 3",
    "steps_total / step_seconds_count > 3 and steps_total - step_seconds_count > 3",
    "steps_total / (steps_total + 1) > 0.5 and steps_total / loss > 3",
    "loss{split=~\"(train|val)\"} > 3",
    "process_cpu_fds > 3",
  ])
  func whatIsRightIsNotTold(query: String) throws {
    #expect(try ids(alert: query) == [])
    #expect(try ids(panel: query) == [])
  }

  @Test(arguments: [
    ("los > 3", "unknown-metric"),
    ("step > 3", "unknown-metric"),
    ("rate(steps[5m]) > 3", "unknown-metric"),
    ("rate(step_seconds[5m]) > 3", "unknown-metric"),
    ("training_exporter_upp == 0", "unknown-metric"),
    ("save_seconds_bucket > 0", "unknown-metric"),
    ("load_seconds_bucket > 0", "unknown-metric"),
    ("{__name__=\"los\"} > 3", "unknown-metric"),
    ("loss{rnu=\"a\"} > 3", "unknown-label"),
    ("sum by (rnu) (loss) > 3", "unknown-label"),
    ("sum without (rnu) (loss) > 3", "unknown-label"),
    ("loss - on (rnu) old_loss", "unknown-label deprecated-metric"),
    ("loss * on (framework) model_info", "unknown-label"),
    ("loss unless on (split) (steps_total > 0)", "unknown-label"),
    ("loss * ignoring (splti) steps_total", "unknown-label"),
    ("loss * on (run) group_left (framwork) model_info", "unknown-label"),
    ("steps_total{le=\"1\"} == 0", "unknown-label"),
    ("loss{split=\"validation\"} > 3", "impossible-value"),
    ("loss{split!=\"validation\"} > 3", "impossible-value"),
    ("loss{split=~\"train|validation\"} > 3", "impossible-value"),
    ("loss{split=~\"valid.*\"} > 3", "impossible-value"),
    ("loss{split!~\"test.+\"} > 3", "impossible-value"),
    ("gpu_utilization_ratio{gpu=\"8\"} > 0.5", "impossible-value"),
    ("phase{phase=\"test\"} == 1", "impossible-value"),
    ("model_info{framework=\"jax\"} == 1", "impossible-value"),
    ("sum by (split) (avg by (run) (loss)) > 3", "lost-label"),
    ("avg by (run) (loss) * on (split) loss", "lost-label"),
    ("loss * on (run) group_left (split) max by (run) (loss)", "lost-label"),
    ("avg by (quantile) (save_seconds) > 3", "mean-of-quantiles"),
    ("rate(loss[5m]) > 3", "rate-of-gauge"),
    ("increase(phase[5m]) > 3", "rate-of-gauge"),
    ("max(steps_total) > 1000", "raw-counter"),
    ("5 < step_seconds_count", "raw-counter"),
    ("steps_total + rate(steps_total[5m]) > 10", "raw-counter"),
    ("sum(steps_total * on (run) group_left () model_info) > 10", "raw-counter"),
    ("max(steps_total) / (sum(rate(steps_total[5m])) + rate(load_seconds[5m])) > 10", "raw-counter"),
    ("rate(steps_total[5m]) / steps_total > 0.1", "raw-counter"),
    ("steps_total / 100 - 3 > 10", "raw-counter"),
    ("loss{split=~\"(train|validation)\"} > 3", "impossible-value"),
    ("loss{split=~\"(?:train|validation)\"} > 3", "impossible-value"),
    ("predict_linear(gpu_utilization_ratio[1h], 3600) > 90", "ratio-as-percent"),
    ("process_oepn_fds > 3", "unknown-metric"),
    ("process_resident_memory > 3", "unknown-metric"),
    ("histogram_quantile(0.9, sum by (run) (rate(step_seconds_bucket[5m])))", "quantile-without-le"),
    ("histogram_quantile(0.9, rate(step_seconds_sum[5m]))", "quantile-without-le"),
    ("gpu_utilization_ratio > 90", "ratio-as-percent"),
    ("90 < max by (gpu) (avg_over_time(gpu_utilization_ratio[5m]))", "ratio-as-percent"),
    ("old_loss > 3", "deprecated-metric"),
    ("rate(loss) > 3", "syntax"),
    ("loss{run=\"a\" > 3", "syntax"),
  ])
  func whatIsWrongIsToldOnce(query: String, names: String) throws {
    #expect(try ids(alert: query).sorted() == names.split(separator: " ").map(String.init).sorted())
  }

  @Test func templatesShowLabelsThatAreThere() throws {
    func missing(_ query: String, _ annotation: String) throws -> Int {
      try ids(alert: query, annotation: annotation).count { $0 == "missing-label" }
    }
    #expect(try missing("loss > 3", "{{ $labels.run }} of {{ $labels.job }} at {{ $value }}") == 0)
    #expect(try missing("loss > 3", "{{ index $labels \"run\" }} {{ $labels.run | title }}") == 0)
    #expect(try missing("loss > 3", "{{ $labels.rnu }}") == 1)
    #expect(try missing("max by (split) (loss) > 3", "{{ $labels.run }} {{ index $labels \"run\" }}") == 2)
    #expect(try missing("loss and on (run) steps_total", "{{ $labels.split }}") == 0)
    #expect(try missing("loss * on (run) steps_total", "{{ $labels.split }}") == 1)
    #expect(try missing("loss * ignoring (split) steps_total", "{{ $labels.split }} {{ $labels.run }}") == 1)
    #expect(try missing("loss * on (run) group_left (framework) model_info", "{{ $labels.framework }}") == 0)
    #expect(try missing("sum without (run) (loss) > 3", "{{ $labels.split }} {{ $labels.run }}") == 1)
    #expect(try missing("node_load1 > 3", "{{ $labels.anything }}") == 0)
    #expect(try missing("sum(loss) > 3", "{{ with query \"loss\" }}{{ .Labels.run }}{{ end }}") == 0)
  }

  @Test func legendsShowLabelsThatAreThere() throws {
    #expect(try ids(panel: "loss", legend: "{{run}} {{ split }}") == [])
    #expect(try ids(panel: "sum by (split) (loss)", legend: "{{run}} {{ split }}") == ["missing-label"])
    #expect(try ids(panel: "loss{run=~\"$run\"}", legend: "__auto") == [])
    #expect(try ids(panel: "sum by (anything) ($metric)", legend: "{{anything}}") == [])
    #expect(try ids(panel: "sum by ($by) (rate(steps_total[$__rate_interval]))", legend: "{{run}}") == [])
  }

  @Test(arguments: [
    ("rate(steps_total[59s]) > 3", "short-range"), ("rate(steps_total[1m]) > 3", ""),
    ("delta(loss[30s]) > 3", "short-range"), ("deriv((loss[10])) > 3", "short-range"),
    ("max_over_time(loss[30s]) > 3", ""), ("rate(node_cpu_seconds_total[30s]) > 3", ""),
    ("increase(step_seconds_count[15s] offset 1d) > 3", "short-range"),
    ("rate(steps_total[30s] smoothed) > 3", "feature"), ("deriv(loss[1m:30s]) > 3", ""),
    ("deriv(loss[59s:30s]) > 3", "short-range"), ("deriv(loss[20s:5s]) > 3", ""), ("deriv(loss[20s:]) > 3", ""),
    ("deriv(up[20s:20s]) > 3", ""),
  ])
  func rangesAreLongEnoughForTwoScrapes(query: String, names: String) throws {
    let told = try ids(alert: query, .init(scrapeInterval: .seconds(30)))
    #expect(told == names.split(separator: " ").map(String.init))
    #expect(try !ids(alert: query).contains("short-range") || query.contains(":30s"))
  }

  @Test func theIntervalOfAPanelMayBeShorterThanAScrape() throws {
    func told(_ range: String, _ keys: String = "", _ interval: Duration? = nil) throws -> [String] {
      let text = #"{"panels": [{"targets": [{"expr": "rate(steps_total[\#(range)])"}]\#(keys)}]}"#
      return try QueriesTests.told(text, path: "d.json", .init(scrapeInterval: interval))
    }
    #expect(try told("$__interval") == ["1:53 query/short-range $__interval"])
    #expect(try told("${__interval_ms}ms") == ["1:53 query/short-range ${__interval_ms}ms"])
    #expect(try told("$__interval", #", "interval": """#) == ["1:53 query/short-range $__interval"])
    #expect(try told("$__interval", #", "interval": null"#) == ["1:53 query/short-range $__interval"])
    #expect(try told("$__interval", #", "interval": "1m""#) == [])
    #expect(try told("$__interval", #", "interval": "1m""#, .seconds(30)) == [])
    #expect(try told("$__interval", #", "interval": "1m""#, .seconds(31)).count == 1)
    #expect(try told("$__interval", #", "interval": "$least""#, .seconds(31)) == [])
    for range in ["$__rate_interval", "$__range", "$window", "4 * $__interval"] {
      #expect(try told(range, "", .seconds(60)) == [])
    }
  }

  @Test(arguments: [
    ("loss > 100", 1), ("100 < max by (run) (loss)", 1), ("loss > 100, for: 0s", 0),
    ("loss > 100, keep_firing_for: 1h", 0),
    ("loss != 100", 0), ("loss > 0", 0), ("avg_over_time(loss[10m]) > 100", 0), ("time() - last > 100", 0),
    ("last > 1", 0),
    ("memory > 100", 0), ("steps_total > 100", 0),
    ("training_exporter_run_state{training_exporter_run_state=\"failed\"} >= 1", 0),
  ])
  func alertsAboutRecordsWait(rule: String, count: Int) throws {
    let text = """
      version: 1
      labels: { run: { max_values: 5 } }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
        memory: { type: gauge, help: Memory }
        last: { type: gauge, help: Time of the last record }
        steps_total: { type: counter, help: Steps }
      watchers:
        log:
          files: "{run}.csv"
          format: csv
          run: {}
          fields: { loss: loss, step: [{ metric: last, from: time }, { metric: steps_total, from: running_total }] }

      """
    let loading = CatalogLoader.load(bytes: Array(text.utf8), path: "metrics.yaml")
    let catalog = try #require(loading.catalog)
    let lines = rule.replacing(", ", with: "\n     ")
    let rules = "groups:\n - rules:\n   - alert: A\n     expr: \(lines)\n"
    let source = SourceFile(path: "a.yml", bytes: Array(rules.utf8))
    let told = QueryChecks.check([QueryFile(source)], against: [catalog], .init()).files[0].diagnostics
    #expect(told.count { $0.id == "query/no-for" && $0.severity == .note } == count)
    #expect(!told.contains { $0.severity == .error }, "\(told)")
  }

  @Test func whatOthersGiveIsLeftAlone() throws {
    #expect(try ids(alert: "acme_jobs > 3") == ["unknown-metric"])
    #expect(try ids(alert: "acme_jobs > 3", .init(foreign: ["acme_"])) == [])
    #expect(try ids(alert: "loss{cluster=\"a\"} > 3") == ["unknown-label"])
    #expect(try ids(alert: "loss{cluster=\"a\"} > 3", .init(targetLabels: ["cluster"])) == [])
    #expect(try ids(alert: "sum by (app) (rate(process_cpu_seconds_total{app=\"a\"}[5m])) > 3") == [])
    #expect(try ids(alert: "training_exporter_up{app=\"a\"} == 0") == ["unknown-label"])
    #expect(try ids(alert: "loss{exported_run=\"a\"} > 3") == ["unknown-label"])
    #expect(try ids(alert: "loss{exported_run=\"a\"} > 3", .init(targetLabels: ["run"])) == [])
    // One letter from the exporter's own.
    #expect(try ids(alert: "process_open_fdz > 3") == ["unknown-metric"])
  }

  @Test func recordingRulesMakeMetrics() throws {
    let text = """
      groups:
        - rules:
            - { alert: A, expr: 'run:loss:max{splt="a"} > 3' }
            - { alert: B, expr: 'max by (run, team) (run:loss:max) > 3' }
            - { record: 'run:loss:max', expr: 'max by (run) (loss)', labels: { team: a } }
            - { alert: C, expr: 'run:loss:mx > 3' }
            - { alert: D, expr: 'max by (job) (run:loss:max) > 3' }
            - { record: 'run:load:rate5m', expr: 'sum by (run) (rate(load_seconds[5m]))' }
            - { alert: E, expr: 'histogram_quantile(0.9, run:load:rate5m) > 3' }
            - { record: 'run:step:rate5m', expr: 'sum by (run, le) (rate(step_seconds_bucket[5m]))' }
            - { alert: E, expr: 'histogram_quantile(0.9, sum by (run) (run:step:rate5m)) > 3' }
            # Each is what the next one records.
            - { record: 'run:a:max', expr: 'run:b:max' }
            - { record: 'run:b:max', expr: 'run:c:max' }
            - { record: 'run:c:max', expr: 'max by (run) (loss)' }
            - { alert: F, expr: 'run:a:max{split="val"} > 3' }

      """
    #expect(
      try told(text) == [
        "3:41 query/unknown-label splt", "6:28 query/unknown-metric run:loss:mx", "7:36 query/unknown-label job",
        "11:52 query/quantile-without-le sum by (run) (run:step:rate5m)", "16:38 query/unknown-label split",
      ]
    )
  }

  @Test func metricsThatNobodyLooksAtAreListed() throws {
    let rules = SourceFile(
      path: "a.yml",
      bytes: Array("groups: [{ rules: [{ alert: A, expr: 'step_seconds_sum + steps_total' }] }]".utf8)
    )
    let findings = QueryChecks.check([QueryFile(rules)], against: [try catalog(), try catalog()], .init())
    #expect(
      findings.unused == [
        "loss", "gpu_utilization_ratio", "load_seconds", "save_seconds", "model_info", "phase", "old_loss",
      ]
    )
    #expect(findings.queryCount == 1)
  }

  @Test(arguments: [
    ("{__name__=~\"lo.*\"}", "loss load_seconds"), ("{__name__=\"loss\"}", "loss"),
    (
      "sum by (run) ({__name__=~\"(step|save)s?_(total|seconds_sum)\", run=\"a\"})",
      "steps_total step_seconds save_seconds"
    ),
    ("{__name__=~\".*loss\", __name__!~\"old.*\"}", "loss"), ("{__name__=~\"$metric\"}", ""),
    ("{__name__!~\"loss\", run=\"a\"}", ""),
    (
      "{__name__=~\"(?i)x\"}",
      "loss gpu_utilization_ratio steps_total step_seconds load_seconds save_seconds model_info phase old_loss"
    ),
    ("label_values(loss, run)", "loss"), ("label_values(step_seconds_count{run=\"a\"}, run)", "step_seconds"),
  ])
  func metricsAreLookedAtByAnExpressionForTheirNames(query: String, names: String) throws {
    let text = query.replacing("\"", with: "\\\"")
    let key = query.hasPrefix("label_values") ? "query" : "expr"
    let file = QueryFile(SourceFile(path: "d.json", bytes: Array("{\"\(key)\": \"\(text)\"}".utf8)))
    let catalog = try catalog()
    let unused = QueryChecks.check([file], against: [catalog], .init()).unused
    #expect(catalog.metrics.map(\.name).filter { !unused.contains($0) } == names.split(separator: " ").map(String.init))
  }

  @Test(arguments: [
    ("val.*", "val", true), ("val.*", "train", false), ("(?:a|b)+c?", "abab", true), ("[a-c]{2,3}", "abca", false),
    ("[^a-c]\\d+", "x12", true), ("\\w+\\.csv", "a.csv", true), ("a|", "", true), ("^a$", "a", true),
    ("(a*)*", "aaab", false), ("a.b", "a\nb", true),
  ])
  func expressionsMatchWholeValues(expression: String, value: String, isMatching: Bool) throws {
    let expression = try #require(ValueExpression(expression))
    #expect(expression.matches(value) == isMatching)
  }

  @Test(arguments: ["(?i)a", "\\pL", "a{1", "[[:alpha:]]", "(", "a)", "*"]) func othersAreNotJudged(text: String) {
    #expect(ValueExpression(text) == nil)
  }

  @Test func aHostileExpressionTakesNoTime() throws {
    let expression = try #require(ValueExpression("(a+)+(a+)+(a+)+b"))
    #expect(!expression.matches(String(repeating: "a", count: 60)))
    let stars = String(repeating: "(", count: 40) + "a" + String(repeating: "*)", count: 40)
    #expect(try !#require(ValueExpression(stars)).matches("aaab"))
    let nested = "(((a*){100}){100}){100}"
    #expect(try #require(ValueExpression(nested)).matches("aaab"), "it is not judged")
  }
}

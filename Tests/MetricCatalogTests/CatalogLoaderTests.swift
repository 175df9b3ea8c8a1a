import Foundation
import LogFormats
import MetricCatalog
import MetricModel
import PatternSyntax
import Testing

struct CatalogLoaderTests {
  @Test func theDesignsExample() throws {
    let loading = load(try fixture("design.yaml"))
    // `{task}` is no label in it, which is worth a warning.
    #expect(summary(loading) == ["37:12 watcher/capture-unused"], "\(render(loading))")
    let catalog = try #require(loading.catalog)
    #expect(catalog.metrics.map(\.name).first == "training_loss")
    #expect(catalog.limits.registry == RegistryLimits(series: 100_000, seriesPerMetric: 10_000))
    let duration = try #require(catalog.metrics.first { $0.name == "training_duration_seconds" })
    #expect(duration.buckets == [60, 300, 600, 1800, 3600, 7200])
    #expect(duration.unit == "seconds")
    let epoch = LabelDescriptor(name: "epoch", allowed: .range(0...9999), maxValues: 100, evictsOldest: true)
    #expect(catalog.metrics.flatMap(\.labels).contains(epoch) == false)

    let watcher = try #require(catalog.watchers.first)
    #expect(watcher.format == LogFormat("csv"))
    #expect(watcher.eachRecord.map(\.from) == [.count])
    let model = LabelText(parts: [.literal("yolo11n")])
    let run = LabelText(parts: [.pathCapture("run")])
    #expect(watcher.fields[0].targets[0].labels == [model, run, LabelText(parts: [.fieldCapture("component")])])
    #expect(watcher.fields[1].targets[0].labels == [model, run, LabelText(parts: [.literal("0.5")])])
    #expect(watcher.fields[3].targets[0].from == .runningTotal)
    #expect(catalog.collectors.map(\.name) == ["system"])
    #expect(catalog.collectors[0].readings[0].targets[0].labels == [])
  }

  /// Every key of the language, once, with what it becomes.
  @Test func everyKey() throws {
    let loading = load(try fixture("every-key.yaml"))
    #expect(loading.diagnostics.isEmpty, "\(render(loading))")
    let catalog = try #require(loading.catalog)
    #expect(catalog.limits.lineBytes == 1_048_576)
    #expect(catalog.state.path == "state/metrics.state")
    #expect(catalog.state.interval == .milliseconds(500))

    let latency = try #require(catalog.metrics.first { $0.name == "latency_seconds" })
    #expect(latency.maxSeries == 500)
    #expect(latency.expireAfter == .seconds(14 * 86_400))
    #expect(latency.deprecated == "use step_seconds")
    #expect(latency.buckets == [0.5, 1, 1.5])
    #expect(latency.nativeHistogram == MetricDescriptor.NativeHistogram(factor: 1.1, maxBuckets: 80))
    #expect(latency.exposesCreated && catalog.metrics.count(where: \.exposesCreated) == 1)
    #expect(catalog.metrics.first { $0.name == "size_bytes" }?.buckets == [1, 4, 16])
    let summary = try #require(catalog.metrics.first { $0.name == "step_seconds" })
    #expect(summary.quantiles == [0.5, 0.99] && summary.window == 200)
    #expect(catalog.metrics.first { $0.type == .info }?.constant == [.init(name: "version", value: "1.0.0")])
    #expect(catalog.metrics.first { $0.type == .stateset }?.states == ["running", "012"])
    let head = try #require(latency.labels.first { $0.name == "head" })
    #expect(head.allowed == .list(["no", "0.50", "012"]))
    #expect(head.otherwise == "no" && head.named == ["B": "0.50"])
    #expect(latency.labels.last?.allowed == .range(-5...5))

    let csv = catalog.watchers[0]
    #expect(
      csv.format.options == [
        "separator": .text("\t"), "columns": .fieldNames(["epoch", "t", "kind"]), "comment": .text("#"),
      ]
    )
    #expect(
      csv.files.map(\.source) == ["a/{run}/x.csv", "b/{run}/**/*.csv"] && csv.exclude.map(\.source) == ["**/tmp"]
    )
    #expect(csv.ignoreOlder == .seconds(86_400) && csv.expireAfter == .seconds(7200))
    #expect(csv.naValues == ["-"] && csv.decimal == "," && csv.thousands == ".")
    #expect(
      csv.conditions == [
        Condition(field: "epoch", test: .present), Condition(field: "t", test: .absent),
        Condition(field: "kind", test: .oneOf(["train", "7"])),
      ]
    )
    let target = try #require(csv.fields.first?.targets.first)
    #expect(target.scale == 0.001 && target.offset == -1)
    #expect(
      target.exemplar == [.init(name: "epoch", text: LabelText(parts: [.literal("e"), .field("epoch")]))]
    )
    #expect(csv.fields[0].targets.count == 2)

    let formats = catalog.watchers.map(\.format.name)
    #expect(
      formats == ["csv", "json", "text", "text", "jsonl", "pydict", "yaml", "csv", "yaml", "tensorboard", "events"]
    )
    #expect(catalog.watchers.map { $0.run != nil } == formats.indices.map { $0 == 7 || $0 == 8 })
    let run = try #require(catalog.watchers[7].run)
    let name = LabelText(parts: [.pathCapture("task"), .literal("-"), .pathCapture("r")])
    #expect(run.labels.map(\.name) == ["run"] && run.labels.map(\.text) == [name])
    #expect(run.step == ["global_step", "step"] && run.epoch == ["epoch"])
    #expect(run.steps == .field("max_steps") && run.epochs == .count(100))
    #expect(run.loss == "train/box_loss" && run.score == "metrics/mAP50-95(B)" && run.better == .lower)
    #expect(run.time == "date" && run.failed == [Condition(field: "event", test: .oneOf(["crashed"]))])
    #expect(
      run.finished == [
        Condition(field: "event", test: .oneOf(["end", "done"])), Condition(field: "epoch", test: .present),
      ]
    )
    #expect(run.processes.map { $0.commandLine?.source } == ["train.py --name {run}", nil, nil])
    #expect(run.processes[1].name?.source == "python3" && run.processes[1].environment.map(\.name) == ["RUN"])
    #expect(run.processes[2].users == ["trainer"] && run.processes[2].labels.map(\.value) == ["a-b"])
    let settings = Watcher.Run(
      labels: [.init(descriptor: run.labels[0].descriptor, text: LabelText(parts: [.pathCapture("run")]))],
      epochs: .field("epochs")
    )
    #expect(catalog.watchers[8].run == settings)
    #expect(catalog.watchers[1].format.options == ["records": .text("log_history"), "orient": .text("records")])
    #expect(Array(catalog.watchers[2].format.options.keys) == ["lines"])
    let lines = try #require(catalog.watchers[2].format.lines("lines"))
    #expect(lines.map(\.line.source) == ["epoch {epoch} of {_}: loss {loss} in {state}", "done"])
    #expect(lines[0].numericCaptures == ["loss"])
    #expect(lines[1].set == [.init(field: "state", text: "running")])
    let pairs = try Pattern(parsing: "{key}:{value}")
    #expect(catalog.watchers[3].format.options == ["pairs": .pattern(pairs), "between": .text(", ")])
    #expect(catalog.collectors.map(\.timeout) == [.seconds(5), .seconds(2), .seconds(5), .seconds(5)])
  }

  /// Which captures of a line have to be numbers: those whose field feeds a value, by the precedence of `fields:`.
  @Test func numericCaptures() throws {
    let loading = load(
      """
      version: 1
      labels: { part: { values: [box] } }
      metrics:
        loss: { type: gauge, help: h, labels: [part] }
        seen_total: { type: counter, help: h }
        phase: { type: stateset, help: h, states: [a] }
      watchers:
        w:
          files: f
          format: text
          lines: ["{box_loss} {cls_loss} {n} {phase} {rest}"]
          fields:
            "{part}_loss": loss
            n: { metric: seen_total, from: count }
            phase: phase
      """
    )
    #expect(loading.diagnostics.isEmpty, "\(render(loading))")
    let lines = try #require(loading.catalog?.watchers.first?.format.lines("lines"))
    #expect(lines.map(\.numericCaptures) == [["box_loss"]])
  }

  /// Where a label's value comes from: the target, the field, the watcher, the path, in this order.
  @Test func precedenceOfLabelSources() throws {
    let loading = load(
      """
      version: 1
      labels: { a: { max_values: 5 }, b: { max_values: 5 } }
      metrics: { m: { type: gauge, help: h, labels: [b, a] } }
      watchers:
        w:
          files: "{a}/{b}/{c}"
          format: csv
          labels: { b: "w{c}" }
          fields:
            "1{a}": m
            "2{a}-{b}": m
            "3{c}": m{a="{c}{a}{.x}{{"}
      """
    )
    // The watcher's own `b` hides the path's.
    #expect(summary(loading) == ["6:12 watcher/capture-unused"], "\(render(loading))")
    let texts = try #require(loading.catalog).watchers[0].fields.map { $0.targets[0].labels.map { $0?.parts } }
    #expect(
      texts == [
        [[.literal("w"), .pathCapture("c")], [.fieldCapture("a")]], [[.fieldCapture("b")], [.fieldCapture("a")]],
        [
          [.literal("w"), .fieldCapture("c")],
          [.fieldCapture("c"), .pathCapture("a"), .field("x"), .literal("{")],
        ],
      ]
    )
  }

  /// A mistake is told once: what refers to a broken declaration is not wrong too.
  @Test(arguments: [
    ("labels: { run: 5 }\nmetrics: { m: { type: gauge, help: h, labels: [run] } }", ["2:16 value/type"]),
    ("metrics: { m: { type: gage, help: h, buckets: [1] } }", ["2:23 value/choice"]),
    (
      "metrics: { m: 3 }\nwatchers: { w: { files: '{run}', format: csv, fields: { x: 'm{a=\"b\"}' } } }",
      ["2:15 value/type"]
    ),
    (
      "metrics: { m: { type: gauge, help: h, labels: [rnu] } }\n"
        + "watchers: { w: { files: a, format: csv, fields: { x: m } } }", ["2:48 label/undeclared"]
    ),
    (
      "labels: { a: { max_values: 1 } }\nmetrics: { m: { type: gauge, help: h, labels: [a] } }\n"
        + "watchers: { w: { files: '{a', format: csv, fields: { x: m } } }", ["4:26 pattern/syntax"]
    ),
    (
      "labels: { a: { max_values: 1 } }\nmetrics: { m: { type: gauge, help: h, labels: [a] } }\n"
        + "watchers: { w: { files: x, format: csv, labels: { a: {run} }, fields: { x: m } } }", ["4:54 value/type"]
    ),
    ("metrics: { m: { <<: 3, help: h } }", ["2:17 yaml/merge-key"]),
    ("metrics: { m: { type: gauge, help: h, bucket: [1] } }", ["2:39 key/unknown"]),
    ("metrics: { m: { type: stateset, help: h, state: [a] } }", ["2:42 key/unknown"]),
    (
      "labels: { a: { max_values: 1 } }\nmetrics: { m: { type: gauge, help: h, labels: [a] }, n: { type: gauge, help: h } }\n"
        + "watchers: { w: { files: '{a}', format: csv, fields: { x: n, y: { metric: m, from: gues } } } }",
      ["4:83 value/choice"]
    ),
    ("metrics: { m: { tpye: gauge, help: h } }", ["2:17 key/unknown"]),
    ("lables: { a: { max_values: 1 } }\nmetrics: { m: { type: gauge, help: h, labels: [a] } }", ["2:1 key/unknown"]),
    ("labels: { a: { vlaues: [x] } }\nmetrics: { m: { type: gauge, help: h, labels: [a] } }", ["2:16 key/unknown"]),
    (
      "labels: { a: { values: [x] } }\nmetrics: { m: { type: gauge, help: h, lables: [a] } }\n"
        + "watchers: { w: { files: '{a}', format: csv, fields: { x: 'm{a=\"x\"}' } } }", ["3:39 key/unknown"]
    ),
    (
      "labels: { a: { values: [x] } }\nmetrics: { m: { type: gauge, help: h, labels: [a] } }\n"
        + "watchers: { w: { files: f, format: csv, lables: { a: x }, fields: { x: m } } }", ["4:41 key/unknown"]
    ),
    ("watchers: { w: { files: f, format: csv, separator: blank } }", ["2:52 watcher/format-value"]),
    ("watchers: { w: { files: f, format: csb, separator: ';' } }", ["2:36 value/choice"]),
    ("metrics: { a: { type: gauge, type: counter, help: h } }", ["2:30 yaml/duplicate-key"]),
    (
      "x: &l [zz, zz]\nmetrics: { a: { type: gauge, help: h, labels: *l } }",
      ["2:1 key/unknown", "2:8 label/undeclared", "2:12 label/duplicate", "2:12 label/undeclared"]
    ),
  ])
  func noCascades(text: String, expected: [String]) {
    let loading = load("version: 1\n" + text)
    #expect(summary(loading) == expected, "\(render(loading))")
  }

  /// What decoding reports, each at its place.
  @Test(arguments: [
    ("metrics: {}", "1:1 key/missing"), ("version: 2", "1:10 catalog/version"), ("version: '1'", "1:10 value/type"),
    ("[1]", "1:1 value/type"), ("version: 1\nlables: {}", "2:1 key/unknown"),
    ("version: 1\ninclude: a", "2:1 key/unknown"),
    ("version: 1\nlimits: { series: 0 }", "2:19 value/bounds"),
    ("version: 1\nlimits: { series: 1.5 }", "2:19 value/type"),
    ("version: 1\nlimits: { series: 99999999999999999999 }", "2:19 value/bounds"),
    ("version: 1\nlabels: { a: { values: 9..1 } }", "2:24 label/range"),
    ("version: 1\nlabels: { a: { values: 1... } }", "2:24 label/range"),
    ("version: 1\nlabels: { a: { values: [x, [y]] } }", "2:28 value/type"),
    ("version: 1\nlabels: { a: { max_values: 3, evict: newest } }", "2:38 value/choice"),
    ("version: 1\nmetrics: { a: { type: gauge, help: } }", "2:30 value/type"),
    ("version: 1\nmetrics:\n  a:\n    type: gauge", "3:3 key/missing"),
    ("version: 1\nmetrics: { a: { type: gauge, help: h, expire_after: 5 } }", "2:53 value/duration"),
    ("version: 1\nmetrics: { a: { type: gauge, help: h, expire_after: 0s } }", "2:53 value/bounds"),
    ("version: 1\nstate: { interval: 99999999999999999999999d }", "2:20 value/bounds"),
    ("version: 1\ncollectors: { systm: {} }", "2:15 collector/unknown"),
    ("version: 1\nwatchers: { w: { files: \"a\\0b\", format: csv } }", "2:25 value/type"),
    ("version: 1\nwatchers: { '': { files: a, format: csv } }", "2:13 value/type"),
    ("version: 1\ncollectors: { process: { match: x, sample: 1s } }", "2:36 key/unknown"),
    ("version: 1\ncollectors: { process: }", "2:15 value/type"),
    ("version: 1\ncollectors: { process: { match: [{ labels: { a: b } }] } }", "2:34 key/missing"),
    ("version: 1\ncollectors: { system: { interval: 1ms } }", "2:35 value/bounds"),
    (
      "version: 1\nmetrics: { a: { type: gauge, help: h } }\ncollectors: { system: { readings: { disk.read_bytes: 'a{' } } }",
      "3:56 target/syntax"
    ),
    (
      "version: 1\nmetrics: { a: { type: gauge, help: h } }\ncollectors: { system: { readings: { disk.read_bytes: 'a{b=c}' } } }",
      "3:59 target/syntax"
    ),
    (
      "version: 1\nmetrics: { a: { type: gauge, help: h } }\ncollectors: { system: { readings: { disk.read_bytes: 'a b' } } }",
      "3:57 target/syntax"
    ),
    ("version: 1\ncollectors: { system: { readings: { disk.read_bytes: { from: value } } } }", "2:54 key/missing"),
  ])
  func decoding(text: String, expected: String) {
    let loading = load(text)
    #expect(summary(loading) == [expected], "\(render(loading))")
    #expect(loading.catalog == nil)
  }

  /// The examples that users copy.
  @Test func theDocumentationsExample() throws {
    let page = try String(contentsOf: repository.appending(path: "docs/catalog.md"), encoding: .utf8)
    let example = try #require(page.split(separator: "```yaml\n").dropFirst().first?.split(separator: "```").first)
    let loading = load(String(example))
    #expect(loading.catalog != nil && loading.diagnostics.isEmpty, "\(render(loading))")
  }

  @Test func emptySectionsAreNoMistake() {
    #expect(load("version: 1\nlabels:\nmetrics:\nwatchers: {}\ncollectors:\n  system:\n").diagnostics.isEmpty)
  }
}

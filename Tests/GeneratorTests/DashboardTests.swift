import Diagnostics
import ExporterKit
import Foundation
import Generators
import MetricCatalog
import Queries
import Testing

/// What the dashboards that are made look like. `EndToEndTests` asks their queries.
@Suite struct DashboardTests {
  private struct Panel {
    var id: Int
    var type: String
    var title: String
    var place: (x: Int, y: Int, width: Int, height: Int)
    var queries: [String]
    var legends: [String]
    /// The *Min step* of those queries that have one.
    var steps: [String]
    var about: String
    /// What its legend tells of each curve.
    var calculations: [String]
    var isLogarithmic: Bool
  }

  private func panels(_ catalog: Catalog) throws -> [Panel] {
    let text = try generate("dashboard", catalog)
    let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    return try #require(root["panels"] as? [[String: Any]]).map { panel in
      let place = try #require(panel["gridPos"] as? [String: Int])
      let targets = panel["targets"] as? [[String: Any]] ?? []
      let defaults = (panel["fieldConfig"] as? [String: Any])?["defaults"] as? [String: Any]
      let scale = (defaults?["custom"] as? [String: Any])?["scaleDistribution"] as? [String: Any]
      return Panel(
        id: try #require(panel["id"] as? Int),
        type: try #require(panel["type"] as? String),
        title: try #require(panel["title"] as? String),
        place: (place["x"] ?? -1, place["y"] ?? -1, place["w"] ?? -1, place["h"] ?? -1),
        queries: targets.compactMap { $0["expr"] as? String },
        legends: targets.compactMap { $0["legendFormat"] as? String },
        steps: targets.compactMap { $0["interval"] as? String },
        about: panel["description"] as? String ?? "",
        calculations: ((panel["options"] as? [String: Any])?["legend"] as? [String: Any])?["calcs"] as? [String] ?? [],
        isLogarithmic: scale?["type"] as? String == "log"
      )
    }
  }

  /// Each metric is on some panel, panels lie beside each other, and each has a number of its own.
  @Test(arguments: shippedCatalogs)
  func everyMetricHasItsPlace(path: String) throws {
    let catalog = try load(path)
    let panels = try panels(catalog)
    let queries = panels.flatMap(\.queries)
    for metric in catalog.metrics {
      let name = try Regex("\\b\(metric.name)(_bucket|_sum|_count)?\\{")
      #expect(queries.contains { $0.contains(name) }, "no panel has \(metric.name)")
    }
    #expect(Set(panels.map(\.id)).count == panels.count)
    var taken: Set<[Int]> = []
    for panel in panels {
      #expect(panel.type == "row" || !panel.queries.isEmpty)
      for x in panel.place.x..<panel.place.x + panel.place.width {
        for y in panel.place.y..<panel.place.y + panel.place.height {
          #expect(x < 24 && taken.insert([x, y]).inserted, "\(panel.title) lies on another panel")
        }
      }
    }
  }

  /// What is not above 0 has no place on a logarithmic axis: no example has such values on one.
  @Test(arguments: shippedCatalogs)
  func nothingIsMissingOnLogarithmicAxes(path: String) throws {
    let exposition = repository.appending(path: path).deletingLastPathComponent().appending(path: "expected.metrics")
    guard let text = try? String(contentsOf: exposition, encoding: .utf8) else { return }
    for panel in try panels(load(path)) where panel.isLogarithmic {
      for query in panel.queries {
        let metric = query.prefix { $0 != "{" }
        for line in text.split(separator: "\n") where line.hasPrefix("\(metric){") || line.hasPrefix("\(metric) ") {
          let value = try #require(line.split(separator: " ").last.flatMap { Double($0) })
          #expect(value > 0 || value.isNaN, "\(panel.title): \(line)")
        }
      }
    }
  }

  /// A metric more leaves the numbers of all other panels alone.
  @Test func anotherMetricMakesASmallDifference() throws {
    let before = """
      labels: { run: { max_values: 9 } }
      metrics:
        training_loss: { type: gauge, help: Loss, labels: [run] }
        learning_rate: { type: gauge, help: Learning rate, labels: [run] }
      """
    let rest = """
      watchers: { w: { files: "{run}/x.csv", format: csv, run: {}, fields: { loss: training_loss, lr: learning_rate MORE } } }
      """
    let one = try panels(loadText(before + "\n" + rest.replacing("MORE", with: "")))
    let more = "\n  accuracy_ratio: { type: gauge, help: Accuracy, labels: [run] }\n"
    let two = try panels(loadText(before + more + rest.replacing("MORE", with: ", a: accuracy_ratio")))
    #expect(Set(two.map(\.id)).isSuperset(of: one.map(\.id)))
    #expect(two.count == one.count + 1)
  }

  @Test func eachTypeIsShownAsWhatItIs() throws {
    let catalog = try loadText(
      """
      labels: { run: { max_values: 9 }, job: { max_values: 9 }, kind: { values: [a, b] } }
      metrics:
        phase: { type: stateset, help: Phase, labels: [run], states: [warm, cold] }
        settings_info: { type: info, help: Settings, labels: [run, kind] }
        size_bytes: { type: summary, help: Size, labels: [run], quantiles: [0.5] }
        wait_seconds: { type: histogram, help: Wait, labels: [run], native: { factor: 1.1 } }
        pace_seconds: { type: summary, help: Pace, labels: [job] }
        tokens_total: { type: counter, help: Tokens, labels: [run] }
        validation_loss: { type: gauge, help: Validation loss, labels: [run, kind] }
        training_loss: { type: gauge, help: Training loss, labels: [run] }
        old_loss: { type: gauge, help: Old, labels: [run], deprecated: gone }
        policy_loss: { type: gauge, help: Loss of the policy, labels: [run] }
        saved_timestamp_seconds: { type: gauge, help: When it was saved, labels: [run] }
        events_total: { type: counter, help: Events }
      watchers:
        w:
          files: "{run}/x.csv"
          format: csv
          run: {}
          labels: { kind: a, job: "{.job}" }
          fields:
            phase: phase
            settings: { metric: settings_info, from: value }
            size: size_bytes
            wait: wait_seconds
            pace: pace_seconds
            tokens: tokens_total
            vloss: validation_loss
            loss: [training_loss, old_loss]
            ploss: policy_loss
            saved: saved_timestamp_seconds
      """
    )
    let panels = try panels(catalog)
    func panel(_ title: String) throws -> Panel { try #require(panels.first { $0.title == title }, "\(title)") }
    let chosen = #"job=~"$job", instance=~"$instance""#
    let runs = chosen + #", run=~"$run""#
    #expect(try panel("Phase").type == "state-timeline")
    #expect(
      try panel("Phase").queries == [
        "max by (run) (phase{\(runs), phase=\"warm\"} == 1) * 1\nor max by (run) (phase{\(runs), phase=\"cold\"} == 1) * 2"
      ]
    )
    #expect(try panel("Settings").type == "table")
    #expect(try panel("Size").queries == ["size_bytes{\(runs)}"])
    #expect(try panel("Size").legends == ["{{run}} {{quantile}}"])
    let wait = try panel("Wait").queries
    #expect(wait[0] == "histogram_quantile(0.5, sum by (run) (rate(wait_seconds{\(runs)}[$__rate_interval])))")
    // It has no label of a run, and Prometheus renames its `job`.
    #expect(try panel("Pace").legends == ["{{instance}} {{exported_job}} mean"])
    #expect(try panel("Tokens, per second").queries == ["rate(tokens_total{\(runs)}[$__rate_interval])"])
    // Both losses share a panel; `kind` is the same for all series and is not shown.
    #expect(try panel("Loss").legends == ["validation {{run}}", "training {{run}}"])
    // With a policy, losses may be below 0.
    #expect(try !panel("Loss").isLogarithmic)
    #expect(try panel("When it was saved (how long ago)").queries == ["time() - saved_timestamp_seconds{\(runs)}"])
    #expect(!panels.contains { $0.queries.contains { $0.contains("old_loss") } })
    let rows = panels.filter { $0.type == "row" }.map(\.title)
    #expect(rows == ["Runs", "Curves", "Training", "W", "Programs", "Exporter"])
  }

  /// Grafana's `$__rate_interval` is four times the step of a query, and no other setting makes it longer.
  @Test func ratesOfWhatChangesSlowlyAreTakenOverMinutes() throws {
    let panels = try panels(
      loadText(
        """
        labels: { run: { max_values: 9 } }
        metrics:
          training_loss: { type: gauge, help: Loss, labels: [run] }
          tokens_total: { type: counter, help: Tokens, labels: [run] }
          epoch_seconds: { type: summary, help: Epoch, labels: [run] }
          requests_total: { type: counter, help: Requests }
        watchers:
          w: { files: "{run}/x.csv", format: csv, run: {}, fields: { l: training_loss, t: tokens_total, e: epoch_seconds } }
          v: { files: y.csv, format: csv, fields: { r: requests_total } }
        """
      )
    )
    let steps = Dictionary(panels.map { ($0.title, $0.steps) }) { first, _ in first }
    #expect(steps["Tokens, per second"] == ["2m"] && steps["Epoch"] == ["2m"])
    #expect(steps["Loss"] == [] && steps["Requests, per second"] == [])
  }

  /// Trainings on two machines that have one name, such as `version_0`, or none, are two runs.
  @Test func runsOfTwoExportersAreNotMixed() throws {
    let watcher = """
      run: { checkpoints: "*.pt" }, fields: { l: training_loss } } }
      metrics: { training_loss: { type: gauge, help: Loss LABELS } }
      """
    let named = "labels: { run: { max_values: 9 } }\nwatchers: { w: { files: '{run}/x.csv', format: csv, " + watcher
    let bare = "watchers: { w: { files: x.csv, format: csv, " + watcher
    for (text, by, legend) in [
      (named.replacing("LABELS", with: ", labels: [run]"), "instance, run", "{{run}}"),
      (bare.replacing("LABELS", with: ""), "instance", "{{instance}}"),
    ] {
      let all = try panels(loadText(text))
      let rows = all.enumerated().filter { $0.element.type == "row" }
      #expect(rows[0].element.title == "Runs")
      let ofRuns = all[1..<rows[1].offset]
      #expect(ofRuns.count > 5)
      for panel in ofRuns {
        for query in panel.queries {
          #expect(query.matches(of: /\b(max|sum) by \((.*?)\)/).allSatisfy { $0.2.hasPrefix(by) }, "\(query)")
        }
        #expect(panel.legends.allSatisfy { $0.hasPrefix(legend) }, "\(panel.legends)")
      }
      let age = try #require(ofRuns.first { $0.title == "Age of the newest checkpoint" }?.queries.first)
      #expect(age.contains("\nunless max by (\(by)) (training_exporter_run_end_timestamp_seconds{"))
    }
  }

  @Test func theLegendTellsTheBestValue() throws {
    let names = ["training_loss", "validation_wer", "accuracy_ratio", "learning_rate"]
    let metrics = names.map { "  \($0): { type: gauge, help: \($0), labels: [run] }\n" }.joined()
    let fields = names.map { "\($0): \($0)" }.joined(separator: ", ")
    let panels = try panels(
      loadText(
        """
        labels: { run: { max_values: 9 } }
        metrics:
        \(metrics)
        watchers: { w: { files: "{run}/x.csv", format: csv, run: {}, fields: { \(fields) } } }
        """
      )
    )
    let best = names.map { name in panels.first { $0.title == name }?.calculations.last }
    #expect(best == ["min", "min", "max", "lastNotNull"])
  }

  /// One that logs and the machine feed has a label for either.
  @Test func aLegendHasTheLabelsThatDifferInAllThatFeedsAMetric() throws {
    let panels = try panels(
      loadText(
        """
        labels: { kind: { values: [log, swap] } }
        metrics: { size_bytes: { type: gauge, help: Size, labels: [kind] } }
        watchers: { w: { files: x.csv, format: csv, labels: { kind: log }, fields: { s: size_bytes } } }
        collectors: { system: { readings: { swap.used_bytes: 'size_bytes{kind="swap"}' } } }
        """
      )
    )
    #expect(panels.filter { $0.title == "Size" }.map(\.legends) == [["{{instance}} {{kind}}"]])
  }

  /// Whatever the catalog calls the labels.
  @Test func aGPUWithANumberHasNoOtherName() throws {
    let panels = try panels(
      loadText(
        """
        labels: { gpu: { values: 0..7 }, card: { max_values: 9 }, job: { max_values: 9 } }
        metrics:
          gpu_watts: { type: gauge, help: Power, labels: [gpu, card] }
          card_celsius: { type: gauge, help: Temperature, labels: [card, job] }
        collectors:
          nvml:
            readings:
              power.usage_watts: { metric: gpu_watts, labels: { gpu: "{.device_id}", card: "{.uuid}" } }
              temperature.gpu_celsius: { metric: card_celsius, labels: { card: "{.uuid}", job: "{.name}" } }
        """
      )
    )
    let legends = panels.filter { ["Power", "Temperature"].contains($0.title) }.map(\.legends)
    #expect(legends == [["{{instance}} {{gpu}}"], ["{{instance}} {{card}} {{exported_job}}"]])
  }

  /// `validate --dashboards` has nothing to say of what is odd, or of what is much.
  @Test func ourOwnChecksFindNothing() throws {
    let odd = try loadText(
      """
      labels:
        run: { max_values: 9 }
        exp: { max_values: 9 }
        job: { max_values: 9 }
        datasource: { max_values: 9 }
        metric: { max_values: 9 }
        kind: { values: [used, total, 'a"b', "$run"], otherwise: used }
        gpu: { values: 0..7 }
      metrics:
        "ns:train:loss": { type: gauge, help: "Loss", labels: [run, kind] }
        both_bytes: { type: gauge, help: "Both, 100 % {{ .x }}", labels: [kind] }
        gpu_memory_bytes: { type: gauge, help: Memory, labels: [gpu, kind] }
        gpu_busy_percent: { type: gauge, help: Busy, labels: [gpu] }
        only: { type: stateset, help: Only, labels: [run, job], states: ['$job"'] }
        many: { type: stateset, help: Many, labels: [run], states: [\((1...30).map { "s\($0)" }.joined(separator: ", "))] }
        constant_info: { type: info, help: Constant, labels: [kind] }
        wait_seconds: { type: histogram, help: Wait, labels: [run, metric], buckets: [1], native: { factor: 1.1 } }
        size_bytes: { type: summary, help: Size, labels: [metric] }
      watchers:
        a:
          files: "a/{datasource}/{run}/x.csv"
          format: csv
          run: {}
          labels: { job: "{.job}", kind: used, metric: m }
          fields: { l: "ns:train:loss", o: only, m: many, w: wait_seconds }
        b: { files: "b/{exp}/{run}/x.csv", format: csv, run: {}, labels: { kind: total }, fields: { l: "ns:train:loss" } }
        c:
          files: "c/{run}.csv"
          format: csv
          labels: { kind: "{.k}", metric: "{.m}" }
          fields: { l: "ns:train:loss", b: both_bytes, c: { metric: constant_info, from: value }, s: size_bytes }
      collectors:
        system: { readings: { swap.used_bytes: 'both_bytes{kind="total"}' } }
        nvml:
          readings:
            "memory.{kind}_bytes": { metric: gpu_memory_bytes, labels: { gpu: "{.device_id}" } }
            utilization.gpu_ratio: { metric: gpu_busy_percent, scale: 100, labels: { gpu: "{.device_id}" } }
      """
    )
    let names = (1...300).map { "value_\($0)" }
    let much = try loadText(
      """
      metrics:
      \(names.map { "  \($0): { type: gauge, help: h }\n" }.joined())
      watchers:
        w: { files: x.csv, format: csv, fields: { \(names.map { "\($0): \($0)" }.joined(separator: ", ")) } }
      """
    )
    for (catalog, count) in [(odd, 30), (much, 300)] {
      for options in [Generator.Options(), .init(isForKubernetes: true)] {
        let text = try generate("dashboard", catalog, options)
        let name = options.isForKubernetes ? "dashboard.yaml" : "dashboard.json"
        let file = QueryFile(SourceFile(path: name, bytes: Array(text.utf8)))
        let findings = QueryChecks.check([file], against: [catalog], .init())
        #expect(findings.queryCount >= count)
        let messages = findings.files.flatMap(\.diagnostics).map(\.message)
        #expect(messages.isEmpty, "\(messages)")
      }
    }
  }

  /// Grafana fills in variables in titles, descriptions and queries, and takes descriptions for Markdown.
  @Test func textsOfTheCatalogStayAsTheyAre() throws {
    let catalog = try loadText(
      """
      labels: { run: { max_values: 9 } }
      metrics:
        a_loss: { type: gauge, help: "Costs $run, [[run]] and ${run:raw}: a*b_c <b> &lt;", labels: [run] }
        b_loss: { type: gauge, help: "Bell\\a", labels: [run] }
        phase: { type: stateset, help: "Phase: 100 %", labels: [run], states: ["$run", "[[run]]", "[a]", 'b"\\c'] }
      watchers:
        "v_$run": { files: "{run}/x.csv", format: csv, fields: { l: a_loss, b: b_loss, p: phase } }
      """
    )
    let panels = try panels(catalog)
    #expect(panels.first { $0.type == "row" }?.title == "V run")
    let loss = try #require(panels.first { $0.title == "a_loss" })
    #expect(loss.about == #"`a_loss`: Costs &#36;run, \[\[run\]\] and &#36;{run:raw}: a\*b\_c \<b\> \&lt;"#)
    #expect(panels.contains { $0.title == "b_loss" })
    let phase = try #require(panels.first { $0.title == "Phase: 100 %" }?.queries.first)
    for state in [#""\x24run""#, #""\x5b[run]]""#, #""[a]""#, #""b\"\\c""#] {
      #expect(phase.contains("phase=\(state)}"), "\(state)")
    }
  }

  /// Two variables of one name are one for Grafana.
  @Test func aLabelOfRunsMayBeCalledLikeAVariable() throws {
    let text = try generate(
      "dashboard",
      loadText(
        """
        labels: { datasource: { max_values: 9 }, job: { max_values: 9 } }
        metrics: { training_loss: { type: gauge, help: Loss, labels: [job, datasource] } }
        watchers: { w: { files: "{job}/{datasource}/x.csv", format: csv, run: {}, fields: { l: training_loss } } }
        """
      )
    )
    let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let variables = try #require((root["templating"] as? [String: Any])?["list"] as? [[String: Any]])
    #expect(
      variables.compactMap { $0["name"] as? String }
        == ["datasource", "job", "instance", "label_datasource", "exported_job"]
    )
    #expect(text.contains(#"datasource=~\"$label_datasource\", exported_job=~\"$exported_job\"}"#), "\(text)")
  }

  /// Without anything in it, it is about the exporter.
  @Test func anEmptyCatalogHasTheExporter() throws {
    let rows = try panels(Catalog(path: "metrics.yaml")).filter { $0.type == "row" }
    #expect(rows.map(\.title) == ["Exporter"])
  }

  @Test func aTitleDecidesTheAddress() throws {
    let titles = [
      "Training": "training-exporter-training", "Ünïcode!": nil, String(repeating: "long ", count: 20): nil,
    ]
    for (title, expected) in titles {
      let text = try generate("dashboard", Catalog(path: "metrics.yaml"), .init(title: title))
      let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      let uid = try #require(root["uid"] as? String)
      #expect(root["title"] as? String == title && uid.utf8.count <= 40 && uid.wholeMatch(of: /[a-z0-9-]+/) != nil)
      if let expected { #expect(uid == expected) }
    }
  }

  @Test func aConfigMapHasTheSameDashboard() throws {
    let catalog = try load("metrics.yaml")
    let plain = try generate("dashboard", catalog)
    let map = try generate("dashboard", catalog, .init(isForKubernetes: true))
    #expect(map.hasPrefix("apiVersion: v1\nkind: ConfigMap\n"))
    #expect(map.contains("  labels:\n    grafana_dashboard: \"1\"\n"))
    let inner = try #require(map.firstRange(of: ".json: |-\n").map { map[$0.upperBound...] })
    // Nobody is asked for a data source there.
    let provisioned = plain.replacing(/\ {2}"__inputs": \[(\n\ {4}.*)*\n\ {2}\],\n/, with: "")
      .replacing("${DS_PROMETHEUS}", with: "default")
    #expect(inner == provisioned.split(separator: "\n").map { "    \($0)\n" }.joined())
    #expect(provisioned.count < plain.count - 100)
  }
}

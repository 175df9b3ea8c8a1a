import Diagnostics
import ExporterKit
import Foundation
import MetricCatalog
import Queries
import Testing

@testable import Generators

/// Rules that are generated: what they ask for, and that they are right for whoever takes them.
@Suite struct RulesTests {
  // MARK: What is shipped

  @Test(arguments: shippedCatalogs)
  func theRulesOfACatalogAreThoseThatAreMadeOfIt(path: String) throws {
    try expectGolden(generate("rules", load(path)), at: made(of: path, "prometheus/rules.yml"))
  }

  @Test func theReadmeShowsAnAlertAsItIs() throws {
    let readme = try text(at: "README.md")
    let shown = try #require(readme.firstMatch(of: /```yaml\n(- alert: (?:.|\n)*?)```/)?.1)
    let indented = shown.split(separator: "\n").map { "      \($0)\n" }.joined()
    #expect(try text(at: "examples/tensorboard/rules.yml").contains(indented), "\(shown)")
  }

  // MARK: Odd catalogs

  /// Has whatever an alert asks for.
  private static let everything = """
    labels:
      run: { max_values: 50 }
      device_id: { values: 0..7 }
      uuid: { max_values: 8 }
      policy: { max_values: 16 }
      error_type: { max_values: 2 }
      counter_type: { max_values: 2 }
      mountpoint: { max_values: 8 }
    metrics:
      training_loss: { type: gauge, help: h, labels: [run] }
      other_loss: { type: gauge, help: h, labels: [run] }
      gpu_up: { type: gauge, help: h, labels: [device_id, uuid] }
      gpu_throttle_seconds_total: { type: counter, help: h, labels: [device_id, policy] }
      gpu_xid_errors_total: { type: counter, help: h, labels: [device_id] }
      gpu_ecc_errors_total: { type: counter, help: h, labels: [device_id, error_type, counter_type] }
      gpu_remapped_rows_failure: { type: gauge, help: h, labels: [device_id] }
      gpu_memory_used_bytes: { type: gauge, help: h, labels: [device_id, uuid] }
      gpu_memory_total_bytes: { type: gauge, help: h, labels: [device_id] }
      gpu_utilization_ratio: { type: gauge, help: h, labels: [device_id] }
      host_memory_available_bytes: { type: gauge, help: h }
      host_memory_total_bytes: { type: gauge, help: h }
      host_oom_kills_total: { type: counter, help: h }
      host_file_system_available_bytes: { type: gauge, help: h, labels: [mountpoint] }
      host_file_system_size_bytes: { type: gauge, help: h, labels: [mountpoint] }
      host_shared_memory_used_bytes: { type: gauge, help: h }
      host_shared_memory_size_bytes: { type: gauge, help: h }
      container_memory_working_set_bytes: { type: gauge, help: h }
      container_memory_limit_bytes: { type: gauge, help: h }
      container_oom_kills_total: { type: counter, help: h }
    watchers:
      rows:
        files: "runs/{run}/rows.csv"
        format: csv
        run: { process: "train.py --run {run}", checkpoints: "runs/{run}/*.pt" }
        fields: { loss: training_loss }
      others: { files: "others/{run}/rows.csv", format: csv, fields: { loss: other_loss } }
    collectors:
      nvml:
        readings:
          gpu.up: gpu_up
          throttle.seconds: gpu_throttle_seconds_total
          xid.errors: gpu_xid_errors_total
          ecc.errors: gpu_ecc_errors_total
          remapped_rows.failure: gpu_remapped_rows_failure
          memory.used_bytes: gpu_memory_used_bytes
          memory.total_bytes: gpu_memory_total_bytes
          utilization.gpu_ratio: gpu_utilization_ratio
      system:
        readings:
          memory.available_bytes: host_memory_available_bytes
          memory.total_bytes: host_memory_total_bytes
          memory.oom_kills: host_oom_kills_total
          file_system.available_bytes: host_file_system_available_bytes
          file_system.size_bytes: host_file_system_size_bytes
          shared_memory.used_bytes: host_shared_memory_used_bytes
          shared_memory.size_bytes: host_shared_memory_size_bytes
      cgroup:
        readings:
          memory.working_set_bytes: container_memory_working_set_bytes
          memory.limit_bytes: container_memory_limit_bytes
          memory.events.oom_kill: container_oom_kills_total
    """

  /// Labels that Prometheus renames or that alerts have, names with colons, other units, runs that differ in their labels.
  private static let odd = """
    labels:
      job: { max_values: 5 }
      instance: { max_values: 5 }
      run: { max_values: 5 }
      kind: { values: [used, total, free] }
      why: { values: [hot, cold, other], otherwise: other, named: { hw_thermal_slowdown: hot, sw_thermal_slowdown: hot } }
      gpu: { values: 0..7 }
      metric: { max_values: 5 }
      severity: { max_values: 5 }
    metrics:
      "a:loss": { type: gauge, help: h, labels: [metric, severity] }
      gpu_bytes: { type: gauge, help: h, labels: [gpu, kind] }
      gpu_share_percent: { type: gauge, help: h, labels: [gpu] }
      gpu_busy_percent: { type: gauge, help: h, labels: [job] }
      gpu_throttled: { type: gauge, help: h, labels: [gpu, why] }
      xid_total: { type: counter, help: h, labels: [gpu, metric] }
      ecc_total: { type: counter, help: h, labels: [kind] }
      host_bytes: { type: gauge, help: h, labels: [kind] }
      host_kilobytes: { type: gauge, help: h }
      available_bytes: { type: gauge, help: h, labels: [run] }
      size_bytes: { type: gauge, help: h, labels: [instance, run] }
      container_percent: { type: gauge, help: h }
      kills_total: { type: counter, help: h, labels: [kind] }
      x: { type: gauge, help: h, labels: [job, run] }
      y: { type: gauge, help: h, labels: [instance] }
    watchers:
      "w.1|+":
        files: "a/{job}/{run}/x.csv"
        format: csv
        run: { process: "train {job} --name {run}", checkpoints: "a/{job}/{run}/*.pt" }
        fields: { x: x }
      w2: { files: "b/{instance}/x.csv", format: csv, run: {}, fields: { y: y } }
      "w(3)": { files: c.csv, format: csv, labels: { severity: "{.s}" }, fields: { "l{metric}": "a:loss" } }
      "w$4": { files: d.csv, format: csv, labels: { severity: "{.s}" }, fields: { "m{metric}": "a:loss" } }
    collectors:
      nvml:
        readings:
          memory.used_ratio: { metric: gpu_share_percent, scale: 100, labels: { gpu: "{.device_id}" } }
          "memory.{kind}_bytes": { metric: gpu_bytes, labels: { gpu: "{.device_id}" } }
          utilization.gpu_percent: { metric: gpu_busy_percent, labels: { job: "{.device_id}" } }
          throttle.active: { metric: gpu_throttled, labels: { gpu: "{.device_id}", why: "{.reason}" } }
          xid.errors_by_code: { metric: xid_total, labels: { gpu: "{.device_id}", metric: "{.xid}" } }
          ecc.errors: 'ecc_total{kind="used"}'
      system:
        readings:
          memory.available_bytes: 'host_bytes{kind="free"}'
          memory.total_bytes: { metric: host_kilobytes, scale: 0.001 }
          file_system.available_bytes: { metric: available_bytes, labels: { run: "{.mountpoint}" } }
          file_system.size_bytes: { metric: size_bytes, labels: { run: "{.mountpoint}", instance: "{.device}" } }
          memory.oom_kills: 'kills_total{kind="used"}'
      cgroup: { readings: { memory.limit_usage_ratio: { metric: container_percent, scale: 100 } } }
    """

  private static let withoutLabels = """
    metrics: { x: { type: gauge, help: h } }
    watchers: { w: { files: x.csv, format: csv, run: { process: train.py }, fields: { x: x } } }
    """

  private static let fedByPrograms = """
    labels: { step: { max_values: 5 } }
    metrics: { train_loss: { type: gauge, help: h, labels: [step] }, packet_loss_ratio: { type: gauge, help: h } }
    """

  private static let all: [(name: String, catalog: Catalog)] = {
    let texts = [
      "everything": everything, "odd": odd, "without-labels": withoutLabels, "fed-by-programs": fedByPrograms,
      "nothing": "metrics: {}",
    ]
    let shipped = shippedCatalogs.compactMap { path in
      (try? load(path)).map { (path.replacing("/", with: "-").replacing(".yaml", with: ""), $0) }
    }
    return shipped
      + texts.sorted { $0.key < $1.key }.compactMap { name, text in (try? loadText(text)).map { (name, $0) } }
  }()

  @Test func allCatalogsOfTheseTestsCanBeRead() { #expect(Self.all.count == shippedCatalogs.count + 5) }

  private func rules(_ text: String) throws -> RuleGroups { RuleGroups(try loadText(text), offeredCollectors) }

  private func expression(_ name: String, _ groups: RuleGroups) -> String? {
    groups.alerts.first { $0.name == name }?.expression.plain
  }

  @Test func labelsAndUnitsAreThoseOfThePlaceWhereTheyAreAskedFor() throws {
    let rules = try rules(Self.odd)
    let memory = #"sum without (kind) (host_bytes{kind="free"}) / host_kilobytes * 0.001 < 0.05"#
    #expect(expression("TrainingMemoryLow", rules) == memory)
    #expect(expression("TrainingGPUMemoryFull", rules) == "gpu_share_percent / 100 > 0.98")
    let room = "available_bytes / sum without (exported_instance) (size_bytes) < 0.05"
    #expect(expression("TrainingFileSystemFull", rules) == room)
    #expect(expression("TrainingGPUThrottled", rules) == #"gpu_throttled{why="hot"} > 0"#)
    #expect(expression("TrainingOutOfMemoryKill", rules) == #"increase(kills_total{kind="used"}[15m]) > 0"#)
    // What ECC has corrected is counted in it, too.
    #expect(expression("TrainingGPUMemoryErrors", rules) == nil)
    let stalled = try #require(rules.alerts.first { $0.name == "TrainingStalled" })
    #expect(stalled.summary.template.contains("{{ with $labels.exported_job }} {{ . }}{{ end }}"))
    let silent = try #require(expression("TrainingSilent", rules))
    #expect(silent.contains(#"{watcher=~"w\\(3\\)|w\\$4"}"#))
  }

  @Test func thereAreNoAlertsAboutWhatACatalogDoesNotHave() throws {
    #expect(try rules("metrics: {}").groups.map(\.name) == ["training-exporter"])
    let names = try Set(rules(Self.withoutLabels).alerts.map(\.name))
    #expect(names.isSuperset(of: ["TrainingStalled", "TrainingKilled", "TrainingDiverged", "TrainingLossHigh"]))
    #expect(names.isDisjoint(with: ["TrainingCheckpointOld", "TrainingSilent", "TrainingGPUIdle"]))
    let unmarked = "watchers: { w: { files: x.csv, format: csv, run: {}, fields: { x: x } } }"
    #expect(expression("TrainingKilled", try rules("metrics: { x: { type: gauge, help: h } }\n\(unmarked)")) == nil)
    let losses = try rules(Self.fedByPrograms)
    #expect(losses.alerts.filter { $0.name.hasPrefix("TrainingLoss") || $0.name == "TrainingDiverged" }.count == 2)
    #expect(losses.recorded.map(\.name) == ["series:train_loss:min1d"])
  }

  /// A reason that the collector gains is sorted here, too.
  @Test func whatSlowsAGPUDownIsHarmfulOrNot() throws {
    let nvml = try #require(offeredCollectors.first { $0.name == "nvml" })
    func names(_ label: String) throws -> Set<String> {
      let help = try #require(nvml.records.flatMap(\.labels).first { $0.name == label }?.help)
      return Set(help.matches(of: /`(\w+)`/).map { String($0.1) })
    }
    #expect(try names("reason") == Set(GPUAlerts.harmful + GPUAlerts.harmless))
    #expect(try names("policy") == Set(GPUAlerts.harmfulPolicies + GPUAlerts.harmlessPolicies))
    #expect(try names("error_type").contains("uncorrected") && names("counter_type").contains("volatile"))
  }

  // MARK: What holds for every alert

  @Test func everyAlertIsOneOfTheConventions() throws {
    for (name, catalog) in Self.all {
      let groups = RuleGroups(catalog, offeredCollectors)
      var seen: Set<String> = []
      for alert in groups.alerts {
        #expect(alert.name.wholeMatch(of: /Training([A-Z][a-z]*|GPU|XID)+/) != nil, "\(alert.name)")
        #expect(seen.insert(alert.name + "\(alert.labels)").inserted, "\(name): \(alert.name) is there twice")
        #expect(!alert.scenario.series.isEmpty, "\(alert.name)")
        // A mixin puts its own selector where series are selected, so that none may stand in a text.
        #expect(alert.expression.parts.contains { if case .series = $0 { true } else { false } }, "\(alert.name)")
        #expect(!alert.summary.template.contains("\n") && !alert.description.template.contains("\n"))
      }
      let settings = groups.alerts.flatMap { $0.expression.settings + [$0.hold].compactMap(\.self) }
      for setting in settings {
        #expect(setting.name.wholeMatch(of: /[a-z]+([A-Z][a-z]+)*/) != nil, "\(setting.name)")
        #expect(settings.allSatisfy { $0.name != setting.name || $0 == setting }, "\(setting.name) is two things")
      }
    }
  }

  /// `runbook_url` of an alert leads to its section.
  @Test func thePageHasASectionForEachAlert() throws {
    let page = try text(at: "docs/alerts.md")
    let headings = page.split(separator: "\n").filter { $0.hasPrefix("### ") }.map { String($0.dropFirst(4)) }
    var names: [String] = []
    for alert in try rules(Self.everything).alerts where !names.contains(alert.name) { names.append(alert.name) }
    #expect(headings == names)
    #expect(try generate("rules", loadText(Self.everything)).contains("/docs/alerts.md#traininggpulost\""))
  }

  // MARK: Judges

  /// Writes the rules of all catalogs with their tests.
  private func write() throws -> (folder: URL, rules: [String], tests: [String]) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "rules-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var (rules, tests): ([String], [String]) = ([], [])
    for (name, catalog) in Self.all {
      rules.append(folder.appending(path: "\(name).yml").path)
      tests.append(folder.appending(path: "\(name)-tests.yml").path)
      try Data(generate("rules", catalog).utf8).write(to: URL(filePath: rules.last ?? ""))
      let text = try generate("rules", catalog, .init(areTests: true, ruleFile: "\(name).yml"))
      try Data(text.utf8).write(to: URL(filePath: tests.last ?? ""))
    }
    return (folder, rules, tests)
  }

  @Test(.enabled(if: Program.promtool != nil, "promtool is not there"))
  func promtoolSeesEachAlertFireAndNoneWhereAllIsWell() throws {
    let (folder, rules, tests) = try write()
    defer { try? FileManager.default.removeItem(at: folder) }
    let check = try run(Program.promtool, ["check", "rules", "--lint-fatal"] + rules)
    #expect(check.status == 0, "\(check.output)")
    #expect(!check.output.contains("duplicate"), "\(check.output)")
    let result = try run(Program.promtool, ["test", "rules"] + tests)
    #expect(result.status == 0, "\(result.output)")
  }

  /// An exporter that begins beside old runs says nothing of them.
  @Test(.enabled(if: Program.promtool != nil, "promtool is not there"))
  func whatWasLongAgoIsNoNews() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "rules-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(generate("rules", loadText(Self.everything)).utf8).write(to: folder.appending(path: "rules.yml"))
    let states = ["stalled", "failed", "killed", "vanished"].map { state in
      let selector = "training_exporter_run_state{run=\"\(state)\", training_exporter_run_state=\"\(state)\"}"
      return "{ series: '\(selector)', values: 1x1600 }, \(series("run_end_timestamp_seconds", state)), "
        + series("run_last_record_timestamp_seconds", state)
    }
    func series(_ name: String, _ run: String) -> String {
      "{ series: 'training_exporter_\(name){run=\"\(run)\"}', values: 0x1600 }"
    }
    let silent = "{ series: 'training_exporter_last_record_timestamp_seconds{watcher=\"others\"}', values: 0x1600 }"
    let diverged = "{ series: 'training_exporter_run_diverged{run=\"stalled\"}', values: 1x1600 }"
    let names = ["Stalled", "Failed", "Killed", "Vanished", "Diverged", "Silent"].map { "Training\($0)" }
    func file(at time: String) throws -> String {
      let text = """
        rule_files: [rules.yml]
        evaluation_interval: 10m
        tests:
          - interval: 1m
            input_series: [\((states + [silent, diverged]).joined(separator: ", "))]
            alert_rule_test:
        \(names.map { "      - { eval_time: \(time), alertname: \($0), exp_alerts: [] }\n" }.joined())
        """
      let file = folder.appending(path: "\(time).yml")
      try Data(text.utf8).write(to: file)
      return file.path
    }
    let dayAfter = try run(Program.promtool, "test", "rules", file(at: "26h"))
    #expect(dayAfter.status == 0, "\(dayAfter.output)")
    let sameDay = try run(Program.promtool, "test", "rules", file(at: "22h"))
    #expect(sameDay.output.split(separator: "\n").count { $0.contains("alertname: ") } == names.count)
  }

  /// A scrape that fails, or an exporter that starts again, does not end an alert about a state.
  @Test(.enabled(if: Program.promtool != nil, "promtool is not there"))
  func oneScrapeThatFailsEndsNoAlert() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "rules-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(generate("rules", loadText(Self.withoutLabels)).utf8).write(to: folder.appending(path: "rules.yml"))
    func tests(at minutes: Int) -> String {
      """
      rule_files: [rules.yml]
      evaluation_interval: 1m
      tests:
        - interval: 1m
          input_series:
            - { series: 'training_exporter_run_state{training_exporter_run_state="failed"}', values: 1x10 stale }
            - { series: training_exporter_run_end_timestamp_seconds, values: 0x10 stale }
          alert_rule_test: [{ eval_time: \(minutes)m, alertname: TrainingFailed, exp_alerts: [] }]
      """
    }
    let file = folder.appending(path: "tests.yml")
    for (minutes, isThere) in [(14, true), (17, false)] {
      try Data(tests(at: minutes).utf8).write(to: file)
      let result = try run(Program.promtool, "test", "rules", file.path)
      #expect((result.status != 0) == isThere, "after \(minutes) minutes: \(result.output)")
    }
  }

  /// The tests tell rules that are wrong from those that are right.
  @Test(.enabled(if: Program.promtool != nil, "promtool is not there"))
  func promtoolSeesWhatIsWrong() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "rules-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let catalog = try loadText(Self.everything)
    let text = try generate("rules", catalog)
    let wrong = text.replacing(/(- alert: \w+\n +expr: )(".*"|\|-\n.*\n.*)/) { "\($0.1)\"vector(0) > 1\"" }
    try Data(wrong.utf8).write(to: folder.appending(path: "rules.yml"))
    let file = folder.appending(path: "rules-tests.yml")
    try Data(generate("rules", catalog, .init(areTests: true)).utf8).write(to: file)
    let result = try run(Program.promtool, "test", "rules", file.path)
    let failures = result.output.split(separator: "\n").count { $0.contains("alertname: ") }
    #expect(failures == RuleGroups(catalog, offeredCollectors).alerts.count, "\(result.output)")
  }

  @Test(.enabled(if: Program.vmalert != nil, "vmalert is not there"))
  func vmalertTakesThem() throws {
    let (folder, rules, _) = try write()
    defer { try? FileManager.default.removeItem(at: folder) }
    let result = try run(Program.vmalert, ["-dryRun"] + rules.map { "-rule=\($0)" })
    #expect(result.status == 0, "\(result.output)")
    #expect(!result.output.contains("\terror\t"), "\(result.output)")
  }

  /// `validate --rules` has nothing to say.
  @Test func ourOwnChecksFindNothing() throws {
    for (name, catalog) in Self.all {
      for options in [Generator.Options(), .init(isForKubernetes: true)] {
        let text = try generate("rules", catalog, options)
        let file = QueryFile(SourceFile(path: "rules.yml", bytes: Array(text.utf8)))
        let findings = QueryChecks.check([file], against: [catalog], .init())
        #expect(findings.queryCount >= 4, "\(name)")
        let messages = findings.files.flatMap(\.diagnostics).map(\.message)
        #expect(messages.isEmpty, "\(name): \(messages)")
      }
    }
  }

  @Test func anObjectOfKubernetesHasTheSameGroups() throws {
    let catalog = try loadText(Self.everything)
    let file = try generate("rules", catalog)
    let object = try generate("rules", catalog, .init(isForKubernetes: true))
    let head = "\napiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n"
    #expect(object.contains(head), "\(object.prefix(200))")
    let groups = try #require(file.range(of: "groups:\n"))
    let indented = file[groups.lowerBound...].split(separator: "\n").map { "  \($0)\n" }.joined()
    #expect(object.hasSuffix("spec:\n\(indented)"))
  }
}

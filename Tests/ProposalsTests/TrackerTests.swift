import Explaining
import Foundation
import LogFormats
import LogStations
import Testing

@testable import Proposals

/// Logs of TensorBoard, Weights & Biases and MLflow, whose formats know of runs by themselves.
struct TrackerTests {
  private func propose(_ example: String) throws -> Proposal {
    try ProposalRunner.propose(ProposalRunner.package.appending(path: "examples/\(example)").path)
  }

  @Test(arguments: ["tensorboard", "wandb", "mlflow"])
  func theFormatKnowsTheTimeOfARecord(example: String) throws {
    let watcher = try #require(propose(example).catalog.watchers.first)
    #expect(watcher.run?.contains { $0.key == "time" } == false)
  }

  @Test func noOtherTimeTakesItsPlace() throws {
    let lines = (1...3).map { #"{"loss": 0.5, "time": 178000000\#($0), "step": \#($0)}"# }.joined(separator: "\n")
    let survey = try #require(
      RecordSurvey(LogSample(name: "log", bytes: Array((lines + "\n").utf8)), LogFormat("jsonl"))
    )
    #expect(FieldPlan(survey, nil, timeField: nil, unusable: [:]).timeField == "time")
    let plan = FieldPlan(survey, nil, timeField: "_timestamp", unusable: [:])
    #expect(ProposedRun.keys(plan, nil).first { $0.key == "time" }?.value == "_timestamp")
    #expect(plan.leftOut.first { $0.field == "time" }?.reason == "it is a time of day")
  }

  @Test func scoresBesideSettingsArePassedBy() throws {
    let proposal = try propose("tensorboard")
    #expect(proposal.text.contains("where: { hparam/accuracy: absent }"))
    #expect(proposal.catalog.watchers[0].leftOut.contains { $0.field == "hparam/accuracy" })
  }

  @Test(arguments: [("tensorboard", "hparams"), ("wandb", "config"), ("mlflow", "params")])
  func eachSettingIsASeriesOfOneInfoMetric(example: String, prefix: String) throws {
    let proposal = try propose(example)
    for name in ["lr", "batch_size", "optimizer", "hidden"] {
      let labels = #"{ setting: \#(name), setting_value: "{.\#(prefix).\#(name)}" }"#
      #expect(proposal.text.contains("- { metric: training_setting_info, labels: \(labels) }"))
    }
    let metric = try #require(proposal.catalog.metric("training_setting_info"))
    #expect(metric.kind == .info && metric.labels.suffix(2) == ["setting", "setting_value"])
    let label = try #require(proposal.catalog.label("setting"))
    guard case .values(let values) = label.bound else { return #expect(Bool(false), "\(label)") }
    #expect(Set(values) == ["lr", "batch_size", "optimizer", "hidden"])
  }

  @Test func namesOfRunsAreAnInfoMetric() throws {
    let (wandb, mlflow) = try (propose("wandb").text, propose("mlflow").text)
    #expect(wandb.contains(#"- { metric: training_run_info, labels: { run_name: "{.run.name}" } }"#))
    #expect(mlflow.contains(#"- { metric: training_run_info, labels: { run_name: "{.run_name}" } }"#))
    #expect(mlflow.contains("/params/**"))
  }

  @Test func settingsOfAllToolsAreOneMetric() throws {
    let proposal = try propose("")
    ProposalRunner.check(proposal, "examples")
    #expect(proposal.catalog.metrics.filter { $0.labels.contains("setting") }.map(\.name) == ["training_setting_info"])
    let tools = proposal.catalog.watchers.filter { watcher in
      watcher.infos.contains { $0.metric == "training_setting_info" }
    }
    #expect(Set(tools.map(\.name)) == ["tensorboard", "wandb", "mlflow"])
  }

  /// A record without a setting says nothing of it, and is no rejection.
  @Test func settingsThatSomeRunsLackAreNoRejections() throws {
    let folder = try LogFolder()
    for (run, settings) in [("a", ["lr", "seed"]), ("b", ["lr", "depth"])] {
      let id = String(repeating: run, count: 32)
      try folder.append("run_name: \(run)\nstatus: 3\n", to: "mlruns/1/\(id)/meta.yaml")
      try folder.append("1780000000000 0.5 1\n1780000000001 0.4 2\n", to: "mlruns/1/\(id)/metrics/loss")
      for name in settings { try folder.append("3", to: "mlruns/1/\(id)/params/\(name)") }
    }
    let proposal = try ProposalRunner.propose(folder.path())
    ProposalRunner.check(proposal, "settings")
    #expect(
      Set(proposal.catalog.watchers[0].infos.compactMap { $0.labels.first?.text }.dropFirst()) == [
        "lr", "seed", "depth",
      ]
    )
    let explanation = LogExplainer(catalog: proposal.loaded, root: folder.path(), shownCount: 10).explain()
    #expect(explanation.watchers[0].logs.count == 8)
    #expect(!explanation.hasRejected && !explanation.hasUnfed)
  }

  @Test func fewSettingsAreShownAndTheComparedOnesFirst() throws {
    var lines = ""
    let names = [
      "seed", "type", "optim.lr", "1st", "_private", "a", "b", "c", "d", "e", "f", "g", "batch_size", "{x}",
    ]
    let settings = names.map { #""config.\#($0)": "x""# }.joined(separator: ", ")
    for step in 1...3 { lines += "{\"loss\": 0.5, \"step\": \(step), \(settings)}\n" }
    let survey = try #require(RecordSurvey(LogSample(name: "log", bytes: Array(lines.utf8)), LogFormat("jsonl")))
    let plan = FieldPlan(survey, .wandb, timeField: nil, unusable: [:])
    let expected = ["seed", "optim.lr", "batch_size", "type", "a", "b", "c", "d"]
    #expect(plan.infos.map { $0.labels.first?.text } == expected)
    let without = FieldPlan(survey, .wandb, timeField: nil, unusable: ["config.seed": "no"])
    #expect(without.infos.map { $0.labels.first?.text } == expected.dropFirst().map { $0 })
  }

  @Test func namesThatYAMLTakesForOthersAreQuoted() throws {
    let folder = try LogFolder()
    let place = "mlruns/1/" + String(repeating: "a", count: 32)
    try folder.append("1780000000000 0.5 1\n1780000000001 0.4 2\n", to: "\(place)/metrics/loss")
    for name in ["null", "true", "no"] { try folder.append("3", to: "\(place)/params/\(name)") }
    let proposal = try ProposalRunner.propose(folder.path())
    ProposalRunner.check(proposal, "words")
    #expect(Set(proposal.catalog.watchers[0].infos.compactMap { $0.labels.first?.text }) == ["null", "true", "no"])
    #expect(proposal.text.contains(#"{ setting: "null", setting_value: "{.params.null}" }"#))
  }

  /// Hundreds of runs, each with its own name and with one setting of its own.
  @Test func infosOfVeryManyRunsAreLeftOutWithAReason() throws {
    let folder = try LogFolder()
    for run in 0..<250 {
      let place = "mlruns/1/" + String(repeating: "a", count: 29) + String(run + 256, radix: 16)
      try folder.append("run_name: name-\(run)\nstatus: 3\n", to: "\(place)/meta.yaml")
      try folder.append("1780000000000 0.5 1\n1780000000001 0.4 2\n", to: "\(place)/metrics/loss")
      try folder.append("\(run)", to: "\(place)/params/seed")
      try folder.append("\(run % 3)", to: "\(place)/params/depth")
    }
    let proposal = try ProposalRunner.propose(folder.path())
    ProposalRunner.check(proposal, "many runs")
    #expect(proposal.catalog.watchers[0].infos.map(\.field) == ["params.depth"])
    let reason = proposal.catalog.watchers[0].leftOut.first { $0.field == "run_name" }?.reason
    #expect(reason?.contains("would allow") == true)
    #expect((proposal.catalog.label("run")?.size ?? 0) >= 500)
  }

  @Test func theNumberOfARowIsTheStepOfTheRun() throws {
    let catalog = try propose("wandb").catalog
    #expect(catalog.metric("training_step") != nil)
    #expect(catalog.metric("training_step_2") == nil)
    #expect(catalog.watchers[0].leftOut.first { $0.field == "_step" }?.reason.contains("`run` has it") == true)
  }

  @Test(arguments: [("runs/detect/train", "runs/{task}/{run}"), ("runs/train/exp", "runs/train/{run}")])
  func ultralyticsHasAFolderForEachTask(folder: String, pattern: String) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "proposal-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    let run = root.appending(path: folder)
    try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
    let rows = (1...3).map { "\($0),1.\($0),0.\($0)\n" }.joined()
    try Data(("epoch,train/box_loss,metrics/mAP50(B)\n" + rows).utf8).write(to: run.appending(path: "results.csv"))
    let proposal = try ProposalRunner.propose(root.path)
    #expect(proposal.catalog.watchers.map(\.files) == [["\(pattern)/results.csv"]])
  }

  /// Some calls of writers put a run's scalars into folders below its own.
  @Test func foldersBelowARunAreItsOwn() throws {
    let folder = try LogFolder()
    for run in ["a", "b"] {
      let rows = (1...3).flatMap { EventFile.scalar("train/loss", 0.5, step: $0) }
      try folder.append(bytes: EventFile.version() + rows, to: "runs/\(run)/events.out.tfevents.1.host")
      let both = EventFile.version() + EventFile.scalar("both", 0.25, step: 1)
      try folder.append(bytes: both, to: "runs/\(run)/both_train/events.out.tfevents.2.host")
    }
    let catalog = try ProposalRunner.propose(folder.path("runs")).catalog
    #expect(catalog.watchers.count == 1 && catalog.watchers[0].files.count == 1)
    #expect(catalog.watchers[0].files[0].hasSuffix("{run}/**/events.out.tfevents.*"))
    #expect(catalog.watchers[0].logCount == 4)
  }
}

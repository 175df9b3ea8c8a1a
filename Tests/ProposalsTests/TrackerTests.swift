import Foundation
import LogFormats
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
    #expect(RunPlan.keys(plan, nil).first { $0.key == "time" }?.value == "_timestamp")
    #expect(plan.leftOut.first { $0.field == "time" }?.reason == "it is a time of day")
  }

  @Test func scoresBesideSettingsArePassedBy() throws {
    let proposal = try propose("tensorboard")
    #expect(proposal.text.contains("where: { hparam/accuracy: absent }"))
    #expect(proposal.catalog.watchers[0].leftOut.contains { $0.field == "hparam/accuracy" })
  }

  @Test func theNumberOfARowIsTheStepOfTheRun() throws {
    let catalog = try propose("wandb").catalog
    #expect(catalog.metric("training_step") != nil)
    #expect(catalog.metric("training_step_2") == nil)
    #expect(catalog.watchers[0].leftOut.first { $0.field == "_step" }?.reason.contains("`run` has it") == true)
  }
}

import Foundation
import LogRecordings
import LogStations
import Testing

@testable import Proposals

/// The logs that real tools wrote: those of the examples, and what the recordings leave behind.
struct RealLogTests {
  static let examples = ProposalRunner.folders(in: ProposalRunner.package.appending(path: "examples")).filter {
    FileManager.default.fileExists(
      atPath: ProposalRunner.package.appending(path: "examples/\($0)/expected.metrics").path
    )
  }

  @Test(arguments: examples)
  func examplesHaveOne(name: String) throws {
    let proposal = try ProposalRunner.propose(ProposalRunner.package.appending(path: "examples/\(name)").path)
    ProposalRunner.check(proposal, "\(name)")
    #expect(proposal.catalog.watchers.allSatisfy { $0.tool != "CSV" && $0.tool != "JSON" }, "the tool is known")
    #expect(proposal.catalog.watchers.allSatisfy { $0.captures.contains("run") })
    #expect(proposal.remarks == [])
  }

  /// Each has its watcher, with its fields, and there is room for all folders and runs.
  @Test func severalToolsShareACatalog() throws {
    let tools = ["tensorboard", "wandb", "mlflow", "lightning", "transformers", "ultralytics"]
    let folder = try LogFolder()
    for tool in tools {
      let example = ProposalRunner.package.appending(path: "examples/\(tool)")
      try FileManager.default.copyItem(atPath: example.path, toPath: folder.path(tool))
    }
    let proposal = try ProposalRunner.propose(folder.path())
    ProposalRunner.check(proposal, "several tools")
    for tool in tools {
      let alone = try ProposalRunner.propose(folder.path(tool)).catalog.watchers
      let together = proposal.catalog.watchers.filter { $0.files[0].hasPrefix(tool + "/") }
      #expect(together.map(\.tool) == alone.map(\.tool), "\(tool)")
      #expect(together.map(\.fields.count) == alone.map(\.fields.count), "\(tool)")
    }
    for (name, label) in proposal.catalog.labels {
      guard case .count(let count, _) = label.bound else { continue }
      #expect(count >= 2 * label.seen.count, "\(name)")
    }
  }

  @Test(arguments: LogRecording.names)
  func recordedLogsHaveOne(name: String) throws {
    let folder = try LogFolder()
    let performer = LogPerformer(in: folder.path())
    for call in try LogRecording(name).calls { try performer.perform(call) }
    let proposal = try ProposalRunner.propose(folder.path())
    ProposalRunner.check(proposal, "\(name)")
  }
}

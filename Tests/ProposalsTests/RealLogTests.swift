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

  @Test(arguments: LogRecording.names)
  func recordedLogsHaveOne(name: String) throws {
    let folder = try LogFolder()
    let performer = LogPerformer(in: folder.path())
    for call in try LogRecording(name).calls { try performer.perform(call) }
    let proposal = try ProposalRunner.propose(folder.path())
    ProposalRunner.check(proposal, "\(name)")
  }
}

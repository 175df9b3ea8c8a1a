import Foundation
import MetricCatalog
import Testing

@testable import Proposals

/// Logs in the shapes of many tools, each with the catalog that is proposed for it.
struct ShapeTests {
  static let names = ProposalRunner.folders(in: ProposalRunner.shapes)

  @Test(arguments: names)
  func theCatalogIsAsItWas(name: String) throws {
    let proposal = try ProposalRunner.propose(ProposalRunner.shapes.appending(path: name).path)
    ProposalRunner.check(proposal, "\(name)")
    let golden = ProposalRunner.shapes.appending(path: name + ".yaml")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      let written = try? String(contentsOf: golden, encoding: .utf8)
      if written != proposal.text {
        try Data(proposal.text.utf8).write(to: golden)
        Issue.record("wrote \(name).yaml: read it")
      }
      return
    }
    #expect(proposal.text == (try String(contentsOf: golden, encoding: .utf8)))
  }

  @Test func allTogetherMakeOneCatalog() throws {
    let proposal = try ProposalRunner.propose(ProposalRunner.shapes.path)
    ProposalRunner.check(proposal, "all")
    #expect(proposal.catalog.watchers.count > 40)
  }
}

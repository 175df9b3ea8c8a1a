import ExporterKit
import Foundation
import Testing

@Suite struct KeptPageTests {
  private static func page(of runs: [String], _ curves: [String]) throws -> (page: KeptPage, asked: [String]) {
    var asked: [String] = []
    var answers = curves[...]
    let page = try KeptPage(of: runs, points: 7) { request in
      asked.append(request.target)
      switch request.path {
      case "/api/v1/runs":
        return #"""
          {"time": 5, "total": 2, "runs": [
            {"id": "0a", "labels": {"task": "x", "run": "\u0600</script>"}, "state": "running", "loss": 0.5},
            {"id": "0b", "labels": {"task": "x", "run": "b"}, "state": "killed"}]}
          """#
      case "/api/v1/curves": return answers.popFirst() ?? "{}"
      default: return "{}"
      }
    }
    return (page, asked)
  }

  @Test func itAsksUntilAllIsRead() throws {
    let unread = #"{"curves": [], "left_out": [{"run": "0b", "why": "later, perhaps", "again": true}]}"#
    let read = #"{"curves": [{"run": "0b", "value": [1, 2]}]}"#
    let (page, asked) = try Self.page(of: ["b"], [unread, unread, read])
    let curves = "/api/v1/curves?run=0b&points=7"
    #expect(asked == ["/api/v1/runs?limit=10000", curves, curves, curves, "/api/v1/sources", "/api/v1/metrics"])
    #expect(page.runCount == 1 && page.html.contains(#""value": [1, 2]"#) && !page.html.contains("later, perhaps"))
  }

  @Test func runsAreNamedInSeveralWays() throws {
    for (names, count) in [([], 2), (["x"], 2), (["b"], 1), (["x/b"], 1), (["x b"], 1), (["0a", "b"], 2)] {
      #expect(try Self.page(of: names, []).page.runCount == count, "\(names)")
    }
    #expect { try Self.page(of: ["c"], []) } throws: { error in
      (error as? KeptPage.Failure)?.message == "there is no run `c`"
    }
  }

  @Test func whatHasNoCurvesIsSaid() throws {
    var asked = 0
    let page = try KeptPage(of: [], points: 7) { request in
      if request.path == "/api/v1/curves" { asked += request.parameters.count { $0.name == "run" } }
      guard request.path == "/api/v1/runs" else { return "{}" }
      let runs = (1...102).map { #"{"id": "\#($0)", "labels": {"run": "r\#($0)"}, "state": "running"}"# }
      return #"{"time": 5, "total": 102, "runs": [\#(runs.joined(separator: ", "))]}"#
    }
    #expect(page.runCount == 102 && asked == KeptPage.runsMax)
    let leftOut = page.html.matches(of: /"run": "([0-9]+)", "why": "only the first 100 runs have curves in this file/)
    #expect(leftOut.map { String($0.1) } == ["101", "102"])
  }

  @Test func nothingInItEndsAnElement() throws {
    let html = try Self.page(of: [], []).page.html
    #expect(html.range(of: "\u{600}\\u003c/script>", options: .literal) != nil)
    #expect(html.range(of: "<td>x \u{600}&lt;/script&gt;</td>", options: .literal) != nil)
    #expect(!html.contains("Load it again"))
    // That of the page, dygraphs, and the data.
    #expect(html.matches(of: /<\/script>/).count == 3)
  }
}

import Diagnostics
import Foundation
import Testing

@testable import Queries

struct QueryWaiverTests {
  @Test(arguments: [
    ("rate(loss[5m]) # allow query/rate-of-gauge", ""),
    ("# allow query/rate-of-gauge: it only falls\nrate(loss[5m])", ""),
    ("rate( # allow: query/rate-of-gauge\n loss[5m])", ""),
    ("# allow query/rate-of-gauge, query/impossible-value\nrate(loss{split=\"x\"}[5m])", ""),
    ("# allow query/rate-of-gauge query/impossible-value since so\nrate(loss{split=\"x\"}[5m])", ""),
    ("# allow query/rate-of-gauge\n# allow query/unknown-label\nsum by (x) (rate(loss[5m]))", ""),
    ("los # allow query/unknown-metric", ""),
    ("rate(loss[5m]) # allow query/raw-counter", "unneeded-waiver query/raw-counter & rate-of-gauge loss"),
    ("loss # allow query/no-for, query/no-for", "unneeded-waiver query/no-for & unneeded-waiver query/no-for"),
    ("rate(loss[5m]) # allow rate-of-gauge", "unknown-waiver rate-of-gauge & rate-of-gauge loss"),
    ("rate(loss[5m]) # allow query/rate-of-gauges", "unknown-waiver query/rate-of-gauges & rate-of-gauge loss"),
    ("loss # allow query/none query/syntax", "unknown-waiver query/none & unknown-waiver query/syntax"),
    ("rate(loss) # allow query/syntax", "syntax loss"),
    ("loss # allow for restarts", ""),
    ("loss # allow query/short-range", ""),
    ("loss{run=\"# allow query/unknown-label\", x=\"1\"}", "unknown-label x"),
    ("# what is not there\n# is told where it is\nlos # so", "unknown-metric los"),
  ])
  func aCommentInAQueryWaives(query: String, expected: String) throws {
    let names = expected.components(separatedBy: " & ").filter { !$0.isEmpty }.sorted()
    let rules = query.split(separator: "\n").map { "          \($0)\n" }.joined()
    let ofRules = try told("groups:\n  - rules:\n      - record: a\n        expr: |\n\(rules)")
    #expect(ofRules.map { String($0.split(separator: "/", maxSplits: 1)[1]) }.sorted() == names)
    let text = query.replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    let ofPanel = try told(#"{"panels": [{"targets": [{"expr": "\#(text)"}]}]}"#, path: "d.json")
    #expect(ofPanel.map { String($0.split(separator: "/", maxSplits: 1)[1]) }.sorted() == names)
  }

  @Test func aCommentOfYAMLBehindAQueryWaivesToo() throws {
    let text = """
      groups:
        - rules:
            - record: a
              expr: rate(loss[5m]) # allow query/rate-of-gauge
            - record: b
              expr: "rate(loss[5m])"  # allow query/rate-of-gauge, query/no-for
            - record: c
              expr: > # allow query/rate-of-gauge
                rate(loss[5m])
            - record: d
              expr: |
                rate(loss[5m])
            # allow query/rate-of-gauge
            - record: e
              expr: rate(loss[5m])
                # allow query/rate-of-gauge

      """
    #expect(
      try told(text) == [
        "6:62 query/unneeded-waiver query/no-for", "12:16 query/rate-of-gauge loss", "15:20 query/rate-of-gauge loss",
      ]
    )
  }

  @Test func whatATextShowsIsWaivedInTheQuery() throws {
    #expect(try ids(alert: "sum(loss) # allow query/missing-label", annotation: "{{ $labels.run }}") == [])
  }

  @Test func aWaiverOfARangeIsJudgedWhereTheIntervalIsKnown() throws {
    let query = "rate(steps_total[5m]) # allow query/short-range"
    #expect(try ids(alert: query) == [])
    #expect(try ids(alert: query, .init(scrapeInterval: .seconds(30))) == ["unneeded-waiver"])
  }

  @Test func messagesQuoteNoComments() throws {
    let text = ##"{"targets": [{"expr": "# a\nlos # b\n+ 1 # c"}]}"##
    let file = QueryFile(SourceFile(path: "d.json", bytes: Array(text.utf8)))
    let told = QueryChecks.check([file], against: [try catalog()], .init()).files[0].diagnostics
    #expect(told.map(\.message) == ["the dashboard: there is no metric `los`, in `los + 1`"])
  }
}

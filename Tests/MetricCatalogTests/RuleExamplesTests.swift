import Foundation
import Testing

@testable import MetricCatalog

struct RuleExamplesTests {
  /// Each example with a `↓` gives one diagnostic there, each id of a rule has one of them, and the others give none.
  @Test func examplesOfEveryRule() throws {
    let sections = try fixture("rules.txt").split(separator: "\n== ").dropFirst().map { section in
      section.split(separator: "\n").map(String.init)
    }
    #expect(sections.map { $0[0] } == Rules.all.map { $0.ids.map(\.name).joined(separator: ", ") })
    for section in sections {
      var (given, triggered, passed) = ("version: 1\n", Set<String>(), 0)
      for line in section.dropFirst() {
        let lines = line.replacing("\\n", with: "\n") + "\n"
        if lines.hasPrefix("given ") {
          given = "version: 1\n" + lines.dropFirst("given ".count)
          continue
        }
        let text = given + lines
        let mark = text.range(of: "↓").map { text.utf8.distance(from: text.startIndex, to: $0.lowerBound) }
        let loading = load(text.replacing("↓", with: ""))
        #expect(loading.diagnostics.compactMap { $0.range?.start } == [mark].compactMap(\.self), "\(render(loading))")
        #expect((loading.catalog == nil) == loading.diagnostics.contains { $0.severity == .error })
        triggered.formUnion(loading.diagnostics.map(\.id))
        passed += mark == nil ? 1 : 0
      }
      #expect(triggered == Set(section[0].split(separator: ", ").map(String.init)), "every id wants an example")
      #expect(passed > 0, "\(section[0])")
    }
  }

  @Test func idsAreDistinctAndDocumented() throws {
    let ids = CatalogLoader.ruleIDs
    #expect(Set(ids.map(\.name)).count == ids.count)
    var page = """
      # What `validate` reports

      Each diagnostic ends in its id: `` metrics.yaml:12:5: error: label `rnu` is not declared [label/undeclared] ``. An error \
      keeps the catalog from being used. A warning does not; `allow: [id]` at the metric that it concerns waives it.

      | id | severity | what is wrong |
      | --- | --- | --- |

      """
    for id in ids {
      page += "| `\(id.name)` | \(id.severity.rawValue) | \(id.summary.replacing("|", with: "\\|")) |\n"
    }
    try expectGolden(page, at: repository.appending(path: "docs/rules.md"))
  }
}

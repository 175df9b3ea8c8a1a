import Foundation
import MetricCatalog
import Testing

struct RuleExamplesTests {
  /// Each triggering example gives one diagnostic at its `↓`, and every id of a rule is triggered by one of them.
  @Test func examplesOfEveryRule() throws {
    for rule in Rules.examples {
      let ids = rule.ids.map(\.name)
      var triggered: Set<String> = []
      for example in rule.examples.triggering {
        let text = "version: 1\n" + example
        let mark = try #require(text.range(of: "↓"), "no ↓ in \(example)")
        let offset = text.utf8.distance(from: text.startIndex, to: mark.lowerBound)
        let loading = load(text.replacing("↓", with: ""))
        #expect(loading.diagnostics.count == 1, "\(ids): \(example)\n\(render(loading))")
        guard let diagnostic = loading.diagnostics.first else { continue }
        #expect(ids.contains(diagnostic.id), "\(ids): \(example)\n\(render(loading))")
        #expect(diagnostic.range?.start == offset, "\(ids): \(example)\n\(render(loading))")
        #expect((loading.catalog == nil) == (diagnostic.severity == .error))
        triggered.insert(diagnostic.id)
      }
      #expect(triggered == Set(ids), "every id wants an example")
      #expect(!rule.examples.passing.isEmpty, "\(ids)")
      for example in rule.examples.passing {
        let loading = load("version: 1\n" + example)
        #expect(loading.diagnostics.isEmpty, "\(ids): \(example)\n\(render(loading))")
        #expect(loading.catalog != nil)
      }
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

import MetricCatalog
import Testing

@testable import Queries

struct QueryExamplesTests {
  /// The example in a check's own file gives its id and nothing else, and what is put right gives nothing.
  @Test(arguments: QueryChecks.ruleIDs.filter { !$0.triggers.hasPrefix("$ ") }.map(\.name))
  func anExampleGivesItsIdAlone(name: String) throws {
    let id = try #require(QueryChecks.ruleIDs.first { $0.name == name })
    let told = try diagnostics(of: id.triggers)
    #expect(Set(told.map(\.id)) == [name], "\(told)")
    #expect(Set(told.map(\.severity)) == [id.severity])
    let passing = try diagnostics(of: id.passes)
    #expect(passing.isEmpty, "\(passing)")
  }

  private func diagnostics(of example: String) throws -> [Diagnostic] {
    let texts = RuleID.catalogAndQueries(of: example)
    try #require(texts.count == 2)
    let loading = CatalogLoader.load(bytes: Array(texts[0].utf8), path: "metrics.yaml")
    #expect(loading.catalog != nil)
    return QueryChecks.example(texts, loading).files.flatMap(\.diagnostics)
  }
}

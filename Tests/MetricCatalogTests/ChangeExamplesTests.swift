import Diagnostics
import Foundation
import LogFormats
import Testing

@testable import MetricCatalog

struct ChangeExamplesTests {
  /// The example of each change gives this change once, and beside it nothing but notes; what is put right gives nothing
  /// that is as bad.
  @Test(arguments: ChangeRules.ids.map(\.name)) func theExampleShowsTheChange(name: String) throws {
    let id = try #require(ChangeRules.ids.first { $0.name == name })
    let changes = try changes(in: id.triggers)
    #expect(changes.filter { $0.id == name }.map(\.severity) == [id.severity], "\(changes.map(\.message))")
    #expect(changes.allSatisfy { $0.id == name || $0.severity == .note }, "\(changes.map(\.message))")
    #expect(changes.allSatisfy { $0.range != nil && $0.help != nil && $0.related.allSatisfy { $0.source != nil } })
    #expect(!id.why.isEmpty && !id.remedy.isEmpty)
    guard !id.passes.isEmpty else { return }
    let harmless = try self.changes(in: id.passes)
    #expect(harmless.allSatisfy { $0.id != id.name && $0.severity == .note }, "\(harmless.map(\.message))")
  }

  /// What compares the keys of labels, metrics and watchers. A new key wants its line here, and a comparison.
  private static let compared: [String: String] = [
    "label help": "help", "label values": "value-removed", "label max_values": "limit-lowered",
    "label otherwise": "otherwise-removed", "label evict": "eviction", "label named": "named", "label allow": "",
    "metric type": "type", "metric help": "help", "metric unit": "unit", "metric labels": "label-removed",
    "metric max_series": "limit-lowered", "metric expire_after": "expiry", "metric allow": "",
    "metric deprecated": "deprecated", "metric buckets": "bucket-removed", "metric native": "native-removed",
    "metric quantiles": "quantile-removed", "metric window": "window", "metric created": "created-removed",
    "metric constant": "constant-removed", "metric states": "state-removed", "watcher files": "files",
    "watcher exclude": "files-excluded", "watcher ignore_older": "files-excluded", "watcher links": "files-excluded",
    "watcher format": "format",
    "watcher labels": "label-text", "watcher where": "where", "watcher na_values": "na-values",
    "watcher decimal": "number-marks", "watcher thousands": "number-marks",
    "watcher each_record": "field", "watcher fields": "field", "watcher run": "run-labels",
    "watcher expire_after": "expiry", "watcher allow": "",
  ]

  @Test func everyKeyIsCompared() {
    let keys =
      LabelDeclaration.keys.map { "label \($0.name)" } + MetricDeclaration.keys.map { "metric \($0.name)" }
      + WatcherDeclaration.keys(LogFormats.all).map { "watcher \($0.name)" }
    #expect(Set(keys) == Set(Self.compared.keys))
    let names = Set(ChangeRules.ids.map(\.name))
    #expect(Self.compared.values.allSatisfy { $0.isEmpty || names.contains("diff/\($0)") })
  }

  @Test func idsAreDistinctAndInTheirTable() throws {
    let ids = ChangeRules.ids
    #expect(Set(ids.map(\.name)).count == ids.count)
    #expect(ids.allSatisfy { $0.name.hasPrefix("diff/") })
    let words: [Diagnostic.Severity: String] = [.error: "breaking", .warning: "caution", .note: "note"]
    let rows = ids.map {
      "| `\($0.name)` | \(words[$0.severity] ?? "") | \($0.summary.replacing("|", with: "\\|")) |\n"
    }
    let file = repository.appending(path: "docs/diff.md")
    var page = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(page.range(of: "<!-- changes -->\n")?.upperBound)
    let stop = try #require(page.range(of: "<!-- /changes -->")?.lowerBound)
    page.replaceSubrange(
      start..<stop,
      with: "| id | how bad | what has changed |\n| --- | --- | --- |\n" + rows.joined()
    )
    try expectGolden(page, at: file)
  }

  private func changes(in example: String) throws -> [Diagnostic] {
    let loadings = RuleID.catalogs(of: example).map { load($0) }
    #expect(loadings.allSatisfy { $0.catalog != nil }, "\(loadings.map(render).joined())")
    return CatalogChanges.between(try #require(loadings.first), try #require(loadings.dropFirst().first))
  }
}

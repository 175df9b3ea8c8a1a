import Diagnostics
import Foundation
import MetricCatalog
import Testing

@testable import Queries

struct KnownNamesTests {
  private static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The page is compared with a real scrape; what queries may ask for is what the page has.
  @Test func theExportersOwnMetricsAreThoseOfTheirPage() throws {
    let page = try String(contentsOf: Self.repository.appending(path: "docs/own-metrics.md"), encoding: .utf8)
    let rows = page.matches(of: #/\n\| `([a-z_]+)` \| (\w+) \| (.*?) ?\| /#).map { match in
      "\(match.1) \(match.2) " + match.3.matches(of: /`(\w+)`/).map { String($0.1) }.joined(separator: " ")
    }
    #expect(rows.count > 30)
    #expect(
      ExporterMetrics.all.map { "\($0.name) \($0.type.rawValue) \($0.labels.joined(separator: " "))" } == rows
    )
  }

  /// A page may not show rules that the program itself finds fault with.
  @Test func theAlertOfThePageAboutRunsIsRight() throws {
    let page = try String(contentsOf: Self.repository.appending(path: "docs/runs.md"), encoding: .utf8)
    let rules = try #require(page.firstMatch(of: /```yaml\n(groups:\n(?s:.*?))```/)?.1)
    let text = """
      version: 1
      labels:
        run: { max_values: 50 }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run] }
      watchers:
        log: { files: "runs/{run}/log.csv", format: csv, run: {}, fields: { loss: loss } }

      """
    let catalog = try #require(CatalogLoader.load(bytes: Array(text.utf8), path: "metrics.yaml").catalog)
    func told(_ rules: some StringProtocol) -> [String] {
      let file = QueryFile(SourceFile(path: "alerts.yml", bytes: Array(rules.utf8)))
      return QueryChecks.check([file], against: [catalog], .init()).files.flatMap(\.diagnostics).map(\.id)
    }
    #expect(told(rules) == [])
    #expect(told(rules.replacing("=\"finished\"", with: "=\"done\"")) == ["query/impossible-value"])
    #expect(told(rules.replacing("$labels.run }} is done", with: "$labels.rnu }} is done")) == ["query/missing-label"])
  }

  @Test func theWaiversOfThePageAboutDashboardsAreNeeded() throws {
    let page = try String(contentsOf: Self.repository.appending(path: "docs/dashboards.md"), encoding: .utf8)
    let rules = try #require(page.firstMatch(of: /## Waivers\n(?s:.*?)```yaml\n(?s:(.*?))```/)?.1)
    let text = """
      version: 1
      metrics:
        loss: { type: gauge, help: Loss }
        steps_total: { type: counter, help: Steps }
      watchers:
        log: { files: log.csv, format: csv, fields: { loss: loss, step: steps_total } }

      """
    let catalog = try #require(CatalogLoader.load(bytes: Array(text.utf8), path: "metrics.yaml").catalog)
    func told(_ rules: String) -> [String] {
      let file = "groups:\n- rules:\n" + rules.split(separator: "\n").map { "  \($0)\n" }.joined()
      let query = QueryFile(SourceFile(path: "alerts.yml", bytes: Array(file.utf8)))
      return QueryChecks.check([query], against: [catalog], .init()).files[0].diagnostics.map(\.id)
    }
    #expect(told(String(rules)) == [])
    #expect(told(String(rules).replacing("allow", with: "allowed")) == ["query/raw-counter", "query/no-for"])
  }

  @Test func filesAreFoundByNameFolderAndPattern() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "queries-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder + "/a/b", withIntermediateDirectories: true)
    for name in ["x.yml", "a/y.yml", "a/b/z.yaml", "a/b/n.txt", "a/.h.yml"] {
      _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: Data("groups: []".utf8))
    }
    try FileManager.default.createSymbolicLink(atPath: folder + "/a/b/up", withDestinationPath: "..")
    func found(_ name: String) -> [String] {
      QueryPaths.paths(of: "\(folder)/\(name)", endings: [".yml", ".yaml"]).map {
        String($0.dropFirst(folder.count + 1))
      }
    }
    #expect(found("x.yml") == ["x.yml"])
    #expect(found("*.yml") == ["x.yml"])
    #expect(found("**/*.yml") == ["a/y.yml", "x.yml"])
    #expect(found("a") == ["a/b/z.yaml", "a/y.yml"])
    #expect(found("*/b/*") == ["a/b/n.txt", "a/b/z.yaml"])
    #expect(found("none/*") == [])
    let read = QueryPaths.read(rules: ["\(folder)/none.yml", "\(folder)/x.yml", "\(folder)/*"], dashboards: [folder])
    let paths = read.map { $0.source.path.dropFirst(folder.count + 1) }
    #expect(paths == ["none.yml", "x.yml", "a/b/z.yaml", "a/y.yml"])
    #expect(read.map(\.diagnostics.first?.id) == ["query/file", "query/none", "query/none", "query/none"])
    #expect(QueryChecks.check(read, against: [], .init()).readCount == 3)
  }
}

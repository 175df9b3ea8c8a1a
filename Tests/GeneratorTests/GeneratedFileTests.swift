import ExporterKit
import Foundation
import Generators
import MetricCatalog
import Testing

@Suite struct GeneratedFileTests {
  @Test(arguments: ["ultralytics", "gpu-node"])
  func thePageOfAnExampleIsThatOfItsCatalog(example: String) throws {
    try expectGolden(generate("docs", load("examples/\(example)/metrics.yaml")), at: "examples/\(example)/METRICS.md")
  }

  /// `make test` fails where a catalog has changed and its dashboard has not.
  @Test(arguments: shippedCatalogs)
  func theDashboardOfACatalogIsWhatIsMadeOfIt(path: String) throws {
    try expectGolden(generate("dashboard", load(path)), at: made(of: path, "grafana/dashboard.json"))
  }

  /// Every metric with its place, whatever its texts hold.
  @Test func thePageHasASectionForEachMetric() throws {
    for path in shippedCatalogs {
      let catalog = try load(path)
      let page = try generate("docs", catalog)
      for metric in catalog.metrics { #expect(page.contains("\n## \(metric.name)\n"), "\(path): \(metric.name)") }
    }
  }

  @Test func whatMarkdownWouldTakeForItselfIsEscaped() throws {
    let catalog = try loadText(
      """
      labels: { a: { values: ["x|y", "`z`"], help: "*not* <b>" } }
      metrics: { m: { type: gauge, help: "a | b_c\\n[d](e)", labels: [a] } }
      watchers: { "w|w": { files: x, format: csv, fields: { "{a}": m } } }
      """
    )
    let page = try generate("docs", catalog)
    #expect(page.contains(#"| [`m`](#m) | gauge |  | a \| b\_c \[d\](e) |"#), "\(page)")
    #expect(page.contains(#"| `a` | `x\|y` `` `z` `` | \*not\* \<b\> |"#), "\(page)")
    #expect(page.contains(#"| watcher `w\|w`: `x` | column `{a}` | `a="{a}"` |"#), "\(page)")
  }

  /// The intervals fit what feeds the metrics, and the timeout is always below.
  @Test(arguments: [
    ("examples/ultralytics/metrics.yaml", "30s", "10s"), ("examples/gpu-node/metrics.yaml", "15s", "10s"),
    ("examples/python-inference/metrics.yaml", "10s", "8s"), ("examples/python-training/metrics.yaml", "15s", "10s"),
    ("metrics.yaml", "10s", "8s"),
  ])
  func scrapesFitWhatFeedsTheMetrics(path: String, interval: String, timeout: String) throws {
    let text = try generate("scrape-config", load(path))
    #expect(text.contains("\n    scrape_interval: \(interval)\n"), "\(text)")
    #expect(text.contains("\n    scrape_timeout: \(timeout)\n"), "\(text)")
  }

  @Test func collectorsDecideHowOftenTheMachineIsWorthALook() throws {
    for (given, scraped) in [("1s", 5), ("7500ms", 8), ("20s", 20), ("10m", 60)] {
      let catalog = try loadText(
        """
        metrics: { m: { type: gauge, help: h } }
        collectors: { system: { interval: \(given), readings: { memory.used_bytes: m } } }
        """
      )
      #expect(try generate("scrape-config", catalog).contains("scrape_interval: \(scraped)s\n"), "\(given)")
    }
  }

  @Test(.enabled(if: Program.promtool != nil, "promtool is not there"))
  func promtoolAcceptsEveryScrapeConfiguration() throws {
    let odd = try loadText(
      """
      metrics: { m_seconds: { type: histogram, help: h, native: { factor: 1.1 } } }
      watchers: { "a: \\"b\\"\\n# c": { files: x, format: csv, fields: { "a": m_seconds } } }
      """
    )
    let catalogs = try [odd, Catalog(path: "metrics.yaml")] + shippedCatalogs.map { try load($0) }
    for catalog in catalogs {
      let file = FileManager.default.temporaryDirectory.appending(path: "prometheus-\(UUID().uuidString).yml")
      defer { try? FileManager.default.removeItem(at: file) }
      let text = try generate("scrape-config", catalog)
      try Data(text.utf8).write(to: file)
      let result = try run(Program.promtool, "check", "config", file.path)
      #expect(result.status == 0, "\(result.output)\n\(text)")
    }
  }

  /// No catalog of the project allows more series than its own limits.
  @Test(arguments: shippedCatalogs)
  func everyShippedCatalogIsWithinItsLimits(path: String) throws {
    let budget = SeriesBudget(try load(path), collectors: offeredCollectors)
    #expect(!budget.isOver && budget.metrics.allSatisfy { !$0.isOver }, "\(budget.metrics.filter(\.isOver))")
  }
}

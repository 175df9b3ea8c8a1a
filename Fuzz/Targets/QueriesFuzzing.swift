import Diagnostics
import MetricCatalog
import Queries

extension FuzzTarget {
  /// A rule file or a dashboard: whatever is found wrong lies in it and can be shown.
  static let queries = FuzzTarget("queries") { bytes in
    let file = QueryFile(SourceFile(path: "file", bytes: bytes))
    let findings = QueryChecks.check([file], against: catalogs, .init(foreign: ["acme_"]))
    for file in findings.files {
      let ranges = file.diagnostics.flatMap { [$0.range].compactMap { $0 } + $0.related.map(\.range) }
      precondition(ranges.allSatisfy { $0.start <= $0.end && $0.end <= bytes.count }, "places lie in it")
      let shown = ConsoleRenderer(source: file.source).render(file.diagnostics)
      precondition(shown.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 }, "messages can be printed")
    }
  }

  private static let catalogs: [Catalog] = {
    let text = """
      version: 1
      labels:
        run: { max_values: 50 }
        split: { values: [train, val] }
      metrics:
        loss: { type: gauge, help: Loss, labels: [run, split] }
        steps_total: { type: counter, help: Steps, labels: [run] }
        step_seconds: { type: histogram, help: Time of a step, labels: [run], buckets: [0.1, 1, 10] }

      """
    let catalog = CatalogLoader.load(bytes: Array(text.utf8), path: "metrics.yaml").catalog
    precondition(catalog != nil, "the example is right")
    return [catalog].compactMap { $0 }
  }()
}

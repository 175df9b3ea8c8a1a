import Collectors
import Diagnostics
import Foundation
import Generators
import MetricCatalog

extension FuzzTarget {
  /// A catalog: it is refused with reasons that lie in it, or all is made of it that can be.
  static let catalog = FuzzTarget("catalog") { bytes in
    let loading = CatalogLoader.load(bytes: bytes, path: "metrics.yaml", collectors: Collectors.descriptors)
    let hasError = loading.diagnostics.contains { $0.severity == .error }
    precondition((loading.catalog == nil) == hasError, "a refusal says why")
    let ranges = loading.diagnostics.flatMap { [$0.range].compactMap { $0 } + $0.related.map(\.range) }
    precondition(ranges.allSatisfy { 0 <= $0.start && $0.start <= $0.end && $0.end <= bytes.count }, "places lie in it")
    let shown = ConsoleRenderer(source: loading.source).render(loading.diagnostics)
    precondition(shown.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 }, "messages can be printed")
    guard let catalog = loading.catalog else { return }
    for generator in Generators.all {
      guard case .catalog(let text) = generator.source else { continue }
      _ = text(catalog, Collectors.descriptors, .init())
      if generator.options.contains(.tests) { _ = text(catalog, Collectors.descriptors, .init(areTests: true)) }
    }
    let budget = SeriesBudget(catalog, collectors: Collectors.descriptors)
    precondition(budget.metrics.allSatisfy { $0.worstCase >= 0 }, "numbers of series are numbers")
    precondition(CatalogChanges.between(loading, loading).isEmpty, "nothing changes without a change")
    _ = CatalogChanges.between(loading, example)
    _ = CatalogChanges.between(example, loading)
  }

  /// One to compare with: the example at the root of the repository.
  private static let example: CatalogLoading = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "metrics.yaml")
    let loading = CatalogLoader.load(path: file.path, collectors: Collectors.descriptors)
    precondition(loading.catalog != nil, "the example is right")
    return loading
  }()
}

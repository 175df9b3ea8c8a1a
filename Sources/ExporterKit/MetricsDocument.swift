internal import Diagnostics
internal import MetricCatalog
internal import MetricModel
internal import MetricRegistry
internal import Serving

/// What metrics there are, what feeds them, how many series they have and what was refused, as JSON: `/api/v1/metrics`.
/// docs/api.md describes it.
struct MetricsDocument {
  static let path = "/api/v1/metrics"

  let catalog: Catalog
  let registry: Registry

  /// - Parameter now: nanoseconds since 1970.
  func answer(at now: Int64) -> ServedDocument {
    var rejections: [String: [JSON]] = [:]
    for (rejection, count, values) in registry.rejectionsWithValues() {
      rejections[rejection.metric, default: []].append(
        [
          "reason": .string(rejection.reason.rawValue), "count": .integer(Int(clamping: count)),
          "label": rejection.label.isEmpty ? nil : .string(rejection.label),
          "last_values": .array(values.map { .string($0) }),
        ]
      )
    }
    let fedBy = fedBy()
    let declared = Set(catalog.metrics.map(\.name))
    let metrics: [JSON] = catalog.metrics.enumerated().map { index, metric in
      [
        "name": .string(metric.name), "type": .string(metric.type.rawValue), "help": .string(metric.help),
        "unit": metric.unit.map(JSON.string), "labels": .array(metric.labels.map { .string($0.name) }),
        "series": .integer(registry.seriesCount(metric: index)),
        "max_series": .integer(registry.metrics[index].seriesLimit),
        "fed_by": .array((fedBy[metric.name] ?? []).map { .string($0) }),
        "deprecated": metric.deprecated.map(JSON.string),
        "rejections": .array(rejections[metric.name] ?? []),
      ]
    }
    let undeclared: [JSON] = rejections.keys.filter { !declared.contains($0) }.sorted().map { name in
      ["name": .string(name), "rejections": .array(rejections[name] ?? [])]
    }
    let document: JSON = [
      "limit": .integer(catalog.limits.registry.series), "series": .integer(registry.seriesCount),
      "metrics": .array(metrics),
      "undeclared": undeclared.isEmpty ? nil : .array(undeclared),
    ]
    let rest = Array(document.line.utf8.dropFirst()) + [UInt8(ascii: "\n")]
    return ServedDocument(opening: RunsDocument.opening(at: now), rest: rest)
  }

  /// The watchers and collectors that can feed each metric, in the catalog's order.
  private func fedBy() -> [String: [String]] {
    var fedBy: [String: [String]] = [:]
    for source in catalog.watchers.map(\.name) + catalog.collectors.map(\.name) {
      for metric in catalog.metrics(fedBy: source) where fedBy[metric]?.last != source {
        fedBy[metric, default: []].append(source)
      }
    }
    return fedBy
  }
}

internal import MetricCatalog
internal import PromQL

/// The metrics of a query are declared, recorded, the exporter's own, or another program's.
enum UnknownMetricCheck: QueryCheck {
  static let ids = [unknown]

  static func check(_ query: CheckedQuery, _ report: QueryReport) {
    query.expression.walk { part in
      guard let (name, place) = part.selector?.metric, let name = name.text, query.known.series[name] == nil else {
        return
      }
      guard let help = help(name, query.known, report) else { return }
      let isHistogram = query.known.histograms.contains(name)
      let message = isHistogram ? "no series is called `\(name)`" : "there is no metric `\(name)`"
      report.add(unknown, message, at: place.range, of: query.found, help: help)
    }
  }

  /// What to do about an unknown name; nil where it is another program's.
  private static func help(_ name: String, _ known: KnownMetrics, _ report: QueryReport) -> String? {
    if known.histograms.contains(name) {
      return "a histogram has the series `\(name)_bucket`, `\(name)_sum` and `\(name)_count`"
    }
    for form in forms(of: name) where known.series[form] != nil { return "did you mean `\(form)`?" }
    let isForeign = known.isForeign(name)
    if isForeign, known.isNamedForeign(name) || !resemblesOne(name, known) { return nil }
    if let suggestion = report.suggestion(for: name, among: known.series.keys.sorted()) { return suggestion }
    return isForeign ? nil : "for a metric of another program give `--foreign \(prefix(of: name))`"
  }

  /// Names that differ by the suffix of a type or unit alone.
  private static func forms(of name: String) -> [String] {
    let suffixes = ["_total", "_info", "_bucket", "_sum", "_count", "_bytes", "_seconds", "_ratio"]
    let bare = suffixes.filter(name.hasSuffix).map { String(name.dropLast($0.count)) }
    return bare + ([name] + bare).flatMap { base in suffixes.map { base + $0 } }.filter { $0 != name }
  }

  /// What begins like another program's metric is one, unless a letter, or two that are swapped, make it ours.
  private static func resemblesOne(_ name: String, _ known: KnownMetrics) -> Bool {
    known.series.keys.contains { other in
      let most = max(name.utf8.count, other.utf8.count)
      guard most - min(name.utf8.count, other.utf8.count) <= 1 else { return false }
      let same = zip(name.utf8, other.utf8).prefix { $0 == $1 }.count
      let sameBehind = zip(name.utf8.reversed(), other.utf8.reversed()).prefix { $0 == $1 }.count
      guard same + sameBehind < most - 1 else { return true }
      guard same + sameBehind == most - 2, name.utf8.count == other.utf8.count else { return false }
      return name.utf8.dropFirst(same).prefix(2).elementsEqual(other.utf8.dropFirst(same).prefix(2).reversed())
    }
  }

  private static func prefix(of name: String) -> String {
    name.firstIndex(of: "_").map { String(name[...$0]) } ?? name
  }
}

extension UnknownMetricCheck {
  private static let unknown = RuleID(
    "query/unknown-metric",
    .error,
    "a query names a metric that nothing gives",
    why: """
      Prometheus finds no series for an unknown name and says nothing: the panel stays empty, and the alert never fires.
      """,
    remedy: """
      Write the name that the catalog has, with the suffix of the series: `_total` for counters, `_bucket`, `_sum` and \
      `_count` for histograms. What the names of another program's metrics begin with is given by `--foreign`; for many \
      well-known exporters that is not needed. What recording rules make is known if their file is checked too.
      """,
    catalog: """
      metrics:
        loss: { type: gauge, help: Loss of the last step }
      """,
    triggers: """
      groups:
        - name: training
          rules: [{ alert: LossHigh, expr: los > 100 }]
      """,
    passes: """
      groups:
        - name: training
          rules: [{ alert: LossHigh, expr: loss > 100 }]
      """
  )
}

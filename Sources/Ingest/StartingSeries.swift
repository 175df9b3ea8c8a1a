internal import MetricCatalog
internal import MetricModel
internal import MetricRegistry

/// The series that exist at 0 before any log is read: those of counters and histograms whose labels are closed, where
/// neither a path nor a record is needed to settle them. So a rate can be taken from the first increment on. An info
/// whose labels are all constant is there from the start, too.
///
/// What only collectors feed does not exist before there is a reading: a total of the system is not 0 where nothing has
/// it.
struct StartingSeries {
  /// More combinations than this are not made in advance.
  static let combinationsMax = 100

  let catalog: Catalog
  /// By metric.
  let isFedByLogs: [Bool]

  func materialize(in registry: Registry) {
    let settledLate = metricsSettledLate()
    let waiting = metricsOfCollectors()
    for (index, metric) in catalog.metrics.enumerated() where !settledLate.contains(index) && !waiting.contains(index) {
      guard metric.type == .counter || metric.type == .histogram, !metric.labels.isEmpty,
        let combinations = combinations(of: metric.labels)
      else { continue }
      for values in combinations { registry.materialize(metric: index, labelValues: values) }
    }
    for (index, metric) in catalog.metrics.enumerated()
    where metric.type == .info && metric.labels.isEmpty && !metric.constant.isEmpty && !waiting.contains(index) {
      registry.series(metric: index, labelValues: [])?.set(1)
    }
    // The registry has made those without labels, since it does not know who feeds them.
    for index in waiting where registry.metrics[index].existsFromStart && catalog.metrics[index].labels.isEmpty {
      if let series = registry.series(metric: index, labelValues: []) { registry.drop(series) }
    }
  }

  /// The metrics that collectors feed, and no log.
  private func metricsOfCollectors() -> Set<Int> {
    Set(catalog.collectors.flatMap(\.readings).flatMap(\.targets).map(\.metric)).filter { !isFedByLogs[$0] }
  }

  /// The metrics that some target feeds with labels from a path or a record.
  private func metricsSettledLate() -> Set<Int> {
    let targets = catalog.watchers.flatMap { $0.eachRecord + $0.fields.flatMap(\.targets) }
    return Set(
      targets.lazy.filter { target in
        target.labels.contains { label in
          label?.parts.contains { part in
            switch part {
            case .pathCapture, .field: true
            case .literal, .fieldCapture: false
            }
          } ?? true
        }
      }.map(\.metric)
    )
  }

  /// All combinations of closed labels in declared order, the last label changing fastest; nil: too many, or not closed.
  private func combinations(of labels: [LabelDescriptor]) -> [[String]]? {
    var combinations: [[String]] = [[]]
    for label in labels {
      let values: [String]
      switch label.allowed {
      case .any: return nil
      case .list(let list): values = list
      case .range(let range):
        // The range may be as wide as Int: its count is not.
        let width = UInt(bitPattern: range.upperBound &- range.lowerBound)
        guard width < UInt(Self.combinationsMax) else { return nil }
        values = range.map(String.init)
      }
      guard combinations.count * values.count <= Self.combinationsMax else { return nil }
      combinations = combinations.flatMap { combination in values.map { combination + [$0] } }
    }
    return combinations
  }
}

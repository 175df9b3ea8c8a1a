internal import LogFormats
internal import MetricCatalog

/// What of a saved state holds under the catalog at hand, which may be another than the one it was saved under.
///
/// A metric is kept where nothing that decides about its values has changed; all others are read anew from the logs
/// that are there.
struct Retention {
  /// By position in the catalog.
  private(set) var metrics: [Bool]
  /// Whether a watcher's records are still the same; by position.
  private(set) var watchers: [Bool]
  /// The metrics that a watcher feeds; by position of both.
  let fed: [[Bool]]

  /// - Parameter hasSameLogs: whether the logs that a watcher had are still its logs, with the same captures. Its
  ///   patterns may have changed, or the folder that they are relative to.
  init(_ catalog: Catalog, prints: CatalogPrints, saved: CatalogPrints.Saved, hasSameLogs: (Int) -> Bool) {
    fed = Self.fed(by: catalog)
    metrics = catalog.metrics.map { prints.hasSame(metric: $0.name, as: saved) }
    watchers = catalog.watchers.map { prints.hasSame(watcher: $0.name, as: saved) }
    for index in catalog.watchers.indices where watchers[index] && !hasSameLogs(index) {
      watchers[index] = false
      for metric in metrics.indices where fed[index][metric] { metrics[metric] = false }
    }
  }

  /// By position of watcher and metric. Events feed all that nothing else does.
  static func fed(by catalog: Catalog) -> [[Bool]] {
    func fed(_ targets: [Target]) -> [Bool] {
      var fed = Array(repeating: false, count: catalog.metrics.count)
      for target in targets { fed[target.metric] = true }
      return fed
    }
    let targets = catalog.watchers.map { $0.eachRecord + $0.fields.flatMap(\.targets) }
    let others = fed(targets.flatMap(\.self) + catalog.collectors.flatMap(\.readings).flatMap(\.targets))
    return zip(catalog.watchers, targets).map { watcher, targets in
      LogFormats.isOfEvents(watcher.format) ? others.map { !$0 } : fed(targets)
    }
  }

  /// What a log goes on with.
  struct Kept {
    var state: LogState
    /// Whether it has to be read again, for metrics that are new to it.
    var isReadAgain: Bool
  }

  /// What is kept of a log's contributions; nil: nothing.
  func keep(_ saved: [Contribution.Saved], of watcher: Int, named index: [String: Int], mapping: RecordMapping) -> Kept?
  {
    var missing = fed[watcher]
    var countsRecords = false
    var contributions: [Contribution] = []
    for one in saved {
      var kept = zip(metrics, fed[watcher]).map { $0 && $1 }
      if let names = one.metrics {
        let had = Set(names.compactMap { index[$0] })
        for metric in kept.indices where !had.contains(metric) { kept[metric] = false }
      }
      var one = one
      one.countsRecords = one.countsRecords && watchers[watcher]
      // The total of a metric that begins anew is of what that metric was, and would be taken for the one before.
      one.totals = one.totals.filter { total in
        mapping.metric(of: total.key.feed).map { kept[$0] } ?? false
      }
      guard one.countsRecords || kept.contains(true) else { continue }
      for metric in kept.indices where kept[metric] { missing[metric] = false }
      countsRecords = countsRecords || one.countsRecords
      let contribution = Contribution(one, metrics: kept)
      mapping.restore(one, of: contribution)
      contributions.append(contribution)
    }
    guard !contributions.isEmpty else { return nil }
    let isReadAgain = missing.contains(true) || !countsRecords
    if isReadAgain {
      contributions.append(Contribution(metrics: missing, countsRecords: !countsRecords))
    } else if contributions.count == 1 {
      contributions[0].coversAll()
    }
    let state = LogState(contributions: contributions)
    // Whether totals run on through a document is told by what it is when it is read.
    if isReadAgain { state.restart(carriesTotals: mapping.plan.document != nil) }
    return Kept(state: state, isReadAgain: isReadAgain)
  }
}

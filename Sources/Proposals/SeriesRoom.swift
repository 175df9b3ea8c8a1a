package import MetricCatalog

/// Bounds of labels multiply: here those of a proposed catalog are made such that no metric may have more series than its
/// limit, as `validate --budget` counts them.
extension ProposedCatalog {
  /// Lowers bounds, the largest first, as far as the values that there are leave room for as many more. Where that is not
  /// enough, the limits are raised to what the bounds allow.
  ///
  /// - Parameter load: loads the catalog from its text.
  /// - Returns: the loaded catalog, for which everything has room.
  package mutating func makeRoom(_ load: (String) -> CatalogLoading) -> (text: CatalogText, loading: CatalogLoading) {
    var (text, loading) = loaded(load)
    // Less for each metric, until all have room together.
    for share in [1, 2, 4, 8, 16] {
      while let budget = budget(of: loading), share == 1 || Self.all(budget) > budget.limit,
        lowerBounds(budget, share: share)
      {
        (text, loading) = loaded(load)
      }
    }
    guard let budget = budget(of: loading), raiseLimits(budget) else { return (text, loading) }
    return loaded(load)
  }

  private func loaded(_ load: (String) -> CatalogLoading) -> (text: CatalogText, loading: CatalogLoading) {
    let text = CatalogText(self)
    return (text, load(text.text))
  }

  private func budget(of loading: CatalogLoading) -> SeriesBudget? {
    loading.catalog.map { SeriesBudget($0, collectors: []) }
  }

  /// Lowers bounds of the labels of those metrics that may have too many series. Returns whether there were any.
  private mutating func lowerBounds(_ budget: SeriesBudget, share: Int) -> Bool {
    let sizes = Dictionary(uniqueKeysWithValues: labels.map { ($0.name, $0.label.size) })
    var isLowered = false
    for metric in budget.metrics {
      let free = metric.labels.filter { $0.values > 1 && $0.values == sizes[$0.name] }.map(\.name)
      func series() -> Double {
        free.reduce(Double(metric.worstCase)) { count, name in
          count * Double(label(name)?.size ?? 1) / Double(sizes[name] ?? 1)
        }
      }
      let most = self.metric(metric.name)?.kind == .info ? Self.infoSeriesMax : Self.seriesMax
      while series() > Double(most / share), let name = lowerable(free), halveBound(of: name) {
        isLowered = true
      }
    }
    return isLowered
  }

  /// The label whose bound goes first: that of the runs only where no other can.
  private func lowerable(_ names: [String]) -> String? {
    let able = names.filter { name in
      guard let label = label(name), case .count(let count, _) = label.bound else { return false }
      return count > Self.least(name, label)
    }
    return (able.filter { $0 != "run" }).max { (label($0)?.size ?? 0) < (label($1)?.size ?? 0) } ?? able.first
  }

  private mutating func halveBound(of name: String) -> Bool {
    guard let place = labels.firstIndex(where: { $0.name == name }),
      case .count(let count, let evicts) = labels[place].label.bound
    else { return false }
    labels[place].label.bound = .count(max(Self.least(name, labels[place].label), count / 2), evictsOldest: evicts)
    return true
  }

  private mutating func raiseLimits(_ budget: SeriesBudget) -> Bool {
    for metric in budget.metrics where metric.isOver {
      guard let place = metrics.firstIndex(where: { $0.name == metric.name }) else { continue }
      metrics[place].seriesMax = Self.rounded(metric.worstCase)
    }
    let all = Self.all(budget)
    if all > budget.limit { seriesMax = Self.rounded(all) }
    return all > budget.limit || budget.metrics.contains(where: \.isOver)
  }

  /// How many series all metrics may have, whatever limit each has.
  private static func all(_ budget: SeriesBudget) -> Int {
    budget.metrics.reduce(0) { $0 + min($1.worstCase, Int.max / 2 - $0) }
  }

  /// Infos that have too many values for one metric in any case: the last ones of each watcher, by its name and by field.
  package var crowdedInfos: Proposer.Unusable {
    var crowded: Proposer.Unusable = [:]
    for metric in metrics where metric.kind == .info {
      guard let count = metric.seriesMax, count > Self.infoSeriesMost else { continue }
      for watcher in watchers {
        let infos = watcher.infos.filter { $0.metric == metric.name }
        for info in infos.dropFirst(Int(Double(infos.count) * Double(Self.infoSeriesMost) / Double(count))) {
          crowded[watcher.name, default: [:]][info.field] =
            "there are so many runs and values that the labels of `\(metric.name)` would allow \(count) series"
        }
      }
    }
    return crowded
  }

  private static func rounded(_ count: Int) -> Int { count > Int.max / 2 ? count : (count + 999) / 1_000 * 1_000 }

  /// How many values a label has room for in any case.
  private static func least(_ name: String, _ label: Label) -> Int { max(leasts[name] ?? 5, label.room) }

  private static let leasts = ["run": 25, "run_name": 25, "score": 20, "setting_value": 20]
  /// The default of `limits: { series_per_metric }`.
  private static let seriesMax = 10_000
  /// A run has one name, and one value of each setting: there are far fewer series of an info than its labels allow.
  private static let infoSeriesMax = 50_000
  /// What an info may have where there are that many values.
  private static let infoSeriesMost = 1_000_000
}

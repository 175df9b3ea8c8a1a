internal import MetricCatalog
internal import MetricModel

/// The rows with what logs and programs say: curves of runs, a row for each other watcher, and one for programs.
struct LogRows {
  private let catalog: Catalog
  private let feeds: Feeds
  private let runMatchers: [LabelMatcher]
  private let matchers: [LabelMatcher]
  private let isOfReinforcement: Bool

  /// - Parameters:
  ///   - matchers: which exporters are shown.
  ///   - runMatchers: which runs are shown: one for each label of runs.
  init(_ catalog: Catalog, _ feeds: Feeds, matching matchers: [LabelMatcher], runs runMatchers: [LabelMatcher]) {
    self.catalog = catalog
    self.feeds = feeds
    self.matchers = matchers
    self.runMatchers = runMatchers
    let fields = catalog.watchers.flatMap(\.fields).map(\.pattern.pattern.source)
    isOfReinforcement = (catalog.metrics.map(\.name) + fields).contains(where: MetricWords.isOfReinforcement)
  }

  var rows: [PanelRow] {
    var curves: [ShownMetric] = []
    var ofWatchers: [(name: String, shown: [ShownMetric])] = []
    var ofPrograms: [ShownMetric] = []
    for (index, metric) in catalog.metrics.enumerated() where metric.deprecated == nil {
      if feeds.isOfRuns(index, catalog) {
        curves.append(shown(index, ofRuns: true))
      } else if let watcher = feeds.watchers[index].first {
        if let place = ofWatchers.firstIndex(where: { $0.name == watcher.name }) {
          ofWatchers[place].shown.append(shown(index, ofRuns: false))
        } else {
          ofWatchers.append((watcher.name, [shown(index, ofRuns: false)]))
        }
      } else if feeds.isOfPrograms[index] {
        ofPrograms.append(shown(index, ofRuns: false))
      }
    }
    let watchers = ofWatchers.map { PanelRow(title: Self.title($0.name), panels: Self.panels($0.shown, "log")) }
    let programs = PanelRow(title: "Programs", panels: Self.panels(ofPrograms, "log"))
    return Self.curveRows(curves) + watchers + [programs]
  }

  private func shown(_ index: Int, ofRuns: Bool) -> ShownMetric {
    let all = feeds.labels(index, catalog)
    let words = MetricWords(catalog.metrics[index])
    let isSpread = words.isSpread || words.isLoss && !isOfReinforcement
    let isSlow = feeds.watchers[index].contains { $0.run != nil }
    if ofRuns {
      let names = feeds.runLabels.filter(Set(catalog.metrics[index].labels.map { Feeds.targetLabel($0.name) }).contains)
      return ShownMetric(
        metric: catalog.metrics[index],
        matchers: matchers + zip(feeds.runLabels, runMatchers).filter { names.contains($0.0) }.map(\.1),
        labels: names + all.filter { !names.contains($0) },
        isSlow: true,
        isSpread: isSpread
      )
    }
    return ShownMetric(
      metric: catalog.metrics[index],
      matchers: matchers,
      labels: ["instance"] + all,
      isSlow: isSlow,
      isSpread: isSpread
    )
  }

  /// Losses and scores come first, then how fast they are learned, and all else.
  private static func curveRows(_ shown: [ShownMetric]) -> [PanelRow] {
    func rank(_ metric: ShownMetric) -> Int {
      let words = metric.words
      if words.isLoss { return 0 }
      if words.isScore || words.isError || metric.metric.isIn("ratio") { return 1 }
      return 2
    }
    let curves = shown.filter { rank($0) < 2 }
    let sorted = curves.filter { rank($0) == 0 } + curves.filter { rank($0) == 1 }
    return [
      PanelRow(title: "Curves", panels: panels(sorted, "log")),
      PanelRow(title: "Training", panels: panels(shown.filter { rank($0) == 2 }, "log")),
    ]
  }

  /// A panel for each metric; those that measure the same on different parts of the data share one.
  static func panels(_ shown: [ShownMetric], _ key: String) -> [Panel] {
    var groups: [[ShownMetric]] = []
    for each in shown {
      let place = groups.firstIndex { group in
        let first = group[0]
        return first.words.stem == each.words.stem && first.metric.type == each.metric.type
          && first.metric.type == .gauge && first.metric.unitOfValues == each.metric.unitOfValues
          && first.words.part != nil && each.words.part != nil
      }
      if let place { groups[place].append(each) } else { groups.append([each]) }
    }
    return groups.map { group in
      guard group.count > 1 else { return Panel(group, key: "\(key)/\(group[0].metric.name)") }
      let parted = group.map { each in
        var each = each
        each.legend = each.words.part ?? ""
        return each
      }
      return Panel(parted, key: "\(key)/\(group[0].metric.name)", title: group[0].words.title)
    }
  }

  private static func title(_ watcher: String) -> String {
    // A title with a variable of Grafana in it would be another one.
    let words = watcher.split { "_-$[]".contains($0) }.joined(separator: " ")
    return words.prefix(1).uppercased() + words.dropFirst()
  }
}

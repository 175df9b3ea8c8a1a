internal import Diagnostics
internal import LogFormats
internal import MetricModel

/// Two versions of a catalog, matched: which metric, watcher and feed of the new one is which of the old one.
struct CatalogComparison {
  /// A metric of both versions.
  struct MetricPair {
    var old: Side
    var new: Side
    var feeds: [FeedPair]
    /// Those that are not written in the same way.
    var changedFeeds: [FeedPair]

    struct Side {
      var declaration: MetricDeclaration
      var descriptor: MetricDescriptor
      var name: String { descriptor.name }

    }

    /// The value of a key in the new file; where the key is not given there, the place where it stood.
    func place<T>(_ key: KeyPath<MetricDeclaration, Key<T>>) -> SourceRange {
      let (before, after) = (old.declaration, new.declaration)
      return MetricDeclaration.keys.place(of: key, before, after) ?? after.name.range
    }

    /// The value of a key in the old file; where the key is not given there, the place where it stands now.
    func was<T>(_ key: KeyPath<MetricDeclaration, Key<T>>) -> SourceRange {
      let (before, after) = (old.declaration, new.declaration)
      return MetricDeclaration.keys.place(of: key, after, before) ?? before.name.range
    }
  }

  /// What feeds a metric in both versions, or in one of them.
  struct FeedPair {
    var old: Feed?
    var new: Feed?
  }

  struct WatcherPair {
    var old: (index: Int, watcher: Watcher, declaration: WatcherDeclaration)
    var new: (index: Int, watcher: Watcher, declaration: WatcherDeclaration)

    /// The value of a key in the new file; where the key is not given there, the place where it stood.
    func place<T>(_ key: KeyPath<WatcherDeclaration, Key<T>>) -> SourceRange {
      let (before, after) = (old.declaration, new.declaration)
      return WatcherDeclaration.keys(LogFormats.all).place(of: key, before, after) ?? after.name.range
    }

    /// The value of a key in the old file; where the key is not given there, the place where it stands now.
    func was<T>(_ key: KeyPath<WatcherDeclaration, Key<T>>) -> SourceRange {
      let (before, after) = (old.declaration, new.declaration)
      return WatcherDeclaration.keys(LogFormats.all).place(of: key, after, before) ?? before.name.range
    }
  }

  let old: CatalogVersion
  let new: CatalogVersion
  /// In the order of the new file.
  private(set) var metrics: [MetricPair] = []
  /// Those of them whose declarations do not mean the same.
  private(set) var changedMetrics: [MetricPair] = []
  /// Those of them that are not fed in the same way.
  private(set) var metricsFedOtherwise: [MetricPair] = []
  /// Places in the old catalog's list.
  private(set) var removedMetrics: [Int] = []
  /// Places in the new catalog's list.
  private(set) var addedMetrics: [Int] = []
  /// The watchers that feed a metric of both versions, or tell of runs in both.
  private(set) var watchers: [WatcherPair] = []
  /// The watchers that tell of runs, in either version, by their places in the lists.
  private(set) var runs: [(old: Int?, new: Int?)] = []
  private let counterparts: [Feed.Source: Feed.Source]
  /// Labels that metrics of both versions have, by their names in the old one and the new one.
  private(set) var labels: [(old: LabelDescriptor, new: LabelDescriptor)] = []
  /// Labels that have another name wherever they had the old one.
  private(set) var renamedLabels: [(old: String, new: String, metrics: [String])] = []

  init(old: CatalogVersion, new: CatalogVersion) {
    self.old = old
    self.new = new
    let sources = SourceMatching(old, new)
    counterparts = sources.new
    matchMetrics(sources)
    let feeding = Set(metrics.flatMap(\.feeds).compactMap { $0.old.flatMap { sources.new[$0.source] } })
    for (index, watcher) in old.catalog.watchers.enumerated() {
      guard case .watcher(let place)? = sources.new[.watcher(index)] else { continue }
      let tells = watcher.run != nil && new.catalog.watchers[place].run != nil
      guard tells || feeding.contains(.watcher(place)) else { continue }
      watchers.append(
        WatcherPair(
          old: (index, watcher, old.declaration.watchers[index]),
          new: (place, new.catalog.watchers[place], new.declaration.watchers[place])
        )
      )
    }
    matchLabels()
    matchRuns(sources)
  }

  private mutating func matchRuns(_ sources: SourceMatching) {
    var taken: Set<Int> = []
    for (index, watcher) in old.catalog.watchers.enumerated() {
      guard watcher.run != nil else { continue }
      guard case .watcher(let place)? = sources.new[.watcher(index)], new.catalog.watchers[place].run != nil else {
        runs.append((index, nil))
        continue
      }
      runs.append((index, place))
      taken.insert(place)
    }
    for (place, watcher) in new.catalog.watchers.enumerated() where watcher.run != nil && !taken.contains(place) {
      runs.append((nil, place))
    }
  }

  /// The watcher of the new version that goes on with one of the old version, by its place there.
  func watcher(insteadOf index: Int) -> WatcherDeclaration? {
    guard case .watcher(let place)? = counterparts[.watcher(index)] else { return nil }
    return new.declaration.watchers[place]
  }

  // MARK: Metrics

  private mutating func matchMetrics(_ sources: SourceMatching) {
    let places = old.declaration.metricPlaces
    var taken: Set<Int> = []
    var pairs: [Int: Int] = [:]
    for (index, metric) in new.catalog.metrics.enumerated() {
      guard let place = places[metric.name] else { continue }
      pairs[index] = place
      taken.insert(place)
    }
    let lost = old.catalog.metrics.indices.filter { !taken.contains($0) }
    let fresh = new.catalog.metrics.indices.filter { pairs[$0] == nil }
    for (place, index) in renamed(lost, fresh, sources) {
      pairs[index] = place
      taken.insert(place)
    }
    removedMetrics = lost.filter { !taken.contains($0) }
    addedMetrics = fresh.filter { pairs[$0] == nil }
    for index in new.catalog.metrics.indices {
      guard let place = pairs[index] else { continue }
      let feeds = sources.pairs(old.feeds[place], new.feeds[index])
      let pair = MetricPair(
        old: .init(declaration: old.declaration.metrics[place], descriptor: old.catalog.metrics[place]),
        new: .init(declaration: new.declaration.metrics[index], descriptor: new.catalog.metrics[index]),
        feeds: feeds,
        changedFeeds: feeds.filter { !sources.isSame($0) }
      )
      metrics.append(pair)
      if pair.old.descriptor != pair.new.descriptor { changedMetrics.append(pair) }
      if !pair.changedFeeds.isEmpty { metricsFedOtherwise.append(pair) }
    }
  }

  /// Which of the metrics that are gone goes on under which of the new names: what the same fields feed, and else what
  /// has the same type, help text and labels.
  private func renamed(_ lost: [Int], _ fresh: [Int], _ sources: SourceMatching) -> [(old: Int, new: Int)] {
    guard !lost.isEmpty, !fresh.isEmpty else { return [] }
    var candidates: [String: [Int]] = [:]
    for index in fresh {
      for key in sources.newKeys(new.feeds[index]) + [descriptionKey(new.catalog.metrics[index])] {
        candidates[key, default: []].append(index)
      }
    }
    var taken: Set<Int> = []
    var found: [(old: Int, new: Int)] = []
    for place in lost {
      let keys = sources.oldKeys(old.feeds[place])
      var shared: [Int: Int] = [:]
      for key in keys {
        for index in candidates[key] ?? [] where !taken.contains(index) { shared[index, default: 0] += 1 }
      }
      if shared.isEmpty {
        let alike = (candidates[descriptionKey(old.catalog.metrics[place])] ?? []).filter { !taken.contains($0) }
        if alike.count == 1 { shared[alike[0]] = 1 }
      }
      guard let best = shared.max(by: { ($0.value, -$0.key) < ($1.value, -$1.key) }) else { continue }
      found.append((place, best.key))
      taken.insert(best.key)
    }
    return found
  }

  private func descriptionKey(_ metric: MetricDescriptor) -> String {
    let labels = metric.labels.map(\.name).joined(separator: ",")
    return "description \(metric.type.rawValue) \(metric.unit ?? "") \(labels) \(metric.help)"
  }

  // MARK: Labels

  private mutating func matchLabels() {
    var used: [String: Set<String>] = [:]
    var counterparts: [String: [(name: String, metric: String)]] = [:]
    var pairs: [String: (LabelDescriptor, LabelDescriptor)] = [:]
    for pair in metrics {
      let renamed = pair.renamedLabels(self)
      for label in pair.old.descriptor.labels {
        used[label.name, default: []].insert(pair.new.name)
        let name = renamed[label.name] ?? label.name
        guard let now = pair.new.descriptor.labels.first(where: { $0.name == name }) else { continue }
        if name != label.name { counterparts[label.name, default: []].append((name, pair.new.name)) }
        if pairs[label.name] == nil { pairs[label.name] = (label, now) }
      }
    }
    labels = old.declaration.labels.compactMap { pairs[$0.name.value] }
    for label in old.declaration.labels.map(\.name.value) {
      guard let all = counterparts[label], Set(all.map(\.name)).count == 1, all.count == used[label]?.count else {
        continue
      }
      renamedLabels.append((label, all[0].name, all.map(\.metric)))
    }
  }
}

extension CatalogComparison.MetricPair {
  /// The labels that go on under another name, by the old ones: those that have the same text at what feeds the metric,
  /// or, where nothing does, the same place and the same values.
  func renamedLabels(_ comparison: CatalogComparison) -> [String: String] {
    let before = old.descriptor.labels
    let after = new.descriptor.labels
    let lost = before.filter { label in !after.contains { $0.name == label.name } }
    var fresh = after.filter { label in !before.contains { $0.name == label.name } }
    guard !lost.isEmpty, !fresh.isEmpty else { return [:] }
    let texts = feeds.compactMap { pair in
      pair.old.flatMap { old in
        pair.new.map { (comparison.texts(old, comparison.old), comparison.texts($0, comparison.new)) }
      }
    }
    var renamed: [String: String] = [:]
    for label in lost {
      let found = fresh.firstIndex { other in
        if texts.isEmpty {
          var same = other
          same.name = label.name
          same.help = label.help
          return same == label && before.firstIndex(of: label) == after.firstIndex(of: other)
        }
        return texts.allSatisfy { $0[label.name] == $1[other.name] }
      }
      guard let found else { continue }
      renamed[label.name] = fresh.remove(at: found).name
    }
    return renamed
  }
}

extension CatalogComparison {
  /// The text of each label at a feed, without the names of captures: those mean nothing but their places.
  func texts(_ feed: Feed, _ version: CatalogVersion) -> [String: String] {
    guard let target = feed.target else { return [:] }
    let names = version.catalog.metrics[target.metric].labels.map(\.name)
    return Dictionary(
      zip(names, target.labels).map { ($0, $1.map { version.meaning(of: $0, at: feed) } ?? "reading") },
      uniquingKeysWith: { first, _ in first }
    )
  }
}

extension CatalogVersion {
  /// What a label's text is made of, such that two that mean the same are the same.
  func meaning(of text: LabelText, at feed: Feed) -> String {
    text.parts.map { part in
      switch part {
      case .literal(let text): text
      case .field(let name): "\u{3}\(name)\u{3}"
      case .fieldCapture(let name):
        if case .field(_, let pattern) = feed.entry { "\u{1}\(pattern.place(ofCapture: name))\u{1}" } else { name }
      case .pathCapture(let name): "\u{2}\(pathPlaces(of: name, feed.source))\u{2}"
      }
    }.joined()
  }

  /// The capture's place in each pattern of the watcher's paths.
  private func pathPlaces(of name: String, _ source: Feed.Source) -> String {
    guard case .watcher(let index) = source else { return name }
    let places = Set(catalog.watchers[index].files.map { $0.place(ofCapture: name) })
    return places.sorted().map(String.init).joined(separator: ",")
  }

  /// What a label's text is made of, as it is written: for messages.
  func shown(_ text: LabelText) -> String {
    text.parts.map { part in
      switch part {
      case .literal(let text): text
      case .field(let name): "{.\(name)}"
      case .fieldCapture(let name), .pathCapture(let name): "{\(name)}"
      }
    }.joined()
  }
}

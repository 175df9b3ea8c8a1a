internal import PatternSyntax

/// Which watcher and collector of one version is which of the other, and with that, which feeds belong together.
struct SourceMatching {
  /// The counterparts of the old version's sources.
  private(set) var new: [Feed.Source: Feed.Source] = [:]
  private let before: CatalogVersion
  private let after: CatalogVersion

  init(_ old: CatalogVersion, _ new: CatalogVersion) {
    before = old
    after = new
    for (index, collector) in old.catalog.collectors.enumerated() {
      guard let place = new.catalog.collectors.firstIndex(where: { $0.name == collector.name }) else { continue }
      self.new[.collector(index)] = .collector(place)
    }
    matchWatchers(old.catalog.watchers, new.catalog.watchers)
  }

  /// By name; those that are left by their files, then by their fields.
  private mutating func matchWatchers(_ old: [Watcher], _ new: [Watcher]) {
    let keys: [(Watcher) -> [String]] = [
      { ["name " + $0.name] },
      { $0.files.map(\.shape).sorted() },
      { watcher in watcher.fields.map(\.pattern.pattern.shape).sorted() },
    ]
    var taken: Set<Int> = []
    for key in keys {
      var places: [[String]: Int] = [:]
      for index in new.indices.reversed() where !taken.contains(index) { places[key(new[index])] = index }
      for (index, watcher) in old.enumerated() where self.new[.watcher(index)] == nil {
        let wanted = key(watcher)
        guard !wanted.isEmpty, let place = places.removeValue(forKey: wanted) else { continue }
        self.new[.watcher(index)] = .watcher(place)
        taken.insert(place)
      }
    }
  }

  // MARK: Feeds

  /// Whether both are written in the same way at the same place, so that nothing has to be compared.
  func isSame(_ pair: CatalogComparison.FeedPair) -> Bool {
    guard let old = pair.old, let new = pair.new, self.new[old.source] == new.source else { return false }
    if case .watcher(let first) = old.source, case .watcher(let second) = new.source,
      before.catalog.watchers[first].files != after.catalog.watchers[second].files
    {
      return false
    }
    guard var target = old.target, let now = new.target else { return old.entry == new.entry }
    target.metric = now.metric
    guard target == now else { return false }
    switch (old.entry, new.entry) {
    case (.field(_, let first), .field(_, let second)): return first == second
    case (.eachRecord, .eachRecord): return true
    default: return false
    }
  }

  /// What a feed is known by where metrics are looked for that have another name now.
  func oldKeys(_ feeds: [Feed]) -> [String] {
    feeds.compactMap { feed in feed.target == nil ? nil : new[feed.source].map { key($0, feed.entry) } }
  }

  func newKeys(_ feeds: [Feed]) -> [String] {
    feeds.compactMap { feed in feed.target == nil ? nil : key(feed.source, feed.entry) }
  }

  private func key(_ source: Feed.Source?, _ entry: Feed.Entry?) -> String {
    let place =
      switch source {
      case .watcher(let index): "watcher \(index) "
      case .collector(let index): "collector \(index) "
      case nil: ""
      }
    return place + (entry?.shape ?? "")
  }

  /// A metric's feeds in pairs, those that have most in common first; what is left over stands alone.
  func pairs(_ old: [Feed], _ new: [Feed]) -> [CatalogComparison.FeedPair] {
    // Most metrics have one of each.
    if old.count == 1, new.count == 1 { return [.init(old: old[0], new: new[0])] }
    var result: [CatalogComparison.FeedPair] = []
    var (old, new) = (old, new)
    func match(_ oldKey: (Feed) -> String?, _ newKey: (Feed) -> String) {
      guard !old.isEmpty, !new.isEmpty else { return }
      var places: [String: [Int]] = [:]
      for index in new.indices.reversed() { places[newKey(new[index]), default: []].append(index) }
      var (left, taken): ([Feed], Set<Int>) = ([], [])
      for feed in old {
        if let key = oldKey(feed), let place = places[key]?.popLast() {
          result.append(.init(old: feed, new: new[place]))
          taken.insert(place)
        } else {
          left.append(feed)
        }
      }
      old = left
      new = new.indices.filter { !taken.contains($0) }.map { new[$0] }
    }
    /// The source's counterpart in the new version.
    func source(_ feed: Feed) -> Feed.Source? { self.new[feed.source] }
    func labels(_ feed: Feed, _ version: CatalogVersion) -> String {
      (feed.target?.labels ?? []).map { $0.map { version.meaning(of: $0, at: feed) } ?? "" }.joined(separator: "\u{4}")
    }
    match(
      { feed in source(feed).map { key($0, feed.entry) + labels(feed, before) } },
      { key($0.source, $0.entry) + labels($0, after) }
    )
    match({ feed in source(feed).map { key($0, feed.entry) } }, { key($0.source, $0.entry) })
    match(
      { feed in source(feed).map { key($0, nil) + labels(feed, before) } },
      { key($0.source, nil) + labels($0, after) }
    )
    match({ key(nil, $0.entry) + labels($0, before) }, { key(nil, $0.entry) + labels($0, after) })
    match({ key(nil, $0.entry) }, { key(nil, $0.entry) })
    if old.count == 1, new.count == 1 { match({ _ in "" }, { _ in "" }) }
    return result + old.map { .init(old: $0) } + new.map { .init(new: $0) }
  }
}

extension Pattern {
  /// The capture's place among all that it takes, `{_}` included; -1: it has none of that name.
  func place(ofCapture name: String) -> Int {
    var place = 0
    for part in parts {
      switch part {
      case .capture(name), .deepCapture(name): return place
      case .capture, .deepCapture: place += 1
      case .literal, .field: break
      }
    }
    return -1
  }
}

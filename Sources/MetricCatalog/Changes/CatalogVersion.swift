internal import Diagnostics
internal import PatternSyntax

/// A catalog of a comparison: what it means, and where that stands in its file. Metrics, watchers and collectors have the
/// same places in both lists.
struct CatalogVersion {
  let catalog: Catalog
  let declaration: CatalogDeclaration
  /// What feeds each metric.
  let feeds: [[Feed]]
  /// Where to point if nothing else is left: the first key.
  let start: SourceRange

  /// nil: it has errors.
  init?(_ loading: CatalogLoading) {
    guard let catalog = loading.catalog, let declaration = loading.declaration else { return nil }
    self.catalog = catalog
    self.declaration = declaration
    feeds = Self.feeds(catalog, declaration)
    start = declaration.start
  }

  private static func feeds(_ catalog: Catalog, _ declaration: CatalogDeclaration) -> [[Feed]] {
    var feeds: [[Feed]] = Array(repeating: [], count: catalog.metrics.count)
    func add(_ targets: [Target], _ declared: [TargetDeclaration], _ source: Feed.Source, _ entry: Feed.Entry) {
      for (target, declared) in zip(targets, declared) {
        feeds[target.metric].append(Feed(source: source, entry: entry, target: target, declared: declared))
      }
    }
    func add(_ fields: [FieldMapping], _ declared: [WatcherDeclaration.Field], _ source: Feed.Source) {
      for (field, declared) in zip(fields, declared) {
        add(field.targets, declared.targets, source, .field(declared.pattern.text, field.pattern.pattern))
      }
    }
    for (index, watcher) in catalog.watchers.enumerated() {
      let declared = declaration.watchers[index]
      add(watcher.eachRecord, declared.eachRecord.value ?? [], .watcher(index), .eachRecord)
      add(watcher.fields, declared.fields.value ?? [], .watcher(index))
    }
    for (index, collector) in catalog.collectors.enumerated() {
      add(collector.readings, declaration.collectors[index].readings.value ?? [], .collector(index))
    }
    // Events files feed what no target does.
    for (index, watcher) in declaration.watchers.enumerated() {
      guard case .events? = watcher.format.value?.content else { continue }
      for metric in feeds.indices where feeds[metric].allSatisfy({ $0.entry == .events }) {
        feeds[metric].append(Feed(source: .watcher(index), entry: .events, target: nil, declared: nil))
      }
    }
    return feeds
  }

  // MARK: Places

  /// The name of what feeds, where it stands.
  func name(of source: Feed.Source) -> Text {
    switch source {
    case .watcher(let index): declaration.watchers[index].name
    case .collector(let index): declaration.collectors[index].name
    }
  }

  /// ``field `loss` of watcher `trainer` ``.
  func description(of feed: Feed) -> String {
    let source = description(of: feed.source)
    return feed.entry == .events ? source : "\(entry(of: feed)) of \(source)"
  }

  /// ``field `loss` ``.
  func entry(of feed: Feed) -> String {
    switch (feed.entry, feed.source) {
    case (.eachRecord, _): "each record"
    case (.events, _): "events"
    case (.field(let name, _), .collector): "reading `\(name.value)`"
    case (.field(let name, _), .watcher): "field `\(name.value)`"
    }
  }

  func description(of source: Feed.Source) -> String {
    switch source {
    case .watcher: "watcher `\(name(of: source).value)`"
    case .collector: "collector `\(name(of: source).value)`"
    }
  }

  /// The line of a watcher or collector that feeds.
  func place(of feed: Feed) -> SourceRange {
    switch feed.entry {
    case .field(let name, _): name.range
    case .eachRecord: feed.declared?.metric.range ?? name(of: feed.source).range
    case .events: name(of: feed.source).range
    }
  }

  /// What settles the label at a target: its own text, the field's name, the watcher's text, or its path.
  func place(ofLabel label: String, at feed: Feed) -> SourceRange {
    if let own = feed.declared?.labels.first(where: { $0.name.value == label }) { return own.text.text.range }
    if case .field(let name, let pattern) = feed.entry, pattern.captureNames.contains(label) { return name.range }
    guard case .watcher(let index) = feed.source else { return place(of: feed) }
    let watcher = declaration.watchers[index]
    if let common = watcher.labels.value?.first(where: { $0.name.value == label }) { return common.text.text.range }
    return watcher.files.value?.first?.text.range ?? watcher.name.range
  }
}

/// A target of a metric, with the place where it stands: what the metric's values come from.
struct Feed {
  enum Source: Hashable {
    /// Places in the catalog's lists.
    case watcher(Int)
    case collector(Int)
  }

  enum Entry: Equatable {
    case eachRecord
    /// A line of `fields:` or `readings:`.
    case field(Text, Pattern)
    /// A file of running totals, which has no targets.
    case events

    static func == (a: Entry, b: Entry) -> Bool { a.shape == b.shape }

    /// The same for entries that take the same records and fields, whatever their captures are called.
    var shape: String {
      switch self {
      case .eachRecord: "each_record"
      case .events: "events"
      case .field(_, let pattern): "field " + pattern.shape
      }
    }
  }

  var source: Source
  var entry: Entry
  /// nil: events files have none.
  var target: Target?
  var declared: TargetDeclaration?
}

extension Pattern {
  /// The pattern without the names of its captures: two of the same shape match the same texts.
  var shape: String {
    parts.map { part in
      switch part {
      case .literal(let text): text
      case .capture: "\u{1}"
      case .deepCapture: "\u{2}"
      case .field(let name): "\u{3}\(name)\u{3}"
      }
    }.joined()
  }
}

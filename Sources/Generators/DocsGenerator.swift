internal import MetricCatalog
internal import MetricModel

extension Generator {
  /// A page for those who query: what each metric is, and where it comes from.
  static let docs = Generator(
    name: "docs",
    help: "a page in Markdown: each metric with its labels, its sources and what it can cost",
    source: .catalog { catalog, collectors, _ in CatalogPage(catalog, collectors).text }
  )
}

/// The page of one catalog.
struct CatalogPage {
  private let catalog: Catalog
  private let budget: SeriesBudget
  private let sources: [[MetricSource]]

  init(_ catalog: Catalog, _ collectors: [CollectorDescriptor]) {
    self.catalog = catalog
    budget = SeriesBudget(catalog, collectors: collectors)
    sources = MetricSource.all(of: catalog, collectors)
  }

  var text: String {
    let overview = catalog.metrics.map { metric in
      [
        "[`\(metric.name)`](#\(Self.anchor(metric.name)))", metric.type.rawValue, metric.unit ?? "",
        MarkdownText.plain(metric.help),
      ]
    }
    let limits = catalog.limits.registry
    return """
      # Metrics

      <!-- Made by `training-exporter generate docs` from the catalog. Change that, and make it anew. -->

      All metrics together have at most \(Self.text(budget.worstCase)) time series at a time; the limit is \
      \(Self.text(limits.series)).

      \(MarkdownText.table(["metric", "type", "unit", "what it measures"], overview))
      """ + catalog.metrics.indices.map(section).joined() + RunSection.text(catalog)
  }

  private func section(_ index: Int) -> String {
    let (metric, cost) = (catalog.metrics[index], budget.metrics[index])
    var text = "\n## \(metric.name)\n\n\(MarkdownText.plain(metric.help))\n\n"
    if let deprecated = metric.deprecated { text += "**Deprecated:** \(MarkdownText.plain(deprecated))\n\n" }
    text += facts(of: metric).map { "- \($0.name): \($0.value)\n" }.joined()
    text += "- time series: at most \(Self.text(cost.worstCase)); the limit is \(Self.text(cost.limit))\n"
    if !metric.labels.isEmpty {
      let rows = metric.labels.map { label in
        [MarkdownText.code(label.name), Self.values(of: label), MarkdownText.plain(label.help ?? "")]
      }
      text += "\n" + MarkdownText.table(["label", "values", "what it says"], rows)
    }
    if sources[index].isEmpty {
      text += "\nNothing in the catalog feeds it: a program updates it itself.\n"
    } else {
      let rows = sources[index].map { [$0.place, $0.field, $0.use] }
      text += "\n" + MarkdownText.table(["source", "what feeds it", "how"], rows)
    }
    return text
  }

  private func facts(of metric: MetricDescriptor) -> [(name: String, value: String)] {
    var facts = [(name: "type", value: metric.type.rawValue)]
    if let unit = metric.unit { facts.append(("unit", unit)) }
    switch metric.type {
    case .histogram:
      if !metric.buckets.isEmpty { facts.append(("buckets", metric.buckets.map(Self.text).joined(separator: ", "))) }
      if let native = metric.nativeHistogram {
        facts.append(("native buckets", "grow by a factor of at most \(native.factor)"))
      }
    case .summary where !metric.quantiles.isEmpty:
      let quantiles = metric.quantiles.map(Self.text).joined(separator: ", ")
      facts.append(("quantiles", "\(quantiles), of the last \(Self.text(metric.window)) observations"))
    case .stateset: facts.append(("states", metric.states.map(MarkdownText.code).joined(separator: " ")))
    case .info where !metric.constant.isEmpty:
      let labels = metric.constant.map { MarkdownText.code("\($0.name)=\"\($0.value)\"") }
      facts.append(("constant labels", labels.joined(separator: ", ")))
    case .counter, .gauge, .info, .summary: break
    }
    return facts
  }

  static func values(of label: LabelDescriptor) -> String {
    var parts: [String] = []
    switch label.allowed {
    case .any: break
    case .list(let values): parts.append(values.map(MarkdownText.code).joined(separator: " "))
    case .range(let range): parts.append("\(range.lowerBound) to \(range.upperBound)")
    }
    if let count = label.maxValues {
      let eviction = label.evictsOldest ? "; a new one replaces the oldest" : ""
      parts.append("at most \(text(count)) at a time\(eviction)")
    }
    if let otherwise = label.otherwise { parts.append("any other text becomes \(MarkdownText.code(otherwise))") }
    parts += label.named.sorted { $0.key < $1.key }.map { said, value in
      "\(MarkdownText.code(said)) becomes \(MarkdownText.code(value))"
    }
    return parts.joined(separator: "; ")
  }

  /// As GitHub and others make it of a heading.
  private static func anchor(_ name: String) -> String { name.lowercased().replacing(":", with: "") }

  private static func text(_ number: Double) -> String { Int(exactly: number).map { "\($0)" } ?? "\(number)" }
  private static func text(_ count: Int) -> String { count == Int.max ? "more than anyone can count" : "\(count)" }
}

/// Something that feeds a metric, for people.
private struct MetricSource {
  var place: String
  var field: String
  var use: String

  /// For each metric, in the order of the catalog.
  static func all(of catalog: Catalog, _ collectors: [CollectorDescriptor]) -> [[MetricSource]] {
    var sources = Array(repeating: [MetricSource](), count: catalog.metrics.count)
    func add(_ place: String, _ field: String, _ targets: [Target]) {
      for target in targets {
        sources[target.metric].append(
          MetricSource(place: place, field: field, use: use(target, catalog.metrics[target.metric].labels))
        )
      }
    }
    for watcher in catalog.watchers {
      let place = place(of: watcher)
      let word = watcher.format.name == "csv" ? "column" : "field"
      add(place, "each record", watcher.eachRecord)
      for mapping in watcher.fields {
        add(place, "\(word) \(MarkdownText.code(mapping.pattern.pattern.source))", mapping.targets)
      }
    }
    for collector in catalog.collectors {
      let readings = collectors.first { $0.name == collector.name }?.records.flatMap(\.readings) ?? []
      let place = "collector \(MarkdownText.code(collector.name))"
      for mapping in collector.readings {
        let name = mapping.pattern.pattern.source
        let help = readings.first { $0.name == name }.map { ": \(MarkdownText.plain($0.help))" } ?? ""
        add(place, "reading \(MarkdownText.code(name))\(help)", mapping.targets)
      }
    }
    let events = catalog.watchers.filter(\.readsEvents).map {
      MetricSource(place: place(of: $0), field: "events", use: "what instrumented programs count")
    }
    return sources.map { $0.isEmpty ? events : $0 }
  }

  private static func place(of watcher: Watcher) -> String {
    let files = watcher.files.map { MarkdownText.code($0.source) }.joined(separator: ", ")
    return "watcher \(MarkdownText.code(watcher.name)): \(files)"
  }

  /// `from`, what is done to the number, and what settles the labels.
  private static func use(_ target: Target, _ labels: [LabelDescriptor]) -> String {
    var parts: [String] = []
    switch target.from {
    case .value: break
    case .runningTotal: parts.append("what a running total grows by")
    case .highest: parts.append("what the highest running total so far rises by")
    case .difference: parts.append("the difference to the record before")
    case .count: parts.append("counted")
    case .time: parts.append("when the newest was written, in seconds since 1970")
    }
    if let field = target.restartsWith { parts.append("which begins again with \(MarkdownText.code(field))") }
    if let pattern = target.pattern { parts.append("`value` of \(MarkdownText.code(pattern.source))") }
    if target.isReciprocal {
      parts.append("\(target.scale) divided by it")
    } else if target.scale != 1 {
      parts.append("times \(target.scale)")
    }
    if target.offset != 0 { parts.append("plus \(target.offset)") }
    let settled = zip(labels, target.labels).compactMap { label, text in
      text.map { MarkdownText.code("\(label.name)=\"\($0.source)\"") }
    }
    return (parts + settled).joined(separator: ", ")
  }
}

extension LabelText {
  /// As the catalog would write it.
  fileprivate var source: String {
    parts.map { part in
      switch part {
      case .literal(let text): text.replacing("{", with: "{{").replacing("}", with: "}}")
      case .fieldCapture(let name), .pathCapture(let name): "{\(name)}"
      case .field(let name): "{.\(name)}"
      }
    }.joined()
  }
}

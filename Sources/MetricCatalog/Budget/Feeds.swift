internal import MetricModel
internal import PatternSyntax

/// What label values a target can give to its metric, as far as the catalog makes sure.
struct FeedLabels: Hashable {
  enum Values: Hashable {
    /// It is this one, or none where the label does not allow the text.
    case constant(String)
    /// Any that the label allows.
    case any
    /// What the values of other labels of the metric decide.
    case decided
  }

  /// For each label of the metric.
  var values: [Values]
}

/// All feeds of a catalog's metrics.
///
/// A text that the catalog knows (a constant, a column that it names itself, a value that `where` insists on, a reading of
/// a collector) is a feed of its own; whatever a log says is any value.
struct Feeds {
  /// Beyond so many known texts of a target they count as any value.
  private static let variantsMax = 1_000

  private let metrics: [MetricDescriptor]
  private var feeds: [Set<FeedLabels>]
  /// A metric that nothing feeds may be fed by events, and by the application.
  private let unfed: [Set<FeedLabels>]

  init(_ catalog: Catalog, _ collectors: [CollectorDescriptor]) {
    metrics = catalog.metrics
    feeds = Array(repeating: [], count: metrics.count)
    unfed = metrics.map { [FeedLabels(values: $0.labels.map { _ in .any })] }
    for watcher in catalog.watchers { add(watcher) }
    for collector in catalog.collectors { add(collector, collectors.first { $0.name == collector.name }) }
  }

  subscript(metric index: Int) -> Set<FeedLabels> { feeds[index].isEmpty ? unfed[index] : feeds[index] }

  // MARK: Watchers

  private mutating func add(_ watcher: Watcher) {
    let known = KnownTexts(watcher)
    for target in watcher.eachRecord { add(target, [[:]], known) }
    for mapping in watcher.fields {
      let captures = known.captures(of: mapping.pattern, among: watcher.fields)
      for target in mapping.targets { add(target, captures, known) }
    }
  }

  /// - Parameter captures: what the captures of the field's name can be together; empty ones are not known.
  private mutating func add(_ target: Target, _ captures: [[String: String]], _ known: KnownTexts) {
    for captures in captures {
      for fields in known.fieldTexts(in: target, atMost: Self.variantsMax) {
        let texts = target.labels.map { $0.map { Self.text($0, captures, fields) } ?? .unknown }
        add(texts, target, decided: Self.decidedByEqualTexts(target, texts, metrics[target.metric].labels))
      }
    }
  }

  private mutating func add(_ texts: [Text], _ target: Target, decided: Set<Int>) {
    var values: [FeedLabels.Values] = []
    for (index, label) in metrics[target.metric].labels.enumerated() {
      switch texts[index] {
      case .known(let text):
        // What the label does not allow makes no series.
        guard let value = label.value(for: text), !value.isEmpty else { return }
        values.append(.constant(value))
      case .unknown: values.append(decided.contains(index) ? .decided : .any)
      }
    }
    feeds[target.metric].insert(FeedLabels(values: values))
  }

  private enum Text {
    case known(String)
    case unknown
  }

  private static func text(_ text: LabelText, _ captures: [String: String], _ fields: [String: String]) -> Text {
    var whole = ""
    for part in text.parts {
      switch part {
      case .literal(let text): whole += text
      case .fieldCapture(let name):
        guard let text = captures[name] else { return .unknown }
        whole += text
      case .field(let name):
        guard let text = fields[name] else { return .unknown }
        whole += text
      case .pathCapture: return .unknown
      }
    }
    return .known(trimmed(whole))
  }

  /// Labels that get the same text: one that takes any text decides about the others.
  private static func decidedByEqualTexts(_ target: Target, _ texts: [Text], _ labels: [LabelDescriptor]) -> Set<Int> {
    var decided: Set<Int> = []
    for (index, label) in labels.enumerated() where !label.isClosed {
      guard case .unknown = texts[index], !decided.contains(index), let text = target.labels[index] else { continue }
      decided.formUnion(labels.indices.filter { $0 != index && target.labels[$0] == text })
    }
    return decided
  }

  // MARK: Collectors

  private mutating func add(_ collector: Catalog.Collector, _ descriptor: CollectorDescriptor?) {
    for mapping in collector.readings {
      let names = mapping.pattern.pattern.captureNames
      for record in descriptor?.records ?? [] {
        for reading in record.readings {
          guard let taken = mapping.pattern.match(reading.name) else { continue }
          let captures = Dictionary(zip(names, taken)) { first, _ in first }
          for target in mapping.targets {
            let texts = target.labels.map { $0.map { Self.text($0, captures, [:]) } ?? .unknown }
            add(texts, target, decided: decided(in: descriptor?.records ?? [], target))
          }
        }
      }
      // What is not known of the collector may be anything.
      if descriptor == nil {
        for target in mapping.targets {
          add(target.labels.map { $0.map { Self.text($0, [:], [:]) } ?? .unknown }, target, decided: [])
        }
      }
    }
  }

  /// Labels of a reading that do not tell things apart: those that tell such a thing apart decide about them, where the
  /// metric has these all. Histograms and summaries outlive what they are read from, which may get another number.
  private func decided(in records: [RecordDescriptor], _ target: Target) -> Set<Int> {
    let metric = metrics[target.metric]
    guard metric.type != .histogram, metric.type != .summary else { return [] }
    let labels = metric.labels.map(\.name)
    let own = Set(zip(labels, target.labels).filter { $0.1 == nil }.map(\.0))
    let telling = records.filter { record in record.labels.allSatisfy { !$0.identifies || own.contains($0.name) } }
    let decided = own.intersection(telling.flatMap(\.labels).filter { !$0.identifies }.map(\.name))
    return Set(labels.indices.filter { decided.contains(labels[$0]) })
  }
}

internal import Collectors
internal import MetricCatalog
internal import MetricModel
internal import PatternSyntax

/// Which reading of a collector goes to which metric, and where its labels come from: compiled once from the catalog.
struct ReadingPlan {
  /// Where the text of a label comes from.
  enum LabelPart: Hashable {
    case literal(String)
    /// A label of the record, by its place.
    case record(Int)
    /// A capture that the record brings, by name: what the catalog itself made the collector look for.
    case capture(String)
  }

  /// One target of one reading.
  struct Feed {
    let metric: Int
    let type: MetricType
    /// Of the record's descriptor.
    let reading: Int
    let joining: ReadingDescriptor.Joining
    /// For each label of the metric, the parts of its text.
    let labels: [[LabelPart]]
    /// Whether the metric has a label for each of the record's that tells records apart, so that no two records end in one series.
    let isAlone: Bool
    let scale: Double
    let offset: Double

    /// The metric's, which means the same in another catalog.
    let metricName: String

    /// Whether its values go where those of another catalog's go.
    func isRouted(like other: Feed) -> Bool {
      metricName == other.metricName && type == other.type && reading == other.reading && labels == other.labels
        && isAlone == other.isAlone && scale == other.scale
    }
  }

  /// By the place of the record's descriptor.
  let feeds: [[Feed]]

  init(_ collector: Catalog.Collector, _ descriptor: CollectorDescriptor, metrics: [MetricDescriptor]) {
    feeds = descriptor.records.map { record in
      record.readings.indices.flatMap { place -> [Feed] in
        guard let (mapping, captures) = Self.mapping(of: record.readings[place].name, in: collector) else { return [] }
        return mapping.targets.map { target in
          let texts = zip(metrics[target.metric].labels, target.labels).map { label, text in
            text.map { $0.parts.map { Self.part($0, record, captures) } } ?? [Self.named(label.name, in: record)]
          }
          let places = Set(
            texts.compactMap { parts -> Int? in
              if parts.count == 1, case .record(let place) = parts[0] { place } else { nil }
            }
          )
          let metric = metrics[target.metric]
          let isAlone = record.labels.indices.allSatisfy { !record.labels[$0].identifies || places.contains($0) }
          return Feed(
            metric: target.metric,
            type: metric.type,
            reading: place,
            joining: record.readings[place].joining,
            labels: texts,
            isAlone: isAlone,
            scale: target.scale,
            offset: target.offset,
            metricName: metric.name
          )
        }
      }
    }
  }

  /// The line with the reading's exact name, else the first pattern that matches it.
  private static func mapping(
    of reading: String,
    in collector: Catalog.Collector
  ) -> (FieldMapping, captures: [String: String])? {
    if let exact = collector.readings.first(where: { $0.pattern.pattern.literalText == reading }) {
      return (exact, [:])
    }
    for mapping in collector.readings {
      guard let taken = mapping.pattern.match(reading) else { continue }
      let names = mapping.pattern.pattern.captureNames
      return (mapping, Dictionary(zip(names, taken), uniquingKeysWith: { first, _ in first }))
    }
    return nil
  }

  private static func part(_ part: LabelText.Part, _ record: RecordDescriptor, _ captures: [String: String])
    -> LabelPart
  {
    switch part {
    case .literal(let text): .literal(text)
    case .fieldCapture(let name): captures[name].map { .literal($0) } ?? named(name, in: record)
    case .field(let name), .pathCapture(let name): named(name, in: record)
    }
  }

  private static func named(_ label: String, in record: RecordDescriptor) -> LabelPart {
    record.labels.firstIndex { $0.name == label }.map { .record($0) } ?? .capture(label)
  }

  /// The metric's label values for a record; nil: the record lacks one.
  static func labelValues(_ feed: Feed, _ record: ReadingBatch.Record) -> [String]? {
    var values: [String] = []
    values.reserveCapacity(feed.labels.count)
    for parts in feed.labels {
      var text = ""
      for part in parts {
        switch part {
        case .literal(let literal): text += literal
        case .record(let place): text += record.labels[place]
        case .capture(let name):
          guard let place = record.captures.firstIndex(of: name) else { return nil }
          text += record.labels[record.labels.count - record.captures.count + place]
        }
      }
      if text.isEmpty { return nil }
      values.append(text)
    }
    return values
  }
}

internal import MetricCatalog
internal import MetricModel

/// What feeds the metrics of a catalog: readings of the machine, and logs, of which some are of runs.
struct Feeds {
  /// A reading of a collector, as a metric shows it.
  struct Reading {
    var metric: MetricDescriptor
    /// The collector's name.
    var collector: String
    var descriptor: ReadingDescriptor
    /// Labels that the catalog settles for this reading alone, with their values: of `bytes{kind="used"}` it is `kind`.
    var fixed: [(label: String, value: String)]
    /// The labels that tell several of these readings apart, such as `device_id`.
    var labels: [String]
    /// The label that has what the collector calls so, of those of the reading's record that a label has unchanged.
    var carriers: [String: LabelDescriptor]
    /// What the reading is multiplied by to be the metric's value.
    var scale: Double
    /// Whether the metric is the reading times `scale`, with nothing added.
    var isProportional: Bool
  }

  /// All readings that feed metrics, in the order of the catalog.
  let readings: [Reading]
  /// For each metric, by its place in the catalog: the watchers that feed it.
  let watchers: [[Watcher]]
  /// For each metric, by its place: whether programs update it, by events or as an embedded registry.
  let isOfPrograms: [Bool]
  /// The labels that tell runs apart, in the order of the catalog; empty where no watcher has `run:`, or where all logs
  /// are of one run.
  let runLabels: [String]
  /// Whether some watcher tells of runs.
  let hasRuns: Bool
  /// What watchers tell of their runs.
  let runs: [Watcher.Run]

  init(_ catalog: Catalog, _ collectors: [CollectorDescriptor]) {
    readings = catalog.collectors.flatMap { collector in
      let offered = collectors.first { $0.name == collector.name }?.records ?? []
      return offered.flatMap { record in
        record.readings.flatMap { Self.readings($0, of: record, collector, catalog) }
      }
    }
    watchers = catalog.metrics.indices.map { index in
      catalog.watchers.filter { watcher in
        (watcher.eachRecord + watcher.fields.flatMap(\.targets)).contains { $0.metric == index }
      }
    }
    let isRead = Set(catalog.collectors.flatMap(\.readings).flatMap(\.targets).map(\.metric))
    isOfPrograms = watchers.indices.map { [watchers] in watchers[$0].isEmpty && !isRead.contains($0) }
    runs = catalog.watchers.compactMap(\.run)
    hasRuns = !runs.isEmpty
    var labels: [String] = []
    for label in runs.flatMap(\.labels) where !labels.contains(label.name) { labels.append(label.name) }
    runLabels = labels.map(Self.targetLabel)
  }

  /// Whether a metric tells runs apart: it has all the labels that a watcher's runs have, and that watcher feeds it.
  func isOfRuns(_ metric: Int, _ catalog: Catalog) -> Bool {
    let names = Set(catalog.metrics[metric].labels.map(\.name))
    return watchers[metric].contains { watcher in
      watcher.run.map { !$0.labels.isEmpty && names.isSuperset(of: $0.labels.map(\.name)) } ?? false
    }
  }

  /// The labels that tell the series of a metric apart, in the catalog's order: all but those to which everything that
  /// feeds it gives the same text.
  func labels(_ metric: Int, _ catalog: Catalog) -> [String] {
    let ofLogs = catalog.watchers.flatMap { $0.eachRecord + $0.fields.flatMap(\.targets) }
    let ofReadings = catalog.collectors.flatMap(\.readings).flatMap(\.targets)
    let targets = (ofLogs + ofReadings).filter { $0.metric == metric }
    return catalog.metrics[metric].labels.enumerated().filter { place, _ in
      let texts = Set(targets.map { $0.labels[place] })
      return !(texts.count == 1 && texts.first??.isLiteral == true)
    }.map { Self.targetLabel($0.element.name) }
  }

  /// What a label of the exporter is called in Prometheus, which has `job` and `instance` of its own.
  static func targetLabel(_ name: String) -> String {
    name == "job" || name == "instance" ? "exported_" + name : name
  }

  /// The readings of a collector under a name that feed a metric with its own numbers, perhaps in another unit.
  func readings(_ collector: String, _ name: String) -> [Reading] {
    readings.filter { $0.collector == collector && $0.descriptor.name == name && $0.isProportional }
  }

  /// The metrics that one reading feeds. An exact name goes before patterns, and an earlier pattern before a later one.
  private static func readings(
    _ reading: ReadingDescriptor,
    of record: RecordDescriptor,
    _ collector: Catalog.Collector,
    _ catalog: Catalog
  ) -> [Reading] {
    let exact = collector.readings.first { $0.pattern.pattern.literalText == reading.name }
    guard let mapping = exact ?? collector.readings.first(where: { $0.pattern.match(reading.name) != nil }),
      let taken = mapping.pattern.match(reading.name)
    else { return [] }
    let captures = Dictionary(zip(mapping.pattern.pattern.captureNames, taken)) { first, _ in first }
    return mapping.targets.map { target in
      let metric = catalog.metrics[target.metric]
      var fixed: [(label: String, value: String)] = []
      var open: [String] = []
      var carriers: [String: LabelDescriptor] = [:]
      for (label, text) in zip(metric.labels, target.labels) {
        if let text, let settled = text.settled(by: captures), let value = label.value(for: settled) {
          fixed.append((label.name, value))
        } else {
          open.append(label.name)
          if let carried = text.map(\.onlyField) ?? label.name { carriers[carried] = label }
        }
      }
      return Reading(
        metric: metric,
        collector: collector.name,
        descriptor: reading,
        fixed: fixed,
        labels: open,
        carriers: carriers,
        scale: target.scale,
        isProportional: !target.isReciprocal && target.offset == 0 && target.scale > 0
          && (target.from == .value || target.from == .runningTotal)
      )
    }
  }
}

extension LabelText {
  /// Whether it is the same text whatever is read.
  fileprivate var isLiteral: Bool {
    parts.allSatisfy { if case .literal = $0 { true } else { false } }
  }

  /// The field that it is, where it is nothing else.
  fileprivate var onlyField: String? {
    guard parts.count == 1, case .field(let name) = parts[0] else { return nil }
    return name
  }

  /// The text where captures of the field's name, and nothing else, are left open in it.
  fileprivate func settled(by captures: [String: String]) -> String? {
    var text = ""
    for part in parts {
      switch part {
      case .literal(let literal): text += literal
      case .fieldCapture(let name):
        guard let capture = captures[name] else { return nil }
        text += capture
      case .pathCapture, .field: return nil
      }
    }
    return text
  }
}

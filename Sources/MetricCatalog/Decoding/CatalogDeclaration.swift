internal import Diagnostics
internal import LogFormats
internal import MetricModel
internal import YAMLSyntax

/// A whole catalog as written: decoded, not yet checked. Rules look things up here by name.
struct CatalogDeclaration: Sendable {
  var series: Key<Int> = .absent
  var seriesPerMetric: Key<Int> = .absent
  var lineBytes: Key<Int> = .absent
  var labels: [LabelDeclaration] = []
  var metrics: [MetricDeclaration] = []
  var watchers: [WatcherDeclaration] = []
  var collectors: [CollectorDeclaration] = []
  var statePath: Key<Text> = .absent
  var stateInterval: Key<Duration> = .absent
  /// False: what `labels:` or `metrics:` declares could not be read, so a name that is not found may well be declared.
  var knowsLabels = true
  var knowsMetrics = true
  /// Every target in the order of the file.
  private(set) var targetUses: [TargetUse] = []
  /// The names of the metrics that they feed.
  private(set) var fedMetrics: Set<String> = []
  /// Whether it is known which collectors there are.
  let knowsCollectors: Bool
  /// The first key, for what has no other place.
  private(set) var start = SourceRange(0, 0)
  private(set) var labelPlaces: [String: Int] = [:]
  private(set) var metricPlaces: [String: Int] = [:]

  /// Far above what memory allows anyone; keeps products of limits from overflow.
  static let countMax = 100_000_000
  /// Prometheus itself gets slow long before; rules look at each label of each target.
  static let labelsMax = 64
  /// A line of a gigabyte is no log.
  static let lineBytesMax = 1 << 30

  func label(_ name: String) -> LabelDeclaration? { labelPlaces[name].map { labels[$0] } }
  /// What each `allow:` says.
  var waivers: [[Text]] {
    let lists =
      labels.map(\.allow) + metrics.map(\.allow) + watchers.map(\.allow) + collectors.map(\.allow)
      + targetUses.map(\.target.allow)
    return lists.compactMap(\.value)
  }

  func metric(_ name: String) -> MetricDeclaration? { metricPlaces[name].map { metrics[$0] } }

  /// - Parameters:
  ///   - offered: the collectors that there are; nil: not known.
  ///   - formats: the formats that there are.
  init(_ root: Value, offered: [CollectorDescriptor]?, formats: [FormatDescriptor]) {
    knowsCollectors = offered != nil
    let root = root.indented(below: Set(Self.sections), otherThan: ["version"] + Self.sections)
    guard let mapping = root.mapping(of: "the catalog") else { return }
    let report = root.report
    // The catalog as a whole has no name to point at.
    start = mapping.entries.first?.key.range ?? root.range
    var reader = MappingReader(mapping, what: "the catalog", owner: start, report: report)
    _ = reader.key("version", isRequired: true) { Self.checkVersion($0) }
    _ = reader.key("limits") { limits($0) }
    let labelKeys = LabelDeclaration.keys.map(\.name)
    var labelSection = reader.key("labels") { section($0, labelKeys) { LabelDeclaration(name: $0, $1) } }
    let metricKeys = MetricDeclaration.keys.map(\.name)
    var metricSection = reader.key("metrics") { section($0, metricKeys) { MetricDeclaration(name: $0, $1) } }
    let watcherKeys = WatcherDeclaration.allKeyNames(formats)
    watchers =
      reader.key("watchers") { section($0, watcherKeys) { WatcherDeclaration(name: $0, $1, formats) } }.value ?? []
    let collectorKeys = CollectorDeclaration.keyNames + (offered ?? []).flatMap { $0.keys.map(\.name) }
    collectors =
      reader.key("collectors") {
        section($0, collectorKeys) { CollectorDeclaration(name: $0, $1, offered: offered) }
      }.value ?? []
    _ = reader.key("state") { state($0) }
    let isMeant = reader.finish(help: ["include": "`include` is not in version 1"])
    labelSection.doubt(isMeant("labels"))
    metricSection.doubt(isMeant("metrics"))
    knowsLabels = !labelSection.isBroken
    knowsMetrics = !metricSection.isBroken
    labels = labelSection.value ?? []
    metrics = metricSection.value ?? []
    labelPlaces = Dictionary(labels.enumerated().map { ($1.name.value, $0) }) { first, _ in first }
    metricPlaces = Dictionary(metrics.enumerated().map { ($1.name.value, $0) }) { first, _ in first }
    targetUses = allTargetUses()
    fedMetrics = Set(targetUses.map(\.target.metric.value))
  }

  /// A section of named things; one whose lines are all commented out is empty.
  ///
  /// - Parameter keys: those of a thing, which may stand beside its name by mistake.
  private func section<T>(_ value: Value, _ keys: [String], _ body: (Text, Value) -> T) -> [T]? {
    if value.isNull { return [] }
    return value.indented(below: { _ in true }) { entry in
      // Things may be called like keys of them; but then they are mappings.
      if case .mapping = entry.value.content, !["fields", "readings"].contains(entry.key.text) { return false }
      return keys.contains(entry.key.text)
    }.map("names", body)
  }

  private static let sections = ["limits", "labels", "metrics", "watchers", "collectors", "state"]

  private static func checkVersion(_ value: Value) -> Int? {
    guard let version = value.node.scalar?.int else { return value.wrong("the number 1", help: "write `version: 1`") }
    if version != 1 {
      let message = "version \(version) of the catalog is not supported"
      value.report.add(DecodingID.version, message, at: value.range, help: "write `version: 1`")
    }
    return version
  }

  private mutating func limits(_ value: Value) -> Bool? {
    guard var reader = MappingReader(value, what: "`limits`") else { return nil }
    series = reader.key("series") { $0.integer(in: 1...Self.countMax) }
    seriesPerMetric = reader.key("series_per_metric") { $0.integer(in: 1...Self.countMax) }
    lineBytes = reader.key("line_bytes") { $0.integer(in: 1...Self.lineBytesMax) }
    reader.finish()
    return true
  }

  private mutating func state(_ value: Value) -> Bool? {
    guard var reader = MappingReader(value, what: "`state`") else { return nil }
    statePath = reader.key("path") { $0.text() }
    stateInterval = reader.key("interval") { $0.duration() }
    reader.finish()
    return true
  }
}

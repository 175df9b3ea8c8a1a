internal import Diagnostics
internal import LogFormats
package import MetricModel
internal import YAMLSyntax

/// A whole catalog as written: decoded, not yet checked. Rules look things up here by name.
struct CatalogDeclaration: Sendable {
  struct Limits {
    var series: Key<Int> = .absent
    var seriesPerMetric: Key<Int> = .absent
    var lineBytes: Key<Int> = .absent
  }

  struct State {
    var path: Key<Text> = .absent
    var interval: Key<Duration> = .absent
  }

  private var version: Key<Int> = .absent
  private var limitSection: Key<Limits> = .absent
  private var labelSection: Key<[LabelDeclaration]> = .absent
  private var metricSection: Key<[MetricDeclaration]> = .absent
  private var watcherSection: Key<[WatcherDeclaration]> = .absent
  private var collectorSection: Key<[CollectorDeclaration]> = .absent
  private var stateSection: Key<State> = .absent

  var limits: Limits { limitSection.value ?? Limits() }
  private(set) var labels: [LabelDeclaration] = []
  private(set) var metrics: [MetricDeclaration] = []
  private(set) var watchers: [WatcherDeclaration] = []
  private(set) var collectors: [CollectorDeclaration] = []
  var state: State { stateSection.value ?? State() }
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
    let keys = Self.keys(offered: offered, formats: formats)
    let names = keys.map(\.name)
    let root = root.indented(below: Set(names).subtracting(["version"]), otherThan: names)
    guard let mapping = root.mapping(of: "the catalog") else { return }
    let report = root.report
    // The catalog as a whole has no name to point at.
    start = mapping.entries.first?.key.range ?? root.range
    var reader = MappingReader(mapping, what: "the catalog", owner: start, report: report)
    for key in keys { key.read(into: &self, &reader) }
    let isMeant = reader.finish(help: Self.foreignKeys)
    labelSection.doubt(isMeant("labels"))
    metricSection.doubt(isMeant("metrics"))
    knowsLabels = !labelSection.isBroken
    knowsMetrics = !metricSection.isBroken
    labels = labelSection.value ?? []
    metrics = metricSection.value ?? []
    watchers = watcherSection.value ?? []
    collectors = collectorSection.value ?? []
    labelPlaces = Dictionary(labels.enumerated().map { ($1.name.value, $0) }) { first, _ in first }
    metricPlaces = Dictionary(metrics.enumerated().map { ($1.name.value, $0) }) { first, _ in first }
    targetUses = allTargetUses()
    fedMetrics = Set(targetUses.map(\.target.metric.value))
  }

  private static let foreignKeys: [String: String] = {
    let prometheus = "this belongs to Prometheus' own configuration, not to a catalog of metrics"
    return [
      "include": "`include` is not in version 1", "global": prometheus, "scrape_configs": prometheus,
      "rule_files": prometheus, "alerting": prometheus, "groups": prometheus,
    ]
  }()

  // MARK: Keys

  static func keys(
    offered: [CollectorDescriptor]?,
    formats: [FormatDescriptor]
  ) -> [KeyDeclaration<Self, Catalog>] {
    [
      .init("version", \.version, versionForm, isRequired: true, help: "`1`"),
      .init(
        "limits",
        \.limitSection,
        .mapping("`limits`", Limits.keys, into: Limits()),
        help: "how many time series there may be, and how long a line"
      ),
      .init(
        "labels",
        \.labelSection,
        section(.map(LabelDeclaration.shape), LabelDeclaration.keys.map(\.name)) { LabelDeclaration(name: $0, $1) },
        help: "name ► [label](#a-label)"
      ),
      .init(
        "metrics",
        \.metricSection,
        section(.map(MetricDeclaration.shape), MetricDeclaration.keys.map(\.name)) {
          MetricDeclaration(name: $0, $1)
        },
        help: "name ► [metric](#a-metric)"
      ),
      .init(
        "watchers",
        \.watcherSection,
        section(.map(WatcherDeclaration.shape(formats)), WatcherDeclaration.allKeyNames(formats)) {
          WatcherDeclaration(name: $0, $1, formats)
        },
        help: "any name ► [watcher](#a-watcher)"
      ),
      .init(
        "collectors",
        \.collectorSection,
        section(
          collectorsShape(offered),
          CollectorDeclaration.keys.map(\.name) + (offered ?? []).flatMap { $0.keys.map(\.name) }
        ) { CollectorDeclaration(name: $0, $1, offered: offered) },
        help: "name of a collector, such as `system` ► [collector](#a-collector)"
      ),
      .init(
        "state",
        \.stateSection,
        .mapping("`state`", State.keys, into: State()),
        help: "where and how often the exporter saves what it has read"
      ),
    ]
  }

  private static let versionForm = ValueForm<Int>(.integer(1...1)) { value in
    guard let version = value.node.scalar?.int else { return value.wrong("the number 1", help: "write `version: 1`") }
    if version != 1 {
      let message = "version \(version) of the catalog is not supported"
      value.report.add(DecodingID.version, message, at: value.range, help: "write `version: 1`")
    }
    return version
  }

  /// A section of named things; one whose lines are all commented out is empty.
  ///
  /// - Parameter keys: those of a thing, which may stand beside its name by mistake.
  private static func section<Item>(
    _ shape: @autoclosure @escaping @Sendable () -> ValueShape,
    _ keys: [String],
    _ body: @escaping @Sendable (Text, Value) -> Item
  ) -> ValueForm<[Item]> {
    ValueForm(.either([shape(), .nothing])) { value in
      if value.isNull { return [] }
      return value.indented(below: { $0.value.range.isEmpty || !$0.entries.isEmpty }) { entry in
        // A thing may be called like a key of things; but then it has such keys itself.
        keys.contains(entry.key.text) && !entry.entries.contains { keys.contains($0.key.text) }
      }.map("names", body)
    }
  }

  private static func collectorsShape(_ offered: [CollectorDescriptor]?) -> ValueShape {
    let keys = (offered ?? []).map { collector in
      MappingShape.Key(name: collector.name, shape: CollectorDeclaration.shape(collector), help: collector.help)
    }
    return .mapping(MappingShape(keys: keys))
  }
}

extension CatalogDeclaration.Limits {
  private static let byDefault = Catalog.Limits()

  static let keys: [KeyDeclaration<Self, Catalog.Limits>] = [
    .init(
      "series",
      \.series,
      .integer(in: 1...CatalogDeclaration.countMax),
      byDefault: .integer(byDefault.registry.series),
      help: """
        the most time series of all metrics together; default \(byDefault.registry.series). Time series are counted as they \
        are exposed: each bucket of a histogram, its sum and its count are one each
        """
    ),
    .init(
      "series_per_metric",
      \.seriesPerMetric,
      .integer(in: 1...CatalogDeclaration.countMax),
      byDefault: .integer(byDefault.registry.seriesPerMetric),
      help: """
        the most time series of a metric that has no `max_series` of its own; default \(byDefault.registry.seriesPerMetric)
        """
    ),
    .init(
      "line_bytes",
      \.lineBytes,
      .integer(in: 1...CatalogDeclaration.lineBytesMax),
      byDefault: .integer(byDefault.lineBytes),
      help: "longer lines, and longer frames of binary logs, are skipped; default \(byDefault.lineBytes)"
    ),
  ]
}

extension CatalogDeclaration.State {
  static let keys: [KeyDeclaration<Self, Catalog.StateSettings>] = [
    .init(
      "path",
      \.path,
      .text,
      help: """
        the folder in which the exporter [remembers what it has read](restarts.md); default: `state` beside the catalog
        """
    ),
    .init(
      "interval",
      \.interval,
      .duration,
      byDefault: .string(DurationText.text(Catalog.StateSettings().interval)),
      help: "how old the saved state may be while logs change; default 1s"
    ),
  ]
}

/// What a catalog looks like, for a schema.
package enum CatalogShape {
  /// - Parameter collectors: those that there are.
  package static func whole(collectors: [CollectorDescriptor]) -> ValueShape {
    .mapping(MappingShape(CatalogDeclaration.keys(offered: collectors, formats: LogFormats.all)))
  }
}

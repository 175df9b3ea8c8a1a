internal import MetricCatalog
internal import MetricModel
internal import Runs

/// What series there can be, by the names that queries have for them: those of catalogs, of the exporter itself, and what
/// recording rules make.
struct KnownMetrics {
  /// A name that queries may use.
  struct Series {
    enum Kind {
      case gauge, counter
      /// `…_bucket`
      case buckets
      /// `…_sum` and `…_count` of a histogram or summary, which grow as counters do.
      case part
      case quantiles, nativeHistogram, info, states
      /// What a recording rule makes, which may be anything.
      case recorded
    }

    var name: String
    /// The metric that a catalog declares, which may have several names.
    var metric: String
    var kind: Kind
    /// Nil: it may have any label.
    var labels: [String: Values]?
    var deprecated: String?
    /// Whether the values are shares, where 1 is all.
    var isRatio = false
    /// Whether records of logs say the values.
    var isOfLogs = false

    /// Whether the values only grow.
    var grows: Bool { kind == .counter || kind == .buckets || kind == .part }
    /// Whether the values go up and down.
    var isGauge: Bool { kind == .gauge || kind == .quantiles || kind == .info || kind == .states }
  }

  /// What values a label can have.
  enum Values {
    case any
    /// One of these, and there are few enough to go through them.
    case list([String])
  }

  private(set) var series: [String: Series] = [:]
  /// Names of classic histograms, which no series has.
  private(set) var histograms: Set<String> = []
  /// In the order of the catalogs.
  private(set) var metrics: [String] = []
  /// Labels that every series may have: Prometheus adds them.
  let targetLabels: Set<String>
  /// Those of them that the user has named.
  let namedTargetLabels: Set<String>
  private let foreign: [String]

  /// The most values of a label that are gone through for a regular expression.
  private static let valuesMax = 2_000

  init(_ catalogs: [Catalog], targetLabels: [String], foreign: [String]) {
    self.targetLabels = Set(targetLabels + ["job", "instance"])
    namedTargetLabels = Set(targetLabels)
    self.foreign = foreign
    for row in ExporterMetrics.all {
      // `process_…` is what other programs have too, with whatever labels their targets have.
      let labels = isForeign(row.name) ? nil : Dictionary(uniqueKeysWithValues: row.labels.map { ($0, Values.any) })
      add(Series(name: row.name, metric: row.name, kind: Self.kind(of: row.type), labels: labels))
    }
    addRuns(catalogs.flatMap(\.watchers).compactMap(\.run))
    for catalog in catalogs {
      let targets = catalog.watchers.flatMap { $0.eachRecord + $0.fields.flatMap(\.targets) }
      let ofLogs = Set(targets.filter { $0.from != .time }.map(\.metric))
      for (index, metric) in catalog.metrics.enumerated() { add(metric, isOfLogs: ofLogs.contains(index)) }
    }
  }

  /// Adds what a rule records.
  ///
  /// - Parameter labels: nil: any.
  mutating func addRecorded(_ name: String, labels: Set<String>?) {
    guard series[name].map({ $0.kind == .recorded }) ?? true else { return }
    let values = labels.map { Dictionary(uniqueKeysWithValues: $0.map { ($0, Values.any) }) }
    add(Series(name: name, metric: name, kind: .recorded, labels: values))
  }

  /// What is told of runs, with the labels that tell them apart.
  private mutating func addRuns(_ runs: [Watcher.Run]) {
    guard !runs.isEmpty else { return }
    let families = RunBoard().families(at: 0)
    for run in runs {
      let own = Dictionary(run.labels.map { ($0.name, Self.values(of: $0.descriptor)) }) { first, _ in first }
      for family in families {
        var labels = own
        if family.type == .stateset { labels[family.name] = .list(RunState.allCases.map(\.rawValue)) }
        if family.type == .counter { labels[own["field"] == nil ? "field" : "training_exporter_run_field"] = .any }
        for name in own.keys where targetLabels.contains(name) { labels["exported_" + name] = own[name] }
        add(Series(name: family.name, metric: family.name, kind: Self.kind(of: family.type), labels: labels))
      }
    }
    let refused = "training_exporter_runs_refused_total"
    add(Series(name: refused, metric: refused, kind: .counter, labels: [:]))
  }

  /// Several catalogs may declare the same metric: then each label that one of them has is one.
  private mutating func add(_ new: Series) {
    guard var old = series[new.name], new.kind != .recorded else {
      series[new.name] = new
      return
    }
    if let a = old.labels, let b = new.labels {
      old.labels = a.merging(b) { first, second in
        guard case .list(let one) = first, case .list(let other) = second else { return .any }
        return .list(one + other.filter { !one.contains($0) })
      }
    } else {
      old.labels = nil
    }
    old.isOfLogs = old.isOfLogs || new.isOfLogs
    series[new.name] = old
  }

  private mutating func add(_ metric: MetricDescriptor, isOfLogs: Bool) {
    metrics.append(metric.name)
    var labels: [String: Values] = [:]
    for label in metric.labels {
      labels[label.name] = Self.values(of: label)
      // Prometheus renames what a target has of its own.
      if targetLabels.contains(label.name) { labels["exported_" + label.name] = Self.values(of: label) }
    }
    for constant in metric.constant { labels[constant.name] = .list([constant.value]) }
    func add(_ suffix: String, _ kind: Series.Kind, _ more: [String: Values] = [:]) {
      let new = Series(
        name: metric.name + suffix,
        metric: metric.name,
        kind: kind,
        labels: labels.merging(more) { first, _ in first },
        deprecated: metric.deprecated,
        isRatio: suffix.isEmpty && metric.isIn("ratio"),
        isOfLogs: isOfLogs
      )
      self.add(new)
    }
    switch metric.type {
    case .gauge: add("", .gauge)
    case .counter: add("", .counter)
    case .info: add("", .info)
    case .stateset: add("", .states, [metric.name: .list(metric.states)])
    case .summary:
      if !metric.quantiles.isEmpty { add("", .quantiles, ["quantile": .any]) }
      add("_sum", .part)
      add("_count", .part)
    case .histogram:
      if metric.nativeHistogram != nil { add("", .nativeHistogram) } else { histograms.insert(metric.name) }
      if metric.nativeHistogram == nil || !metric.buckets.isEmpty {
        add("_bucket", .buckets, ["le": .any])
        add("_sum", .part)
        add("_count", .part)
      }
    }
    if metric.exposesCreated, metric.type == .counter || metric.type == .summary || metric.type == .histogram {
      let base = metric.type == .counter && metric.name.hasSuffix("_total") ? metric.name.dropLast(6) : metric.name[...]
      self.add(Series(name: base + "_created", metric: metric.name, kind: .gauge, labels: labels))
    }
  }

  private static func kind(of type: MetricType) -> Series.Kind {
    switch type {
    case .counter: .counter
    case .gauge, .histogram, .summary: .gauge
    case .info: .info
    case .stateset: .states
    }
  }

  private static func values(of label: LabelDescriptor) -> Values {
    let more = (label.otherwise.map { [$0] } ?? []) + label.named.values.sorted()
    switch label.allowed {
    case .any: return .any
    case .list(let values): return .list(values + more)
    case .range(let range):
      guard range.upperBound.subtractingReportingOverflow(range.lowerBound).partialValue < valuesMax,
        !range.upperBound.subtractingReportingOverflow(range.lowerBound).overflow
      else { return .any }
      return .list(range.map(String.init) + more)
    }
  }

  /// The metrics of which a series has a name that some expressions take. One that cannot be judged takes each.
  func metrics(matching matchers: [CheckedQuery.NameMatcher]) -> Set<String> {
    let expressions = matchers.map { (ValueExpression($0.text), $0.isNegated) }
    let found = series.values.filter { series in
      expressions.allSatisfy { expression, isNegated in
        expression.map { $0.matches(series.name) != isNegated } ?? true
      }
    }
    return Set(found.map(\.metric))
  }

  // MARK: Metrics of others

  /// What a name begins with that widely used exporters and Prometheus itself give.
  private static let widelyUsed = [
    "ALERTS", "DCGM_", "alertmanager_", "apiserver_", "blackbox_", "cadvisor_", "ceph_", "container_", "etcd_", "go_",
    "grafana_", "haproxy_", "kube_", "kubelet_", "loki_", "machine_", "node_", "nv_", "nvidia_", "probe_", "process_",
    "prometheus_",
    "promhttp_", "python_", "ray_", "scrape_", "slurm_", "vllm_", "windows_",
  ]

  /// Whether a name that is not known is surely another program's.
  func isForeign(_ name: String) -> Bool {
    // What rules of other files record has a colon, by convention.
    name == "up" || isNamedForeign(name) || name.contains(":") || Self.widelyUsed.contains { name.hasPrefix($0) }
  }

  /// Whether somebody said that a name is another program's.
  func isNamedForeign(_ name: String) -> Bool { foreign.contains { name.hasPrefix($0) } }
}

import MetricModel

/// What an application updates: one series of a metric, with the operations that its type has.
public protocol SeriesHandle: Sendable {
  /// The type of metric that the handle is for.
  static var type: MetricType { get }
  /// The series behind the handle.
  var series: Series { get }
  init(series: Series)
}

extension SeriesHandle {
  /// Whether the series has ended, for example because its label value made room for a newer one. Updates are then
  /// lost; ask the family for a new handle.
  public var isDropped: Bool { series.isDropped }
}

/// A declared metric, from which handles of its series are had. Keep the handles: looking one up costs more than an
/// update.
public struct Family<Handle: SeriesHandle>: Sendable {
  private let registry: Registry
  private let metric: Metric

  fileprivate init(registry: Registry, metric: Metric) {
    self.registry = registry
    self.metric = metric
  }

  public var descriptor: MetricDescriptor { metric.descriptor }

  /// The series with these label values, in the order of the metric's labels; nil: refused, and counted in
  /// `Registry.rejections()`.
  public func with(_ labelValues: String...) -> Handle? { with(labelValues) }

  /// The series with these label values, in the order of the metric's labels; nil: refused and counted.
  public func with(_ labelValues: [String]) -> Handle? {
    registry.series(metric: metric.index, labelValues: labelValues).map(Handle.init(series:))
  }

  /// The series with these label values by label name; nil: refused and counted.
  public func with(_ labels: [String: String]) -> Handle? {
    let declared = metric.descriptor.labels
    if let missing = declared.first(where: { labels[$0.name] == nil }) {
      registry.count(
        rejection: Rejection(metric: metric.descriptor.name, label: missing.name, reason: .labelMissing)
      )
      return nil
    }
    if labels.count > declared.count {
      let extra = labels.keys.sorted().first { name in !declared.contains { $0.name == name } } ?? ""
      registry.count(rejection: Rejection(metric: metric.descriptor.name, label: extra, reason: .labelUndeclared))
      return nil
    }
    return with(declared.map { labels[$0.name] ?? "" })
  }

  /// Ends a series and frees its place.
  public func remove(_ handle: Handle) {
    precondition(handle.series.metric === metric, "a series of another metric")
    registry.drop(handle.series)
  }
}

extension Registry {
  /// The declared counter of that name. An undeclared name is counted as a rejection, too.
  public func counter(_ name: String) throws(RegistryError) -> Family<Counter> { try family(name) }

  /// The declared gauge of that name. An undeclared name is counted as a rejection, too.
  public func gauge(_ name: String) throws(RegistryError) -> Family<Gauge> { try family(name) }

  /// The declared histogram of that name. An undeclared name is counted as a rejection, too.
  public func histogram(_ name: String) throws(RegistryError) -> Family<Histogram> { try family(name) }

  /// The declared summary of that name. An undeclared name is counted as a rejection, too.
  public func summary(_ name: String) throws(RegistryError) -> Family<Summary> { try family(name) }

  /// The declared info of that name. An undeclared name is counted as a rejection, too.
  public func info(_ name: String) throws(RegistryError) -> Family<Info> { try family(name) }

  /// The declared stateset of that name. An undeclared name is counted as a rejection, too.
  public func stateSet(_ name: String) throws(RegistryError) -> Family<StateSet> { try family(name) }

  private func family<Handle>(_ name: String) throws(RegistryError) -> Family<Handle> {
    guard let index = index(of: name) else {
      count(rejection: Rejection(metric: name, reason: .metricUndeclared))
      throw .undeclared(metric: name)
    }
    let metric = metrics[index]
    guard metric.descriptor.type == Handle.type else {
      throw .wrongType(metric: name, declared: metric.descriptor.type, requested: Handle.type)
    }
    return Family(registry: self, metric: metric)
  }
}

import MetricModel

/// What an application updates: one series of a metric, with the operations that the metric's type has.
///
/// A handle is a reference: its copies update the same series, and it keeps the series in memory. It may be used from
/// any thread.
public protocol SeriesHandle: Sendable {
  /// The type of metric that the handle is for.
  static var type: MetricType { get }
  /// The series that the handle updates.
  var series: Series { get }
  /// Wraps a series. `Family` calls it; applications get their handles from there.
  ///
  /// - Precondition: The series is of a metric of this `type`. That is not checked here: an update of a series of
  ///   another type may stop the program or write a value that its type cannot have.
  init(series: Series)
}

extension SeriesHandle {
  /// Whether the series has ended: its label value made room for a newer one, it was removed, or its log has not
  /// changed for `expireAfter`.
  ///
  /// Updates of such a series are accepted and nobody sees them. It stays ended: ask the family for a new handle, whose
  /// series begins anew.
  ///
  /// A reload of an exporter's catalog makes a new registry and leaves the old one's series as they are. So this may
  /// stay false for a handle of the old registry, although nobody sees its updates either.
  public var isDropped: Bool { series.isDropped }
}

/// A declared metric, which gives handles of its series. `Registry.counter(_:labels:)` and its siblings return it.
///
/// Keep the handles where each nanosecond counts: looking one up costs ten times as much as an update. A family may be
/// used from any thread, and keeps its registry in memory.
public struct Family<Handle: SeriesHandle>: Sendable {
  @usableFromInline let known: FamilySeries

  fileprivate init(registry: Registry, metric: Metric) { known = FamilySeries(registry: registry, metric: metric) }

  private var registry: Registry { known.registry }
  private var metric: Metric { known.metric }

  /// The metric's declaration.
  public var descriptor: MetricDescriptor { metric.descriptor }

  /// The series with these label values, in the order of the metric's labels; without arguments, the one series of a
  /// metric without labels. See `with(_:)` for an array.
  public func with(_ labelValues: String...) -> Handle? { with(labelValues) }

  /// The series with these label values, in the order of the metric's labels. It is made if it does not exist yet.
  ///
  /// Each value is taken as the label's declaration says: renamed by `named:`, replaced by `otherwise:`, an integer in
  /// its usual form. Control characters other than TAB and newline become U+FFFD. A new series counts against the
  /// limits at once, and a counter, histogram or summary is exposed from then on. A value that is new to a label which
  /// evicts may end older series.
  ///
  /// - Returns: a handle; nil if the values are refused, because one is missing, not allowed, too long or one too many,
  ///   or because there is no room for a further series. The refusal is counted in `Registry.rejections()`.
  public func with(_ labelValues: [String]) -> Handle? {
    known.series(labelValues).map(Handle.init(series:))
  }

  /// The series with these label values by label name. It is made if it does not exist yet.
  ///
  /// - Parameter labels: a value for each label of the metric, and for no other one.
  /// - Returns: a handle; nil if the values are refused, which is then counted in `Registry.rejections()`: a label that
  ///   is left out as `labelMissing`, one that the metric does not have as `labelUndeclared`, all else as for an array.
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

  /// The series with these label values, as `with(_:)` gives it; where they are refused, a handle whose updates nobody
  /// sees (`isDropped` is true). The refusal is counted.
  ///
  /// Use it for work that has to be done in any case: `family.with("x")?.time { work() }` leaves the work out where the
  /// values are refused, `family.handle("x").time { work() }` does it. A series that the family gave before is found
  /// without the registry's lock and without an allocation. See `handle(_:)` for an array where there are more labels.
  @inlinable
  public func handle(
    _ value1: String? = nil,
    _ value2: String? = nil,
    _ value3: String? = nil,
    _ value4: String? = nil,
    _ value5: String? = nil,
    _ value6: String? = nil
  ) -> Handle {
    Handle(series: known.series(value1, value2, value3, value4, value5, value6) ?? known.ended())
  }

  /// The series with these label values, in the order of the metric's labels; where they are refused, a handle whose
  /// updates nobody sees.
  @inlinable
  public func handle(_ labelValues: [String]) -> Handle {
    Handle(series: known.series(labelValues) ?? known.ended())
  }

  /// Ends a series: it is no longer exposed, and its place is free. If the same label values come again, a new series
  /// begins. A series that has ended already is left alone.
  ///
  /// - Precondition: The handle is of this metric in this registry; otherwise the program stops.
  public func remove(_ handle: Handle) {
    precondition(handle.series.metric === metric, "a series of another metric")
    registry.drop(handle.series)
  }
}

extension Registry {
  /// The declared counter with this full name.
  ///
  /// - Parameter labels: the labels that it has to have, in this order; with nil, the default, they are not looked at.
  /// - Throws: `RegistryError.undeclared` if there is no metric of that name, which is also counted as the rejection
  ///   `metricUndeclared`; `RegistryError.wrongType` if it is not a counter;
  ///   `RegistryError.otherLabels` if its labels are others.
  public func counter(_ name: String, labels: [String]? = nil) throws(RegistryError) -> Family<Counter> {
    try family(name, labels)
  }

  /// The declared gauge with this full name.
  ///
  /// - Parameter labels: the labels that it has to have, in this order; with nil, the default, they are not looked at.
  /// - Throws: `RegistryError.undeclared` if there is no metric of that name, which is also counted as the rejection
  ///   `metricUndeclared`; `RegistryError.wrongType` if it is not a gauge;
  ///   `RegistryError.otherLabels` if its labels are others.
  public func gauge(_ name: String, labels: [String]? = nil) throws(RegistryError) -> Family<Gauge> {
    try family(name, labels)
  }

  /// The declared histogram with this full name.
  ///
  /// - Parameter labels: the labels that it has to have, in this order; with nil, the default, they are not looked at.
  /// - Throws: `RegistryError.undeclared` if there is no metric of that name, which is also counted as the rejection
  ///   `metricUndeclared`; `RegistryError.wrongType` if it is not a histogram;
  ///   `RegistryError.otherLabels` if its labels are others.
  public func histogram(_ name: String, labels: [String]? = nil) throws(RegistryError) -> Family<Histogram> {
    try family(name, labels)
  }

  /// The declared summary with this full name.
  ///
  /// - Parameter labels: the labels that it has to have, in this order; with nil, the default, they are not looked at.
  /// - Throws: `RegistryError.undeclared` if there is no metric of that name, which is also counted as the rejection
  ///   `metricUndeclared`; `RegistryError.wrongType` if it is not a summary;
  ///   `RegistryError.otherLabels` if its labels are others.
  public func summary(_ name: String, labels: [String]? = nil) throws(RegistryError) -> Family<Summary> {
    try family(name, labels)
  }

  /// The declared info with this full name.
  ///
  /// - Parameter labels: the labels that it has to have, in this order; with nil, the default, they are not looked at.
  /// - Throws: `RegistryError.undeclared` if there is no metric of that name, which is also counted as the rejection
  ///   `metricUndeclared`; `RegistryError.wrongType` if it is not an info;
  ///   `RegistryError.otherLabels` if its labels are others.
  public func info(_ name: String, labels: [String]? = nil) throws(RegistryError) -> Family<Info> {
    try family(name, labels)
  }

  /// The declared stateset with this full name.
  ///
  /// - Parameter labels: the labels that it has to have, in this order; with nil, the default, they are not looked at.
  /// - Throws: `RegistryError.undeclared` if there is no metric of that name, which is also counted as the rejection
  ///   `metricUndeclared`; `RegistryError.wrongType` if it is not a stateset;
  ///   `RegistryError.otherLabels` if its labels are others.
  public func stateSet(_ name: String, labels: [String]? = nil) throws(RegistryError) -> Family<StateSet> {
    try family(name, labels)
  }

  private func family<Handle>(_ name: String, _ labels: [String]?) throws(RegistryError) -> Family<Handle> {
    guard let index = index(of: name) else {
      count(rejection: Rejection(metric: name, reason: .metricUndeclared))
      throw .undeclared(metric: name)
    }
    let metric = metrics[index]
    guard metric.descriptor.type == Handle.type else {
      throw .wrongType(metric: name, declared: metric.descriptor.type, requested: Handle.type)
    }
    let declared = metric.descriptor.labels.map(\.name)
    if let labels, labels != declared { throw .otherLabels(metric: name, declared: declared, requested: labels) }
    return Family(registry: self, metric: metric)
  }
}

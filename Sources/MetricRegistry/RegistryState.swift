import MetricModel

/// All series of a registry and the guard of their number. Everything here happens under the registry's lock; nothing
/// here counts rejections or renders.
struct RegistryState {
  enum Admission {
    case series(Series)
    /// `label` is a position in the metric's labels.
    case refused(Rejection.Reason, label: Int?)
    /// It would be the oldest, and have made room for the others by now.
    case evicted
  }

  /// Below so many dropped series their memory is not worth a compaction.
  static let deadMin = 64

  let seriesLimit: Int
  private(set) var families: [FamilyState]
  private(set) var labels: [LabelTable]
  /// As exposed.
  private(set) var timeSeries = 0
  var saving = RegistrySaving()
  /// What is exposed and is no series of its own.
  var provisional = ProvisionalSeries()

  init(metricCount: Int, labels: [LabelDescriptor], seriesLimit: Int) {
    self.seriesLimit = seriesLimit
    self.labels = labels.map(LabelTable.init)
    families = Array(repeating: FamilyState(), count: metricCount)
  }

  func liveCount(metric: Int) -> Int { families[metric].liveCount }

  func pages(metric: Int) -> [PageSnapshot] {
    (families[metric].pages + provisional.pages(metric: metric)).map { PageSnapshot($0) }
  }

  /// The series for what a source says of each label: known, created, or refused without a trace.
  mutating func series(
    of metric: Metric,
    labelValues: [String],
    at time: SampleTime,
    _ path: PathLabels = .none
  ) -> Admission {
    let count = metric.labelTables.count
    if labelValues.count < count { return .refused(.labelMissing, label: labelValues.count) }
    if labelValues.count > count { return .refused(.labelUndeclared, label: nil) }
    return withUnsafeTemporaryAllocation(of: Unmanaged<LabelValue>?.self, capacity: count) { key in
      var isKnown = true
      for position in 0..<count {
        switch labels[metric.labelTables[position]].resolve(labelValues[position]) {
        case .live(let value):
          key.initializeElement(at: position, to: value)
        case .new:
          key.initializeElement(at: position, to: nil)
          isKnown = false
        case .refused(let reason):
          return .refused(reason, label: position)
        }
      }
      if isKnown, let series = families[metric.index].index.find(key) { return .series(series) }
      return create(metric, labelValues, key, at: time, path)
    }
  }

  /// Notes that a label's value was said, where it is live.
  mutating func use(_ text: String, of table: Int, age: LabelAge) {
    guard case .value(let meant) = labels[table].meaning(of: text), let value = labels[table].liveValue(meant),
      value.age.time < age.time
    else { return }
    value.use.note(age)
    // A value's age is saved with the series that carry it.
    labels[table].series(of: value).first?.noteChange()
  }

  enum LabelMeaning {
    case values([String])
    case refused(Rejection.Reason, label: Int?)
  }

  /// The label values of the series that `series(of:labelValues:)` would find or make, where its labels allow one.
  mutating func meaning(of labelValues: [String], for metric: Metric) -> LabelMeaning {
    let count = metric.labelTables.count
    if labelValues.count < count { return .refused(.labelMissing, label: labelValues.count) }
    if labelValues.count > count { return .refused(.labelUndeclared, label: nil) }
    var values: [String] = []
    for (position, text) in labelValues.enumerated() {
      switch labels[metric.labelTables[position]].meaning(of: text) {
      case .value(let value): values.append(value)
      case .refused(let reason): return .refused(reason, label: position)
      }
    }
    return .values(values)
  }

  private mutating func create(
    _ metric: Metric,
    _ labelValues: [String],
    _ key: SeriesIndex.LabelValues,
    at time: SampleTime,
    _ path: PathLabels
  ) -> Admission {
    func age(_ position: Int) -> LabelAge { metric.ledger.age(at: path.time(ofLabel: position, time)) }
    var evicted: [Series] = []
    for position in key.indices where key[position] == nil && labels[metric.labelTables[position]].isFull {
      let table = metric.labelTables[position]
      // Full and yet not refused: it evicts. There is no oldest where no value at all may be.
      guard let oldest = labels[table].oldest() else {
        return .refused(.labelMaxValues, label: position)
      }
      // Values of a time that is still to come are of a clock that was wrong: they keep nothing out.
      if age(position) < oldest.age, oldest.age.time <= metric.ledger.now() { return .evicted }
      evicted += labels[table].series(of: oldest)
    }
    let (freed, freedHere) = timeSeriesFreed(by: evicted, in: metric)
    let further = metric.descriptor.timeSeriesPerChild
    let here = families[metric.index].liveCount * further
    if here - freedHere + further > metric.seriesLimit { return .refused(.metricMaxSeries, label: nil) }
    if timeSeries - freed + further > seriesLimit { return .refused(.registryMaxSeries, label: nil) }

    // Admitted: only now does anything change. What was live may have gone with the evicted, so values are looked up
    // again by their text.
    for series in evicted { drop(series) }
    let values = labelValues.indices.map { position in
      labels[metric.labelTables[position]].value(for: labelValues[position], age: age(position))
    }
    return .series(add(metric, values, age: age))
  }

  /// A further series, for which there is room.
  ///
  /// - Parameter age: of a label's value, by the label's position.
  private mutating func add(_ metric: Metric, _ values: [LabelValue], age: (Int) -> LabelAge) -> Series {
    let series = families[metric.index].append(metric, values)
    for (position, value) in values.enumerated() { labels[metric.labelTables[position]].add(series, to: value) }
    families[metric.index].index.insert(series)
    timeSeries += metric.descriptor.timeSeriesPerChild
    for label in metric.evictingLabels { values[label].use.note(age(label)) }
    if !provisional.isEmpty { makeRoom(for: series) }
    return series
  }

  /// The series with exactly these label values, known or made where it has room without eviction; nil: it has none, or
  /// a value is not allowed any more.
  mutating func restoredSeries(of metric: Metric, texts: [String]) -> Series? {
    guard texts.count == metric.labelTables.count else { return nil }
    let age = metric.ledger.age(at: .never)
    var values: [LabelValue] = []
    for (position, text) in texts.enumerated() {
      guard let value = labels[metric.labelTables[position]].restoredValue(text, age: age) else {
        // Values that were made for this series, and that no other carries, must not take a place.
        for (position, value) in values.enumerated() { labels[metric.labelTables[position]].releaseIfUnused(value) }
        return nil
      }
      values.append(value)
    }
    let known = withUnsafeTemporaryAllocation(of: Unmanaged<LabelValue>?.self, capacity: values.count) { key in
      for (position, value) in values.enumerated() {
        key.initializeElement(at: position, to: .passUnretained(value))
      }
      return families[metric.index].index.find(key)
    }
    if let known { return known }
    let further = metric.descriptor.timeSeriesPerChild
    guard families[metric.index].liveCount * further + further <= metric.seriesLimit,
      timeSeries + further <= seriesLimit
    else {
      for (position, value) in values.enumerated() { labels[metric.labelTables[position]].releaseIfUnused(value) }
      return nil
    }
    return add(metric, values) { _ in age }
  }

  /// Series of two labels' evicted values may be the same and free their room once.
  private func timeSeriesFreed(by evicted: [Series], in metric: Metric) -> (all: Int, here: Int) {
    var seen: Set<Series> = []
    var all = 0
    var here = 0
    for series in evicted where seen.insert(series).inserted {
      all += series.metric.descriptor.timeSeriesPerChild
      if series.metric === metric { here += series.metric.descriptor.timeSeriesPerChild }
    }
    return (all, here)
  }

  mutating func drop(_ series: Series) {
    if series.isProvisional { return provisional.end(series) }
    guard series.markDropped() else { return }
    saving.ended(series)
    let metric = series.metric
    families[metric.index].index.remove(series)
    families[metric.index].liveCount -= 1
    families[metric.index].deadCount += 1
    timeSeries -= metric.descriptor.timeSeriesPerChild
    for position in 0..<series.labelCount {
      labels[metric.labelTables[position]].release(series.value(ofLabel: position))
    }
    let (live, dead) = (families[metric.index].liveCount, families[metric.index].deadCount)
    if dead > Self.deadMin, dead > live { families[metric.index].compact() }
  }
}

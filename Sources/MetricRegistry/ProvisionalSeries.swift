import MetricModel

/// Series that were made for values which may be taken back: they are exposed, and are nothing else. They have no place
/// among a metric's series and no label value is live for them, so that they evict nothing, hold nothing up and are not
/// saved. Guarded by the registry's lock.
///
/// There is one only while there is room for it, and as soon as something certain wants that room it goes.
struct ProvisionalSeries {
  private struct SeriesKey: Hashable {
    var metric: Int
    var values: [ByteText]

    init(_ metric: Metric, _ values: [String]) {
      self.metric = metric.index
      self.values = values.map(ByteText.init)
    }
  }

  private var series: [SeriesKey: Series] = [:]
  /// By metric.
  private var families: [Int: FamilyState] = [:]
  /// How many of the series have a value, by label table.
  private var uses: [Int: [ByteText: Int]] = [:]
  /// As exposed.
  private(set) var timeSeries = 0

  var isEmpty: Bool { series.isEmpty }

  func find(_ metric: Metric, _ values: [String]) -> Series? { series[SeriesKey(metric, values)] }

  func count(of metric: Metric) -> Int { families[metric.index]?.liveCount ?? 0 }

  func pages(metric: Int) -> [SeriesPage] { families[metric]?.pages ?? [] }

  /// How many values of a label's table there are here, `value` included, that no other series carries.
  func valueCount(in table: Int, with value: String? = nil, isLive: (String) -> Bool) -> Int {
    var texts = Set(uses[table, default: [:]].keys)
    if let value { texts.insert(ByteText(value)) }
    return texts.count { !isLive($0.text) }
  }

  mutating func make(_ metric: Metric, _ values: [String]) -> Series {
    let texts = values.map { LabelValue(text: $0, slot: -1, age: LabelAge(time: .min, tick: 0)) }
    let made = families[metric.index, default: FamilyState()].append(metric, texts, isProvisional: true)
    series[SeriesKey(metric, values)] = made
    for (table, value) in zip(metric.labelTables, values) {
      uses[table, default: [:]][ByteText(value), default: 0] += 1
    }
    timeSeries += metric.descriptor.timeSeriesPerChild
    return made
  }

  mutating func end(_ ended: Series) {
    guard ended.markDropped() else { return }
    let metric = ended.metric
    series[SeriesKey(metric, ended.labelValues)] = nil
    for (table, value) in zip(metric.labelTables, ended.labelValues) {
      let left = uses[table]?[ByteText(value)].map { $0 - 1 } ?? 0
      uses[table]?[ByteText(value)] = left > 0 ? left : nil
    }
    timeSeries -= metric.descriptor.timeSeriesPerChild
    families[metric.index]?.liveCount -= 1
    families[metric.index]?.deadCount += 1
    if let family = families[metric.index], family.deadCount > max(RegistryState.deadMin, family.liveCount) {
      families[metric.index]?.compact()
    }
  }

  mutating func endAll(where isConcerned: (Metric) -> Bool) {
    for one in series.values.filter({ isConcerned($0.metric) }) { end(one) }
  }
}

extension RegistryState {
  /// The series that shows what may be taken back for these labels: the one that there is, or one that is only for that;
  /// nil: the labels allow none, or it would have to take a place.
  mutating func provisionalSeries(of metric: Metric, labelValues: [String]) -> Series? {
    guard case .values(let values) = meaning(of: labelValues, for: metric) else { return nil }
    if let known = certainSeries(of: metric, values) ?? provisional.find(metric, values) { return known }
    let further = metric.descriptor.timeSeriesPerChild
    for (table, value) in zip(metric.labelTables, values) where !hasRoom(in: table, with: value) { return nil }
    guard (liveCount(metric: metric.index) + provisional.count(of: metric) + 1) * further <= metric.seriesLimit,
      timeSeries + provisional.timeSeries + further <= seriesLimit
    else { return nil }
    return provisional.make(metric, values)
  }

  private func certainSeries(of metric: Metric, _ values: [String]) -> Series? {
    withUnsafeTemporaryAllocation(of: Unmanaged<LabelValue>?.self, capacity: values.count) { key in
      for (position, text) in values.enumerated() {
        guard let value = labels[metric.labelTables[position]].liveValue(text) else { return nil }
        key.initializeElement(at: position, to: .passUnretained(value))
      }
      var index = families[metric.index].index
      return index.find(key)
    }
  }

  private func hasRoom(in table: Int, with value: String? = nil) -> Bool {
    let further = provisional.valueCount(in: table, with: value) { labels[table].liveValue($0) != nil }
    return further == 0 || labels[table].room >= further
  }

  /// Something certain was made: what only seemed to be goes where it is in its way.
  mutating func makeRoom(for made: Series) {
    let metric = made.metric
    if let same = provisional.find(metric, made.labelValues) { provisional.end(same) }
    for table in metric.labelTables where !hasRoom(in: table) {
      provisional.endAll { $0.labelTables.contains(table) }
    }
    let here = liveCount(metric: metric.index) + provisional.count(of: metric)
    if here * metric.descriptor.timeSeriesPerChild > metric.seriesLimit { provisional.endAll { $0 === metric } }
    if timeSeries + provisional.timeSeries > seriesLimit { provisional.endAll { _ in true } }
  }
}

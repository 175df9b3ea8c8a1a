internal import LogFormats
internal import MetricCatalog
internal import MetricModel
internal import MetricRegistry

/// What lines say of series, checked against the catalog, and what it makes of them.
extension EventProcesses {
  private func meaning(of line: EventLine) -> EventKeys.Meaning {
    guard let name = line.metric.flatMap(EventLine.text), let labels = EventLine.texts(line.labels) else {
      return .malformed
    }
    guard let metric = metricIndex[name] else { return .refused(Rejection(metric: name, reason: .metricUndeclared)) }
    guard isFed[metric] else { return .refused(Rejection(metric: name, reason: .eventOfOthers)) }
    if plan.metrics[metric].type == .info { return .info(metric, labels: labels) }
    return labelValues(of: metric, labels).map { .series(SeriesName(metric: metric, labelValues: $0)) }
      ?? .refused(undeclared(metric, labels))
  }

  /// A text for each label of a metric, in its order; nil: there is one for a label that it does not have.
  private func labelValues(of metric: Int, _ labels: [(name: String, text: String)]) -> [String]? {
    let declared = plan.metrics[metric].labels
    guard labels.allSatisfy({ label in declared.contains { $0.name == label.name } }) else { return nil }
    return declared.map { label in labels.last { $0.name == label.name }.map { trimmed($0.text) } ?? "" }
  }

  private func undeclared(_ metric: Int, _ labels: [(name: String, text: String)]) -> Rejection {
    let declared = plan.metrics[metric].labels
    let label = labels.first { label in !declared.contains { $0.name == label.name } }
    return Rejection(metric: plan.metrics[metric].name, label: label?.name ?? "", reason: .labelUndeclared)
  }

  func apply(_ line: EventLine, of process: EventProcess, _ admission: EventProcess.Admission) {
    guard let key = keys.key(of: line, { meaning(of: line) }) else { return }
    let isNew = admission == .new
    switch key.meaning {
    case .malformed:
      if isNew { countMalformed() }
    case .refused(let rejection):
      if isNew { registry.count(rejection: rejection) }
    case .info(let metric, let labels):
      if isNew || readAgain[metric] { showInfo(metric, labels, line, of: process) }
    case .series(let name):
      guard isNew || readAgain[name.metric] else { return }
      let sample = Sample(line: line, process: process, isNew: isNew, key: key, name: name)
      switch plan.metrics[name.metric].type {
      case .counter: count(sample)
      case .histogram: observe(sample)
      case .summary: summarize(sample)
      case .gauge: set(sample)
      case .stateset: setState(sample)
      case .info: break
      }
    }
  }

  private struct Sample {
    let line: EventLine
    let process: EventProcess
    /// False: it is read again, for a metric that is new.
    let isNew: Bool
    let key: EventKeys.Key
    let name: SeriesName
  }

  private func refuse(_ sample: Sample, _ reason: Rejection.Reason, label: String = "") {
    registry.count(rejection: Rejection(metric: plan.metrics[sample.name.metric].name, label: label, reason: reason))
  }

  /// The series of a sample that can be taken; nil: refused.
  private func series(of sample: Sample) -> EventSeries? {
    if let known = sample.key.series, !known.series.isDropped {
      if known.series.feeder !== feeder { known.series.feeder = feeder }
      return known
    }
    let name = sample.name
    guard let series = registry.series(metric: name.metric, labelValues: name.labelValues, at: time) else { return nil }
    series.feeder = feeder
    sample.key.series = shared(series)
    return sample.key.series
  }

  /// What the sample's process contributes to a series.
  private func contribution(of sample: Sample, to series: EventSeries) -> (EventContribution, isFirst: Bool)? {
    contribution(of: sample.process, to: series, sample.name, sample.key)
  }

  // MARK: What is counted

  private func count(_ sample: Sample) {
    guard let value = sample.line.value else { return refuse(sample, .eventType) }
    if let reason = value.whyNotCounted { return refuse(sample, reason) }
    guard let target = series(of: sample), let (contribution, isFirst) = contribution(of: sample, to: target) else {
      return
    }
    if !isFirst || !isUnknown(sample) {
      guard value >= contribution.total else { return refuseFall(sample) }
      if value == contribution.total, !isFirst { return }
      guard target.replace(contribution.total, by: value) else { return refuse(sample, .notFinite) }
      target.series.setTotal(target.total.value, at: time)
    }
    contribution.total = value
    saving.note(contribution, of: sample.process)
  }

  private func observe(_ sample: Sample) {
    let metric = plan.metrics[sample.name.metric]
    guard let count = sample.line.count, sample.line.buckets != nil || metric.buckets.isEmpty,
      sample.line.schema != nil || metric.nativeHistogram == nil
    else { return refuse(sample, .eventType) }
    add(EventCounts(sample.line, of: metric, count: count), sample)
  }

  private func summarize(_ sample: Sample) {
    guard let count = sample.line.count else { return refuse(sample, .eventType) }
    add(EventCounts(of: count), sample)
  }

  /// - Parameter counts: how many observations there were; nil: that is not said as it should be.
  private func add(_ counts: EventCounts?, _ sample: Sample) {
    guard let sum = sample.line.sum else { return refuse(sample, .eventType) }
    if let reason = sum.whyNotObserved { return refuse(sample, reason) }
    guard var counts else { return refuse(sample, .eventBuckets) }
    guard let target = series(of: sample), let (contribution, isFirst) = contribution(of: sample, to: target) else {
      return
    }
    counts.coarsen(as: contribution)
    let whole = counts.native
    if !isFirst || !isUnknown(sample) {
      guard let further = counts.subtract(contribution) else { return refuseFall(sample) }
      guard target.replace(contribution.total, by: sum, observations: further) else {
        return refuse(sample, .notFinite)
      }
      let difference = target.takeSum()
      if let native = counts.native {
        target.series.addObservations(native: native, bucketCounts: counts.buckets, sum: difference, at: time)
      } else if plan.metrics[sample.name.metric].type == .histogram {
        target.series.addObservations(bucketCounts: counts.buckets, sum: difference, at: time)
      } else {
        target.series.addObservations(count: further, sum: difference, at: time)
      }
    }
    for index in counts.buckets.indices { contribution.counts[index] &+= counts.buckets[index] }
    contribution.native = whole
    contribution.total = sum
    saving.note(contribution, of: sample.process)
  }

  /// Whether nobody knows what of a total was counted before: only what it grows by from now on counts.
  private func isUnknown(_ sample: Sample) -> Bool { sample.process.hasForgotten && sample.isNew }

  /// A total that falls is a fault of the writer: the greater one stays. What is read again may have been read before.
  private func refuseFall(_ sample: Sample) {
    if sample.isNew { refuse(sample, .negativeIncrement) }
  }

  /// What the process left out itself counts as if it had been refused here.
  func countRejections(_ line: EventLine, of process: EventProcess) {
    guard let reason = line.rejected.flatMap(EventLine.text).flatMap(Rejection.Reason.init),
      let name = line.metric.flatMap(EventLine.text), let label = line.label.map(EventLine.text) ?? "",
      label.utf8.count <= Self.labelNameBytesMax,
      let value = line.value, let total = UInt64(exactly: value), total <= EventSeries.countMax
    else { return countMalformed() }
    guard metricIndex[name] != nil else {
      return registry.count(rejection: Rejection(metric: name, reason: .metricUndeclared))
    }
    replace(Rejection(metric: name, label: label, reason: reason), by: total, of: process)
  }

  // MARK: What is shown

  private func set(_ sample: Sample) {
    guard let value = sample.line.value else { return refuse(sample, .eventType) }
    guard let target = series(of: sample) else { return }
    if across[sample.name.metric] == .last {
      if says(sample, target) { target.series.set(value, at: time) }
      return
    }
    guard let (contribution, isFirst) = contribution(of: sample, to: target) else { return }
    contribution.total = value
    if isFirst { target.contributors.append((sample.process, contribution)) }
    saving.note(contribution, of: sample.process)
    outdate(target)
  }

  private func setState(_ sample: Sample) {
    let metric = plan.metrics[sample.name.metric]
    guard let state = sample.line.state.flatMap(EventLine.text) else { return refuse(sample, .eventType) }
    guard metric.states.contains(state) else { return refuse(sample, .labelValue, label: metric.name) }
    guard let target = series(of: sample), says(sample, target) else { return }
    target.series.setState(state, at: time)
  }

  /// Whether a process has the last word on a series. Of two it is who said something later; of one, what it wrote later,
  /// whatever its clock says.
  private func says(_ sample: Sample, _ target: EventSeries) -> Bool {
    let at = saidAt(sample.line)
    guard target.speaker === sample.process || isLatest(at, target.series.saidAt) else { return false }
    target.series.said(by: feeder, at: at)
    target.speaker = sample.process
    return true
  }

  /// A time that is still to come is of a clock that was wrong.
  private func isLatest(_ at: Int64, _ before: Int64) -> Bool { at >= before || before > now.wall }

  /// When a line's value was set, in nanoseconds since 1970, as far as the clocks can be right.
  private func saidAt(_ line: EventLine) -> Int64 {
    guard let at = line.at, at.isFinite else {
      return feeder.modified == .min ? now.wall : min(feeder.modified, now.wall)
    }
    return at * 1e9 < Double(now.wall) ? Int64(max(at * 1e9, 0)) : now.wall
  }

  /// Shows an info in place of what was said before of the same labels; those that its line does not say as labels are
  /// what it is about.
  private func showInfo(
    _ metric: Int,
    _ labels: [(name: String, text: String)],
    _ line: EventLine,
    of process: EventProcess
  ) {
    let descriptor = plan.metrics[metric]
    let constant = Set(descriptor.constant.map(\.name))
    guard let said = EventLine.texts(line.info) else { return countMalformed() }
    let all = labels + said.filter { !constant.contains($0.name) }
    guard let values = labelValues(of: metric, all) else { return registry.count(rejection: undeclared(metric, all)) }
    let at = saidAt(line)
    let places = descriptor.labels.indices.filter { place in
      labels.contains { $0.name == descriptor.labels[place].name }
    }
    guard let shown = registry.meaning(metric: metric, labelValues: values, countsRefusal: true) else { return }
    var latest = Int64.min
    func forEachOther(_ body: (Series) -> Bool) {
      _ = registry.expire(metric: metric, now: 0) { series in
        places.allSatisfy { series.labelValue(at: $0) == shown[$0] } && body(series) ? 0 : nil
      }
    }
    forEachOther { series in
      if self.series[series]?.speaker !== process { latest = max(latest, series.saidAt) }
      return false
    }
    guard isLatest(at, latest), let series = registry.series(metric: metric, labelValues: values, at: time) else {
      return
    }
    series.set(1, at: time)
    series.said(by: feeder, at: at)
    shared(series).speaker = process
    forEachOther { $0 != series }
  }

  func outdate(_ target: EventSeries) {
    guard !target.isOutdated else { return }
    target.isOutdated = true
    outdated.append(target)
  }

  /// Whether a process lives has changed.
  func joinAnew(_ process: EventProcess) {
    for contribution in process.contributions.values where !contribution.series.contributors.isEmpty {
      outdate(contribution.series)
    }
  }

  func join(_ target: EventSeries) {
    let values = target.contributors.lazy.filter { $0.process.standing == .living }.map(\.contribution.total)
    guard let first = values.first else { return target.series.unset() }
    let others = values.dropFirst()
    switch across[target.metric] {
    case .sum: target.series.set(others.reduce(first, +), at: time)
    case .mean: target.series.set(others.reduce(first, +) / Double(values.count), at: time)
    case .min: target.series.set(others.reduce(first) { Double.minimum($0, $1) }, at: time)
    case .max: target.series.set(others.reduce(first) { Double.maximum($0, $1) }, at: time)
    case .last: break
    }
  }
}

/// How many observations a line tells of.
private struct EventCounts {
  /// By bucket, not cumulative, `+Inf` last.
  private(set) var buckets: [UInt64]
  private(set) var native: NativeCounts?

  /// nil: it is no number of observations.
  init?(of count: Double) {
    guard let count = UInt64(exactly: count) else { return nil }
    buckets = [count]
  }

  /// nil: they are not the metric's buckets, or do not belong together.
  init?(_ line: EventLine, of metric: MetricDescriptor, count: Double) {
    if let buckets = line.buckets, !metric.buckets.isEmpty || metric.nativeHistogram == nil {
      self.init(buckets, bounds: metric.buckets, count: count)
    } else {
      self.init(of: count)
    }
    guard let declared = metric.nativeHistogram else { return }
    guard let schema = line.schema.flatMap(Int.init(exactly:)), let zero = UInt64(exactly: line.zero ?? 0),
      zero <= EventSeries.countMax,
      let positive = Self.native(line.positive), let negative = Self.native(line.negative),
      var said = NativeCounts(schema: schema, zeroCount: zero, positive: positive, negative: negative),
      Double(said.count) == count
    else { return nil }
    said.coarsen(toBuckets: declared.maxBuckets)
    native = said
  }

  /// Native buckets as a line has them.
  private static func native(_ piece: EventLine.Piece?) -> [(index: Int32, count: UInt64)]? {
    guard let piece else { return [] }
    var buckets: [(index: Int32, count: UInt64)] = []
    var isRight = true
    let isWhole = EventLine.numbers(piece) { index, count in
      guard let index = Int32(exactly: index), let count = UInt64(exactly: count), count <= EventSeries.countMax else {
        isRight = false
        return
      }
      buckets.append((index, count))
    }
    return isWhole && isRight ? buckets : nil
  }

  private init?(_ piece: EventLine.Piece, bounds: [Double], count: Double) {
    var counts: [UInt64] = []
    counts.reserveCapacity(bounds.count + 1)
    var before: UInt64 = 0
    var isRight = true
    let isWhole = EventLine.numbers(piece) { bound, number in
      let place = counts.count
      guard place <= bounds.count, bound == (place < bounds.count ? bounds[place] : .infinity),
        let cumulative = UInt64(exactly: number), cumulative >= before
      else {
        isRight = false
        return
      }
      counts.append(cumulative - before)
      before = cumulative
    }
    guard isWhole, isRight, counts.count == bounds.count + 1, Double(before) == count else { return nil }
    buckets = counts
  }

  /// Makes native buckets no finer than those before.
  mutating func coarsen(as former: EventContribution) {
    if let before = former.native { native?.coarsen(to: before.schema) }
  }

  /// Leaves what is more than before.
  ///
  /// - Returns: how many these are; nil: a bucket has less.
  mutating func subtract(_ former: EventContribution) -> UInt64? {
    var further: UInt64 = 0
    for index in buckets.indices {
      guard buckets[index] >= former.counts[index] else { return nil }
      buckets[index] -= former.counts[index]
      further &+= buckets[index]
    }
    if let before = former.native, native?.subtract(before) != true { return nil }
    return further
  }
}

internal import Clocks
internal import LogFormats
internal import MetricCatalog
internal import MetricModel
internal import MetricRegistry

/// The processes whose events files a watcher reads, and what they contribute to series: a counter, histogram or summary
/// has what all of them have counted, whether they live or have ended; a gauge what `across` says.
///
/// What a line says is a total, so a line that is read twice changes nothing. Of each process the number of its newest
/// line is known, by which a line is news or not, and its contribution to each series. Of one that has ended only the
/// number is kept.
final class EventProcesses {
  /// A longer name of a process is none.
  static let identityBytesMax = 200
  /// How long nothing has to be heard of a process whose file is gone until its contributions are forgotten one by one.
  private static let goneTime: Int64 = 3_600_000_000_000
  /// Contributions of processes that may be dead; beyond, those are forgotten that were silent longest.
  private static let contributionsMax = 200_000
  /// Processes that have ended, and are known still should their files be read again.
  private static let endedMax = 100_000

  let plan: WatcherPlan
  private let registry: Registry
  let clock: () -> Moment
  private let metricIndex: [String: Int]
  private let isFed: [Bool]
  private let across: [AcrossProcesses]
  private let aliveTime: Int64

  private(set) var processes: [String: EventProcess] = [:]
  /// Those of which contributions are known, or will be.
  private var open: [ObjectIdentifier: EventProcess] = [:]
  private var series: [ObjectIdentifier: EventSeries] = [:]
  private var seriesBeforeClearing = 64
  private var keys = EventKeys()
  /// Gauges that have to be joined anew.
  private var outdated: [EventSeries] = []
  /// The metrics for which files are read again.
  var readAgain: [Bool]
  /// Whether all files are.
  var isReadAgain = false
  var saving = Saving()

  // The file at hand.
  private var feeder: Feeder
  private var time = SampleTime.now
  private var now: Moment
  private var counted = (mapped: 0, malformed: 0)

  /// - Parameter isFed: by metric, whether events feed it.
  init(plan: WatcherPlan, isFed: [Bool], metricIndex: [String: Int], registry: Registry, clock: @escaping () -> Moment)
  {
    self.plan = plan
    self.isFed = isFed
    self.metricIndex = metricIndex
    self.registry = registry
    self.clock = clock
    let format = plan.watcher.format
    across = plan.metrics.map { format.words("across")?[$0.name].flatMap(AcrossProcesses.init) ?? .last }
    aliveTime = format.duration("alive")?.wholeNanoseconds ?? 60_000_000_000
    readAgain = Array(repeating: false, count: plan.metrics.count)
    feeder = Feeder(name: "", watcher: plan.watcher.name)
    now = clock()
  }

  /// The process of that name, known or new.
  func process(_ identity: String) -> EventProcess {
    if let known = processes[identity] { return known }
    let process = EventProcess(identity: identity)
    processes[identity] = process
    open[ObjectIdentifier(process)] = process
    if processes.count - open.count > Self.endedMax { forgetEnded() }
    return process
  }

  /// Half of those that have ended and whose files are gone, the ones first that were heard of least lately.
  private func forgetEnded() {
    let gone = processes.values.filter { $0.files == 0 && open[ObjectIdentifier($0)] == nil }.sorted {
      $0.seen < $1.seen
    }
    for process in gone.prefix(gone.count / 2) {
      processes[process.identity] = nil
      saving.forget(process)
    }
  }

  // MARK: Lines

  /// The lines that follow are of this file.
  func begin(_ feeder: Feeder, isFollowed: Bool) {
    self.feeder = feeder
    now = clock()
    time = registry.time(ofLogModifiedAt: feeder.modified, isFollowed: isFollowed)
    plan.counters.sawRecord(atNanoseconds: Int(now.wall))
  }

  func countMalformed() { counted.malformed += 1 }

  /// Counts, and tells of it the first time.
  func refuse(version: UInt64, of path: String) {
    countMalformed()
    plan.warn("\(path): these are events of version \(version), and this program reads version 1; they are left out")
  }

  func take(_ line: EventLine, of process: EventProcess?) {
    guard let process, let number = line.number, process.standing != .ended || number <= process.newest,
      line.metric != nil || line.isAlive || line.isEnd
    else { return countMalformed() }
    let admission = process.admit(number)
    if admission == .known { return }
    saving.note(process)
    if admission == .new { hear(process) }
    if line.isEnd {
      if admission == .new { process.standing = .ended }
      if process.standing == .ended { fold(process) }
    } else if line.metric != nil {
      if admission == .new { counted.mapped += 1 }
      apply(line, of: process, admission)
    }
  }

  private func hear(_ process: EventProcess) {
    let before = process.standing
    process.seen = max(process.seen, feeder.lastChange)
    process.standing = process.seen &+ aliveTime > now.monotonic ? .living : .silent
    if process.standing != before { joinAnew(process) }
  }

  /// What a file said is shown.
  func commit() {
    for target in outdated {
      target.isOutdated = false
      join(target)
    }
    outdated.removeAll(keepingCapacity: true)
    plan.counters.add(counted.mapped, .mapped)
    plan.counters.add(counted.malformed, .malformed)
    counted = (0, 0)
  }

  // MARK: Samples

  private func meaning(of line: EventLine) -> EventKeys.Meaning {
    guard let name = line.metric.flatMap(EventLine.text), let labels = EventLine.texts(line.labels) else {
      return .malformed
    }
    guard let metric = metricIndex[name] else { return .refused(Rejection(metric: name, reason: .metricUndeclared)) }
    guard isFed[metric] else { return .refused(Rejection(metric: name, reason: .eventOfOthers)) }
    if plan.metrics[metric].type == .info { return .info(metric, labels: labels) }
    return labelValues(of: metric, labels).map { .metric(metric, labelValues: $0) }
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

  private func apply(_ line: EventLine, of process: EventProcess, _ admission: EventProcess.Admission) {
    guard let key = keys.key(of: line, { meaning(of: line) }) else { return }
    let isNew = admission == .new
    switch key.meaning {
    case .malformed:
      if isNew { countMalformed() }
    case .refused(let rejection):
      if isNew { registry.count(rejection: rejection) }
    case .info(let metric, let labels):
      if isNew || readAgain[metric] { showInfo(metric, labels, line, of: process) }
    case .metric(let metric, let labelValues):
      guard isNew || readAgain[metric] else { return }
      let sample = Sample(
        line: line,
        process: process,
        isNew: isNew,
        metric: metric,
        key: key,
        labelValues: labelValues
      )
      switch plan.metrics[metric].type {
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
    let metric: Int
    let key: EventKeys.Key
    let labelValues: [String]
  }

  private func refuse(_ sample: Sample, _ reason: Rejection.Reason, label: String = "") {
    registry.count(rejection: Rejection(metric: plan.metrics[sample.metric].name, label: label, reason: reason))
  }

  /// The series of a sample that can be taken; nil: refused.
  private func series(of sample: Sample) -> EventSeries? {
    if let known = sample.key.series, !known.series.isDropped {
      if known.series.feeder !== feeder { known.series.feeder = feeder }
      return known
    }
    guard let series = registry.series(metric: sample.metric, labelValues: sample.labelValues, at: time) else {
      return nil
    }
    series.feeder = feeder
    let target = self.target(series)
    sample.key.series = target
    return target
  }

  private func target(_ series: Series) -> EventSeries {
    if let known = self.series[ObjectIdentifier(series)] { return known }
    if self.series.count >= seriesBeforeClearing {
      self.series = self.series.filter { !$0.value.series.isDropped }
      seriesBeforeClearing = 2 * self.series.count + 64
    }
    let target = EventSeries(series)
    self.series[ObjectIdentifier(series)] = target
    return target
  }

  /// What a process contributes to a series; with nil for `known` where it is the first time.
  private func contribution(of process: EventProcess, to target: EventSeries) -> (EventContribution, isFirst: Bool) {
    if let known = process.contributions[ObjectIdentifier(target)] { return (known, false) }
    if process.contributions.count >= process.contributionsBeforeClearing { clear(process) }
    let contribution = EventContribution(to: target)
    process.contributions[ObjectIdentifier(target)] = contribution
    open[ObjectIdentifier(process)] = process
    return (contribution, true)
  }

  /// Clears away contributions to series that have ended.
  private func clear(_ process: EventProcess) {
    for (key, contribution) in process.contributions where contribution.series.series.isDropped {
      process.contributions[key] = nil
      saving.forget(contribution)
    }
    process.contributionsBeforeClearing = 2 * process.contributions.count + 64
  }

  private func count(_ sample: Sample) {
    guard let value = sample.line.value else { return refuse(sample, .eventType) }
    if let reason = value.whyNotCounted { return refuse(sample, reason) }
    guard let target = self.series(of: sample) else { return }
    let (contribution, isFirst) = self.contribution(of: sample.process, to: target)
    if isFirst, isUnknown(sample) {
      contribution.total = value
    } else {
      guard value >= contribution.total else { return refuseFall(sample) }
      if value == contribution.total, !isFirst { return }
      guard target.replace(contribution.total, by: value) else { return refuse(sample, .notFinite) }
      contribution.total = value
      target.series.setTotal(target.total.value, at: time)
    }
    saving.note(contribution, of: sample.process)
  }

  /// Whether nobody knows what of a total was counted before: only what it grows by from now on counts.
  private func isUnknown(_ sample: Sample) -> Bool { sample.process.hasForgotten && sample.isNew }

  /// A total that falls is a fault of the writer: the greater one stays. What is read again may have been read before.
  private func refuseFall(_ sample: Sample) {
    if sample.isNew { refuse(sample, .negativeIncrement) }
  }

  private func observe(_ sample: Sample) {
    let metric = plan.metrics[sample.metric]
    guard let buckets = sample.line.buckets, let count = sample.line.count, let sum = sample.line.sum,
      metric.nativeHistogram == nil
    else { return refuse(sample, .eventType) }
    if let reason = sum.whyNotObserved { return refuse(sample, reason) }
    guard var counts = EventCounts(buckets, bounds: metric.buckets, count: count) else {
      return refuse(sample, .eventBuckets)
    }
    guard let target = self.series(of: sample) else { return }
    let (contribution, isFirst) = self.contribution(of: sample.process, to: target)
    if isFirst { contribution.counts = Array(repeating: 0, count: counts.buckets.count) }
    if !isFirst || !isUnknown(sample) {
      guard let further = counts.subtract(contribution.counts) else { return refuseFall(sample) }
      guard target.addObservations(further), target.replace(contribution.total, by: sum) else {
        return refuse(sample, .notFinite)
      }
      target.series.addObservations(bucketCounts: counts.buckets, sum: target.takeSum(), at: time)
      for index in counts.buckets.indices { contribution.counts[index] += counts.buckets[index] }
    } else {
      contribution.counts = counts.buckets
    }
    contribution.total = sum
    saving.note(contribution, of: sample.process)
  }

  private func summarize(_ sample: Sample) {
    guard let number = sample.line.count, let sum = sample.line.sum else { return refuse(sample, .eventType) }
    if let reason = sum.whyNotObserved { return refuse(sample, reason) }
    guard let count = UInt64(exactly: number) else { return refuse(sample, .eventBuckets) }
    guard let target = self.series(of: sample) else { return }
    let (contribution, isFirst) = self.contribution(of: sample.process, to: target)
    if isFirst { contribution.counts = [0] }
    if !isFirst || !isUnknown(sample) {
      guard count >= contribution.counts[0] else { return refuseFall(sample) }
      let further = count - contribution.counts[0]
      guard target.addObservations(further), target.replace(contribution.total, by: sum) else {
        return refuse(sample, .notFinite)
      }
      target.series.addObservations(count: further, sum: target.takeSum(), at: time)
    }
    contribution.counts[0] = count
    contribution.total = sum
    saving.note(contribution, of: sample.process)
  }

  // MARK: What is shown

  private func set(_ sample: Sample) {
    guard let value = sample.line.value else { return refuse(sample, .eventType) }
    guard let target = self.series(of: sample) else { return }
    if across[sample.metric] == .last {
      if says(sample.process, to: target, sample.line) { target.series.set(value, at: time) }
      return
    }
    let (contribution, isFirst) = self.contribution(of: sample.process, to: target)
    contribution.total = value
    if isFirst { target.contributors.append((sample.process, contribution)) }
    saving.note(contribution, of: sample.process)
    outdate(target)
  }

  private func setState(_ sample: Sample) {
    let metric = plan.metrics[sample.metric]
    guard let state = sample.line.state.flatMap(EventLine.text) else { return refuse(sample, .eventType) }
    guard metric.states.contains(state) else { return refuse(sample, .labelValue, label: metric.name) }
    guard let target = self.series(of: sample), says(sample.process, to: target, sample.line) else { return }
    target.series.setState(state, at: time)
  }

  /// Whether a process has the last word on a series. Of two it is who said something later; of one, what it wrote later,
  /// whatever its clock says.
  private func says(_ process: EventProcess, to target: EventSeries, _ line: EventLine) -> Bool {
    let at = saidAt(line)
    guard target.speaker === process || isLatest(at, target.series.saidAt) else { return false }
    target.series.said(by: feeder, at: at)
    target.speaker = process
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
      if self.series[ObjectIdentifier(series)]?.speaker !== process { latest = max(latest, series.saidAt) }
      return false
    }
    guard isLatest(at, latest), let series = registry.series(metric: metric, labelValues: values, at: time) else {
      return
    }
    series.set(1, at: time)
    series.said(by: feeder, at: at)
    target(series).speaker = process
    forEachOther { $0 !== series }
  }

  private func outdate(_ target: EventSeries) {
    guard !target.isOutdated else { return }
    target.isOutdated = true
    outdated.append(target)
  }

  /// Whether a process lives has changed.
  private func joinAnew(_ process: EventProcess) {
    for contribution in process.contributions.values where !contribution.series.contributors.isEmpty {
      outdate(contribution.series)
    }
  }

  private func join(_ target: EventSeries) {
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

  // MARK: Processes that end

  /// Takes note of the processes of which nothing was heard for too long.
  ///
  /// - Returns: when to look again, in nanoseconds of the monotonic clock.
  func sweep(_ moment: Moment) -> Int64 {
    now = moment
    time = .now
    var next = Int64.max
    for process in open.values {
      if process.standing == .living {
        let end = process.seen &+ aliveTime
        guard end <= now.monotonic else {
          next = min(next, end)
          continue
        }
        process.standing = .silent
        joinAnew(process)
      }
      guard process.files == 0 else { continue }
      let end = process.seen &+ max(aliveTime, Self.goneTime)
      if end <= now.monotonic { fold(process) } else { next = min(next, end) }
    }
    foldTooMany()
    commit()
    return next
  }

  private func foldTooMany() {
    var count = open.values.reduce(0) { $0 + $1.contributions.count }
    guard count > Self.contributionsMax else { return }
    for process in open.values.filter({ $0.standing == .silent }).sorted(by: { $0.seen < $1.seen }) {
      if count <= Self.contributionsMax / 2 { return }
      count -= process.contributions.count
      fold(process)
    }
  }

  /// What a process has counted stays in its series, and is not known as its own any more.
  private func fold(_ process: EventProcess) {
    for contribution in process.contributions.values {
      if !contribution.series.contributors.isEmpty {
        contribution.series.contributors.removeAll { $0.process === process }
        outdate(contribution.series)
      }
      saving.forget(contribution)
    }
    process.contributions = [:]
    process.hasForgotten = process.standing != .ended
    open[ObjectIdentifier(process)] = nil
    saving.note(process)
  }

  /// Takes on a process as it was saved.
  func restore(_ process: EventProcess, contributions: [(series: Series, EventContribution.Saved)]) {
    processes[process.identity] = process
    if process.standing != .ended {
      process.standing = process.seen &+ aliveTime > clock().monotonic ? .living : .silent
      if !process.hasForgotten { open[ObjectIdentifier(process)] = process }
    }
    for (series, saved) in contributions where saved.counts.count == Self.countOfCounts(series.metric.descriptor) {
      let target = self.target(series)
      let (contribution, _) = self.contribution(of: process, to: target)
      contribution.total = saved.total
      contribution.counts = saved.counts
      guard series.metric.descriptor.type == .gauge else { continue }
      target.contributors.append((process, contribution))
      outdate(target)
    }
  }
}

extension EventProcesses {
  /// How many counts a contribution to a metric has.
  private static func countOfCounts(_ metric: MetricDescriptor) -> Int {
    switch metric.type {
    case .histogram: metric.buckets.count + 1
    case .summary: 1
    case .counter, .gauge, .info, .stateset: 0
    }
  }
}

/// How many observations a line tells of, by bucket.
private struct EventCounts {
  /// Not cumulative, `+Inf` last.
  private(set) var buckets: [UInt64] = []

  /// nil: they are not the metric's buckets, or do not belong together.
  init?(_ piece: EventLine.Piece, bounds: [Double], count: Double) {
    buckets.reserveCapacity(bounds.count + 1)
    var before: UInt64 = 0
    var isRight = true
    var counts: [UInt64] = []
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

  /// Leaves what is more than before.
  ///
  /// - Returns: how many these are; nil: a bucket has less.
  mutating func subtract(_ former: [UInt64]) -> UInt64? {
    var further: UInt64 = 0
    for index in buckets.indices {
      guard former.indices.contains(index), buckets[index] >= former[index] else { return nil }
      buckets[index] -= former[index]
      further &+= buckets[index]
    }
    return further
  }
}

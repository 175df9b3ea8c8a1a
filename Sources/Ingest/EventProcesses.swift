internal import Clocks
internal import LogFormats
internal import MetricCatalog
internal import MetricModel
internal import MetricRegistry

/// How much one watcher keeps of processes that write events.
package struct EventLimits {
  /// Contributions of all processes, at some hundred bytes each. Where there are so many, those of processes are forgotten
  /// that were silent longest; beyond, lines about others are left out.
  package var contributionsMax = 200_000
  /// Processes that have ended, and are known still should their files be read again.
  package var endedMax = 100_000
  /// All processes; the files of others are left out.
  package var processesMax = 200_000

  package init() {}
}

/// The processes whose events files a watcher reads, and what they contribute to series: a counter, histogram or summary
/// has what all of them have counted, whether they live or have ended; a gauge what `across` says.
///
/// What a line says is a total, so a line that is read twice changes nothing. Of each process the number of its newest
/// line is known, by which a line is news or not, and what it contributes to each series. Of one that has ended only the
/// number is kept.
final class EventProcesses {
  /// A longer name of a process is none.
  static let identityBytesMax = 200
  /// A longer name of a label that a process speaks of is `other`.
  static let labelNameBytesMax = 128
  /// How long nothing has to be heard of a process whose file is gone until its contributions are forgotten one by one.
  private static let goneTime: Int64 = 3_600_000_000_000

  let plan: WatcherPlan
  let registry: Registry
  let clock: () -> Moment
  let metricIndex: [String: Int]
  /// By metric, whether events feed it.
  let isFed: [Bool]
  let across: [AcrossProcesses]
  private let aliveTime: Int64
  private let limits: EventLimits

  private(set) var processes: [String: EventProcess] = [:]
  /// Those of which contributions are known, or will be.
  private var open: [ObjectIdentifier: EventProcess] = [:]
  private var contributionCount = 0
  var keys = EventKeys()
  private var said: [SeriesName: SaidName] = [:]
  private(set) var series: [Series: EventSeries] = [:]
  /// Names and series after which those are cleared away that are of no use any more.
  private var namesBeforeClearing = 64
  /// Gauges that have to be joined anew.
  var outdated: [EventSeries] = []
  /// The metrics for which files are read again.
  var readAgain: [Bool]
  /// Whether all files are.
  var isReadAgain = false
  var saving = Saving()

  // The file at hand.
  private(set) var feeder: Feeder
  private(set) var time = SampleTime.now
  private(set) var now: Moment
  private var counted = (mapped: 0, malformed: 0)

  /// - Parameter isFed: by metric, whether events feed it.
  init(
    plan: WatcherPlan,
    isFed: [Bool],
    metricIndex: [String: Int],
    registry: Registry,
    limits: EventLimits,
    clock: @escaping () -> Moment
  ) {
    self.plan = plan
    self.limits = limits
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

  /// The process of that name, known or new; nil: there is no room.
  func process(_ identity: String) -> EventProcess? {
    if let known = processes[identity] { return known }
    guard processes.count < limits.processesMax else {
      plan.hit(.totals)
      return nil
    }
    let process = EventProcess(identity: identity)
    processes[identity] = process
    open[ObjectIdentifier(process)] = process
    if processes.count - open.count > limits.endedMax { forgetEnded() }
    return process
  }

  // MARK: Contributions

  /// What a process contributes to a series under a name, which may be nothing yet; nil: there is no room.
  func contribution(
    of process: EventProcess,
    to series: EventSeries,
    _ name: SeriesName,
    _ key: EventKeys.Key? = nil
  ) -> (EventContribution, isFirst: Bool)? {
    if let said = key?.said ?? said[name] {
      key?.said = said
      if let known = process.contributions[ObjectIdentifier(said)] {
        if known.series === series { return (known, false) }
        // The series had ended, and began anew.
        remove(known, of: process)
      }
    }
    if process.contributions.count >= process.contributionsBeforeClearing { clear(process) }
    guard contributionCount < limits.contributionsMax else {
      plan.hit(.totals)
      return nil
    }
    // Not the key's, which may be of no use any more.
    let said = self.said(name)
    key?.said = said
    let contribution = EventContribution(to: series, said)
    process.contributions[ObjectIdentifier(said)] = contribution
    contributionCount += contribution.cost
    open[ObjectIdentifier(process)] = process
    return (contribution, true)
  }

  /// The one that stands for this name.
  private func said(_ name: SeriesName) -> SaidName {
    if let known = said[name] { return known }
    clearNamesIfMany()
    let new = SaidName(name)
    said[name] = new
    return new
  }

  /// The one that stands for this series.
  func shared(_ series: Series) -> EventSeries {
    if let known = self.series[series] { return known }
    clearNamesIfMany()
    let new = EventSeries(series)
    self.series[series] = new
    return new
  }

  /// Clears away series that have ended, and names that no process uses.
  private func clearNamesIfMany() {
    guard series.count + said.count >= namesBeforeClearing else { return }
    series = series.filter { !$0.value.series.isDropped }
    let used = Set(open.values.flatMap(\.contributions.keys))
    said = said.filter { used.contains(ObjectIdentifier($0.value)) }
    // They may refer to names that are no more.
    keys = EventKeys()
    namesBeforeClearing = 2 * (series.count + said.count) + 64
  }

  /// Takes away what a process contributes to series that have ended.
  private func clear(_ process: EventProcess) {
    for contribution in process.contributions.values where contribution.series.series.isDropped {
      remove(contribution, of: process)
    }
    process.contributionsBeforeClearing = 2 * process.contributions.count + 64
  }

  private func remove(_ contribution: EventContribution, of process: EventProcess) {
    process.contributions[ObjectIdentifier(contribution.said)] = nil
    contributionCount -= contribution.cost
    saving.forget(contribution)
    guard !contribution.series.contributors.isEmpty else { return }
    contribution.series.contributors.removeAll { $0.contribution === contribution }
    outdate(contribution.series)
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
      if line.rejected == nil {
        apply(line, of: process, admission)
      } else if admission == .new {
        countRejections(line, of: process)
      }
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
    if counted.mapped > 0 { plan.counters.sawRecord(atNanoseconds: Int(now.wall)) }
    plan.counters.add(counted.mapped, .mapped)
    plan.counters.add(counted.malformed, .malformed)
    counted = (0, 0)
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
    if contributionCount >= limits.contributionsMax { makeRoom() }
    commit()
    return next
  }

  /// Replaces what a process has left out of one kind.
  func replace(_ rejection: Rejection, by total: UInt64, of process: EventProcess) {
    guard let before = process.rejections[rejection] ?? (contributionCount < limits.contributionsMax ? 0 : nil) else {
      return plan.hit(.totals)
    }
    guard total > before else { return }
    if process.rejections.updateValue(total, forKey: rejection) == nil {
      contributionCount += 1
      open[ObjectIdentifier(process)] = process
      // Of those before nothing is known.
      if process.hasForgotten { return }
    }
    registry.count(rejection: rejection, by: total - before)
  }

  private func makeRoom() {
    for process in open.values.filter({ $0.standing == .silent }).sorted(by: { $0.seen < $1.seen }) {
      if contributionCount <= limits.contributionsMax / 2 { return }
      fold(process)
    }
  }

  /// What a process has counted stays in its series, and is not known as its own any more.
  private func fold(_ process: EventProcess) {
    for contribution in process.contributions.values { remove(contribution, of: process) }
    contributionCount -= process.rejections.count
    process.rejections = [:]
    process.hasForgotten = process.standing != .ended && process.newest > 0
    open[ObjectIdentifier(process)] = nil
    saving.note(process)
  }

  /// Takes on a process as it was saved.
  func restore(_ process: EventProcess, contributions: [(series: Series, EventContribution.Saved)]) {
    processes[process.identity] = process
    if process.standing != .ended {
      process.standing = process.seen &+ aliveTime > clock().monotonic ? .living : .silent
      if !process.hasForgotten || !process.rejections.isEmpty { open[ObjectIdentifier(process)] = process }
    }
    contributionCount += process.rejections.count
    for (series, saved) in contributions {
      let name = SeriesName(metric: series.metric.index, labelValues: saved.labelValues ?? series.labelValues)
      let metric = series.metric.descriptor
      guard saved.counts.count == EventContribution.countOfCounts(metric),
        (saved.native != nil) == (metric.nativeHistogram != nil),
        let (contribution, _) = contribution(of: process, to: shared(series), name)
      else { continue }
      contribution.total = saved.total
      contribution.counts = saved.counts
      contribution.native = saved.native
      guard metric.type == .gauge else { continue }
      contribution.series.contributors.append((process, contribution))
      outdate(contribution.series)
    }
  }
}

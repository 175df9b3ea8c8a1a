/// What is known of a training run, from the records of its logs, from its files and from its processes. It is told what
/// was seen, with the time of each; it reads nothing, and no clock.
package struct RunHealth: Sendable {
  /// How many of the latest times between records say how long nothing new is no reason to worry.
  static let intervalsMax = 512
  /// How many fields may have their values counted that are not finite. A catalog names far fewer.
  static let fieldsMax = 64
  /// Of a log that was followed: what is older by less is a record of another log that was read late, by more the clock
  /// was set.
  static let latenessMax = 60 * Nanoseconds.perSecond

  /// When records were written: nanoseconds since 1970. nil: there is none, and for the first, that it is not known.
  package internal(set) var start: Int64?
  package internal(set) var lastRecord: Int64?
  /// When something new came last: when its record was read, or, for those that were found, was written.
  var heard: Int64 = 0
  /// Seconds between readings that brought records. Not between records: many programs write them in lumps.
  var intervals = SortedWindow(capacity: Self.intervalsMax)
  var isMarkedFinished = false
  /// When the record that marked the end last was written: nanoseconds since 1970.
  var finishedAt: Int64 = 0
  var isMarkedFailed = false
  /// When a log had a traceback behind its last record: nanoseconds since 1970; 0: none has.
  var tracedAt: Int64 = 0
  /// What files say of its end.
  var marks = Marks()
  /// The newest of what it has saved; nil: nothing is known of any.
  package internal(set) var checkpoint: RunCheckpoint?
  package internal(set) var files = RunPresence.unknown
  package internal(set) var processes = RunPresence.unknown
  /// When processes were there again after they were gone; 0: they were not.
  var returned: Int64 = 0
  /// Whether it had ended, and its files or processes are there again, with no record yet.
  var isResumed = false
  package internal(set) var steps = RunPace()
  package internal(set) var epochs = RunPace()
  /// The newest; NaN and infinities, too.
  package internal(set) var loss: Double?
  /// When that was written.
  var lossTime: Int64 = 0
  /// Some of those that there were.
  var losses = LossTrail()
  package internal(set) var bestScore: Double?
  /// The step, or else the epoch, that had it.
  package internal(set) var bestAt: Double?
  /// How many values were not finite, by field.
  package internal(set) var nonFinite: [String: UInt64] = [:]
  /// Its state at the last look at all runs; nil: there was none.
  package internal(set) var seen: RunState?
  /// Whether anything was said that is to be saved.
  var isChanged = false

  package init() {}

  /// Goes on with what a reading brought.
  ///
  /// - Parameter now: when it was read: nanoseconds since 1970.
  package mutating func take(_ report: RunReport, at now: Int64, better: RunScoreOrder = .higher) {
    isChanged = true
    steps.plan(report.plannedSteps)
    epochs.plan(report.plannedEpochs)
    countNonFinite(report.nonFinite)
    takeScore(report, better)
    guard report.count > 0 else { return takeMark(of: report, at: now) }
    losses.take(report)
    let time = Self.clamp(report.time, to: now)
    let firstTime = report.firstTime.map { min(Self.clamp($0, to: now), time) }
    takeStart(report, time: time, firstTime: firstTime)
    let wasOver = isResumed || state(at: now).isEnd
    let wasAway = isResumed || isAway(at: now)
    heard = max(heard <= now ? heard : 0, report.isFirstReading ? time : now)
    let isLate = isLate(time, report, at: now)
    if !isLate {
      goOn(to: report, at: time, wasOver: wasOver, wasAway: wasAway)
    } else if isMarkedFinished, time > finishedAt, isTraining(report) {
      isMarkedFinished = false
    }
    takeNumbers(report, at: time, firstTime: firstTime, isLate: isLate)
  }

  /// Goes on to the newest record.
  private mutating func goOn(to report: RunReport, at time: Int64, wasOver: Bool, wasAway: Bool) {
    // Whoever writes it, those were not its processes.
    if let gone = processes.goneSince, Nanoseconds.elapsed(from: gone, to: time) > Self.lastRowsMax {
      processes = .unknown
    }
    if wasAway {
      steps.resume()
      epochs.resume()
    }
    if !wasOver, !report.isFirstReading, let lastRecord, time > lastRecord {
      intervals.insert(Nanoseconds.secondsElapsed(from: lastRecord, to: time))
    }
    lastRecord = time
    isResumed = false
    tracedAt = 0
    if report.isFinished {
      (isMarkedFinished, isMarkedFailed, finishedAt) = (true, report.hasFailed, time)
    } else if report.hasFailed {
      (isMarkedFailed, finishedAt) = (true, time)
    } else if time >= finishedAt {
      // What was written before the mark may be read after it, from another log.
      if isTraining(report) { isMarkedFinished = false }
      isMarkedFailed = false
    }
  }

  /// Takes the mark of an end from records that do not say that the run goes on.
  private mutating func takeMark(of report: RunReport, at now: Int64) {
    let time = Self.clamp(report.time, to: now)
    // An older log may be read after a newer one. The clocks of a file system and of a program need not be the same.
    guard report.isFinished || report.hasFailed, time >= finishedAt,
      Nanoseconds.elapsed(from: time, to: lastRecord ?? time) <= Self.lastRowsMax
    else { return }
    (isMarkedFinished, isMarkedFailed) = (report.isFinished, report.hasFailed)
    finishedAt = max(time, lastRecord ?? time)
  }

  /// Whether records behind the mark of an end say that the training goes on: many tools write what an evaluation gave
  /// after it.
  private func isTraining(_ report: RunReport) -> Bool {
    if let step = report.step, step != steps.newest?.value { return true }
    if let epoch = report.epoch, epoch != epochs.newest?.value { return true }
    let hasNumbers = steps.newest != nil || epochs.newest != nil || loss != nil
    return !hasNumbers || report.loss != nil && report.step == nil && report.epoch == nil
  }

  /// Of each number the newest counts: the log with the newest record need not have all of them.
  private mutating func takeNumbers(_ report: RunReport, at time: Int64, firstTime: Int64?, isLate: Bool) {
    if let loss = report.loss, !isLate || time >= lossTime {
      self.loss = loss
      lossTime = time
    }
    func advance(_ pace: inout RunPace, _ value: Double?, _ first: Double?) {
      guard let value else { return }
      if isLate, let newest = pace.newest, time < newest.time || value <= newest.value { return }
      pace.take(
        value,
        first: first,
        firstTime: firstTime,
        time: time,
        count: report.count,
        isFound: report.isFirstReading
      )
    }
    advance(&steps, report.step, report.firstStep)
    advance(&epochs, report.epoch, report.firstEpoch)
  }

  /// A log has a traceback behind its last record.
  ///
  /// - Parameters:
  ///   - time: when the log was written: nanoseconds since 1970.
  ///   - now: when that was read.
  package mutating func sawTraceback(at time: Int64, now: Int64) {
    let time = Self.clamp(time, to: now)
    // Other logs have gone on since.
    if let lastRecord, time < lastRecord { return }
    guard tracedAt == 0 else { return }
    tracedAt = max(time, 1)
    isChanged = true
  }

  /// How many files it has now.
  package mutating func filesChanged(count: Int, at time: Int64) {
    change(\.files, to: files.seen(count, at: time), at: time)
  }

  /// How many live processes are its own.
  package mutating func saw(processes count: Int, at time: Int64) {
    if count > 0, processes.goneSince != nil { returned = time }
    change(\.processes, to: processes.seen(count, at: time), at: time)
  }

  /// All runs are looked at.
  mutating func look(_ state: RunState) {
    seen = state
    isChanged = true
  }

  private mutating func change(
    _ presence: WritableKeyPath<RunHealth, RunPresence>,
    to new: RunPresence,
    at time: Int64
  ) {
    guard self[keyPath: presence] != new else { return }
    let wasAway = isAway(at: time)
    self[keyPath: presence] = new
    if wasAway, !isAway(at: time) { isResumed = true }
    isChanged = true
  }

  /// Whether it begins anew with the next record: it is over, not only as far as was planned.
  func isAway(at time: Int64) -> Bool {
    let state = state(at: time)
    return state.isEnd && (state != .finished || isMarkedFinished || endByFile?.state == .finished)
  }

  /// No record is of the future, nor of before 1970.
  private static func clamp(_ time: Int64, to now: Int64) -> Int64 { max(min(time, now), 0) }

  /// Whether a newer record is known already.
  private func isLate(_ time: Int64, _ report: RunReport, at now: Int64) -> Bool {
    guard let lastRecord, time < lastRecord, lastRecord <= now else { return false }
    return report.isFirstReading || Nanoseconds.elapsed(from: time, to: lastRecord) < Self.latenessMax
  }

  private mutating func takeStart(_ report: RunReport, time: Int64, firstTime: Int64?) {
    if let firstTime {
      start = min(start ?? firstTime, firstTime)
    } else if lastRecord == nil, start == nil, report.count == 1 || !report.isFirstReading {
      start = time
    }
  }

  private mutating func takeScore(_ report: RunReport, _ better: RunScoreOrder) {
    guard let score = report.bestScore, score.isFinite else { return }
    if let bestScore, !better.prefers(score, to: bestScore) { return }
    bestScore = score
    bestAt = report.bestAt
  }

  private mutating func countNonFinite(_ counts: [String: UInt64]) {
    for (field, count) in counts {
      guard nonFinite[field] != nil || nonFinite.count < Self.fieldsMax else { continue }
      let (sum, overflow) = nonFinite[field, default: 0].addingReportingOverflow(count)
      nonFinite[field] = overflow ? .max : sum
    }
  }
}

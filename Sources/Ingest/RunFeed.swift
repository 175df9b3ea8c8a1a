internal import Clocks
internal import LogFormats
internal import MetricCatalog
internal import Runs
internal import Tailing

/// What the records of one log say of its run: gathered while they are mapped, and told to the board when a batch is
/// through.
final class RunFeed {
  /// What the record at hand says: those of the values that it has.
  private struct Values {
    var has: RunPlan.Roles = []
    var step = 0.0
    var stepRank = Int.max
    var epoch = 0.0
    var epochRank = Int.max
    var plannedSteps = 0.0
    var plannedEpochs = 0.0
    var loss = 0.0
    var lossRank = Int.max
    var score = 0.0
    var time: Int64 = 0
    /// The places of fields whose numbers are none.
    var nonFinite: [Int] = []
  }

  let plan: RunPlan
  private let runFiles: RunFiles
  private let clock: () -> Moment
  /// nil: its labels do not allow the run, or there is no room for it.
  private var key: RunBoard.Key?
  @exclusivity(unchecked) private var record = Values()
  @exclusivity(unchecked) private var report = RunReport(time: 0, count: 0)
  /// The fields that were met, by the place that slots have.
  @exclusivity(unchecked) private var fields: [RunPlan.Field] = []
  /// How many numbers of each were none.
  @exclusivity(unchecked) private var nonFinite: [UInt64] = []
  @exclusivity(unchecked) private var hasNews = false
  /// Whether a record told its own time.
  @exclusivity(unchecked) private var hasOwnTime = false

  init(plan: RunPlan, files: RunFiles, captures: [String: String], clock: @escaping () -> Moment) {
    self.plan = plan
    runFiles = files
    self.clock = clock
    key = plan.keys.key(captures: captures)
  }

  /// The place of a field from now on; -1: it says nothing of a run.
  func place(of name: String, isCounted: Bool) -> Int32 {
    if let known = fields.firstIndex(where: { $0.name == name }) { return Int32(known) }
    guard let field = plan.field(name, isCounted: isCounted) else { return -1 }
    fields.append(field)
    roles.formUnion(field.roles)
    nonFinite.append(0)
    return Int32(fields.count - 1)
  }

  /// All that the fields say which were met.
  @exclusivity(unchecked) private var roles: RunPlan.Roles = []
  /// Whether a record has said what is planned.
  @exclusivity(unchecked) private var hasPlans: RunPlan.Roles = []

  /// Whether only the newest values and the best score are of interest: no record has a time or a mark of its own.
  var takesBatches: Bool {
    roles.isDisjoint(with: [.time, .end]) && plan.finished.isEmpty && plan.failed.isEmpty
  }

  /// What is looked for in the last records of a batch. What is planned stands in each, or is known.
  var rolesOfNewest: RunPlan.Roles {
    roles.intersection([.step, .epoch, .loss, .steps, .epochs]).subtracting(hasPlans)
  }

  var hasScore: Bool { roles.contains(.score) }

  func roles(of place: Int32) -> RunPlan.Roles { fields[Int(place)].roles }

  /// Whether of a field's numbers, as long as they are finite, the last of a batch counts, and some of those before.
  func takesLatest(_ place: Int32) -> Bool {
    roles(of: place).isSubset(of: [.step, .epoch, .loss, .steps, .epochs, .counted])
  }

  func isScore(_ place: Int32) -> Bool { place >= 0 && fields[Int(place)].roles.contains(.score) }

  /// Whether a score is better than another, and than the best that was told.
  func isBest(_ score: Double, besides other: Double?) -> Bool {
    guard score.isFinite else { return false }
    if let other, !plan.isBetter(score, than: other) { return false }
    return report.bestScore.map { plan.isBetter(score, than: $0) } ?? true
  }

  // MARK: Some losses

  /// The record of the report from which on the next loss is told beside the newest. A report of one record has no other.
  @exclusivity(unchecked) private var nextSample = RunFeed.samplesFrom
  @exclusivity(unchecked) private var sampleSpacing = 1
  private static let samplesFrom = 2
  @exclusivity(unchecked) private var firstLoss: RunReport.Loss?
  private static let samplesMax = 64

  /// Whether records have losses, of which the newest alone would be told.
  var hasLoss: Bool { roles.contains(.loss) }

  /// How many records the report has.
  var recordCount: Int { report.count }

  /// Takes the loss of a record of the report along.
  func sample(_ loss: Double, at record: Int) {
    report.losses.append(RunReport.Loss(record: record, value: loss))
    if report.losses.count > Self.samplesMax {
      report.losses = stride(from: 0, to: report.losses.count, by: 2).map { report.losses[$0] }
      sampleSpacing *= 2
    }
    nextSample = record + sampleSpacing
  }

  /// The loss that the values of a record say; nil: none.
  func loss(in fields: RecordMapping.Fields, place: (RecordBatch.Value) -> Int32) -> Double? {
    var loss: (value: Double, rank: Int)?
    for value in fields where !value.isContainer {
      let place = place(value)
      guard place >= 0, self.fields[Int(place)].roles.contains(.loss), let number = value.ownNumber else { continue }
      let rank = self.fields[Int(place)].lossRank
      if rank <= loss?.rank ?? .max { loss = (number, rank) }
    }
    return loss?.value
  }

  /// There are further records, whose values are not of interest.
  func skip(_ count: Int) { report.count += count }

  /// Whether the text of a field is looked at.
  func wantsText(_ place: Int32) -> Bool { fields[Int(place)].roles.contains(.time) }

  /// A value of the record at hand.
  @inline(__always)
  func note(_ value: RecordBatch.Value, _ place: Int32, _ text: UnsafeBufferPointer<UInt8>) {
    let roles = fields[Int(place)].roles
    if roles == .counted, value.isNumber, value.number.isFinite { return }
    note(value, of: Int(place), roles, text)
  }

  private func note(
    _ value: RecordBatch.Value,
    of place: Int,
    _ roles: RunPlan.Roles,
    _ text: UnsafeBufferPointer<UInt8>
  ) {
    guard !value.isContainer else { return }
    let number = value.ownNumber
    if roles.contains(.time), let time = TimeText.nanoseconds(value.text(in: text), number: number) {
      record.time = time
      record.has.insert(.time)
    }
    record.has.formUnion(roles.intersection([.end, .progress]))
    guard let number else { return }
    if roles.contains(.counted), !number.isFinite {
      record.nonFinite.append(place)
      record.has.insert(.counted)
    }
    let field = fields[place]
    if roles.contains(.loss), !record.has.contains(.loss) || field.lossRank <= record.lossRank {
      (record.loss, record.lossRank) = (number, field.lossRank)
      record.has.insert(.loss)
    }
    guard number.isFinite else { return }
    record.has.formUnion(roles.intersection([.score, .steps, .epochs]))
    if roles.contains(.score) { record.score = number }
    if roles.contains(.steps) { record.plannedSteps = number }
    if roles.contains(.epochs) { record.plannedEpochs = number }
    if roles.contains(.step), !record.has.contains(.step) || field.stepRank <= record.stepRank {
      (record.step, record.stepRank) = (number, field.stepRank)
      record.has.insert(.step)
    }
    if roles.contains(.epoch), !record.has.contains(.epoch) || field.epochRank <= record.epochRank {
      (record.epoch, record.epochRank) = (number, field.epochRank)
      record.has.insert(.epoch)
    }
  }

  /// The record at hand is new.
  ///
  /// - Parameters:
  ///   - isKept: whether the watcher's conditions keep it; one that they leave out says no more than that the run goes on.
  ///   - isFinished: whether it says that the run has ended well.
  ///   - hasFailed: whether it says that the run has failed.
  func take(isKept: Bool, isFinished: Bool, hasFailed: Bool) {
    hasNews = true
    let goesOn = !plan.hasProgressField || record.has.contains(.progress)
    if goesOn { report.count += 1 }
    if isKept {
      // What does not say that the run goes on may mark an end, and takes no mark away.
      if goesOn || hasFailed || isFinished { report.hasFailed = hasFailed }
      if isFinished || record.has.contains(.end) {
        report.isFinished = true
      } else if goesOn, report.isFinished, isTraining {
        report.isFinished = false
      }
      if !goesOn { record.has.remove(.time) }
      if !record.has.isEmpty { takeValues() }
    }
    if !record.has.isEmpty { record = Values() }
  }

  /// Whether the record at hand says that the training goes on, behind one that said that it is over.
  private var isTraining: Bool {
    if record.has.contains(.step), record.step != report.step { return true }
    if record.has.contains(.epoch), record.epoch != report.epoch { return true }
    let hasNumbers = report.step != nil || report.epoch != nil || report.loss != nil
    return !hasNumbers || record.has.isDisjoint(with: [.step, .epoch]) && record.has.contains(.loss)
  }

  private func takeValues() {
    if record.has.contains(.step) {
      if report.firstStep == nil { report.firstStep = record.step }
      report.step = record.step
    }
    if record.has.contains(.epoch) {
      if report.firstEpoch == nil { report.firstEpoch = record.epoch }
      report.epoch = record.epoch
    }
    hasPlans.formUnion(record.has.intersection([.steps, .epochs]))
    if record.has.contains(.steps) { report.plannedSteps = record.plannedSteps }
    if record.has.contains(.epochs) { report.plannedEpochs = record.plannedEpochs }
    if record.has.contains(.loss) {
      if report.loss == nil { firstLoss = RunReport.Loss(record: report.count, value: record.loss) }
      report.loss = record.loss
      if report.count >= nextSample { sample(record.loss, at: report.count) }
    }
    if record.has.contains(.score), report.bestScore.map({ plan.isBetter(record.score, than: $0) }) ?? true {
      report.bestScore = record.score
      report.bestAt = report.step ?? report.epoch
    }
    if record.has.contains(.time) {
      report.time = record.time
      if report.firstTime == nil { report.firstTime = record.time }
      hasOwnTime = true
    }
    for place in record.nonFinite { nonFinite[place] += 1 }
  }

  /// Tells what was gathered.
  ///
  /// - Parameters:
  ///   - written: when the log was written that the records stand in, in nanoseconds since 1970.
  ///   - isFirstReading: whether the log was found, and not seen to change.
  func flush(written: Int64, isFirstReading: Bool) {
    guard hasNews else { return }
    hasNews = false
    let now = clock().wall
    report.time = min(hasOwnTime ? report.time : written, now)
    report.isFirstReading = isFirstReading
    if !plan.countsRecords { report.count = 0 }
    for (place, field) in fields.enumerated() where field.roles.contains(.counted) {
      report.nonFinite[field.name] = nonFinite[place]
      nonFinite[place] = 0
    }
    if report.plannedSteps == nil { report.plannedSteps = plan.plannedSteps }
    if report.plannedEpochs == nil { report.plannedEpochs = plan.plannedEpochs }
    if report.count > 1, let firstLoss { report.losses.insert(firstLoss, at: 0) }
    if let key { runFiles.board.update(key) { $0.take(report, at: now, better: plan.order) } }
    report = RunReport(time: 0, count: 0)
    (nextSample, sampleSpacing) = (Self.samplesFrom, 1)
    firstLoss = nil
    hasOwnTime = false
  }

  /// A log has a traceback behind its last record.
  ///
  /// - Parameter written: when the log was written, in nanoseconds since 1970.
  func sawTraceback(written: Int64) {
    let now = clock().wall
    if let key { runFiles.board.updateKnown(key) { $0.sawTraceback(at: min(written, now), now: now) } }
  }

  // MARK: Its files

  /// The logs that are mapped here and whose files are there, by their numbers.
  private var logs: [UInt64: RunLog] = [:]

  func makeLog(_ file: LogFile) -> RunLog { runFiles.logs.log(file) }

  func add(_ log: RunLog) {
    logs[log.number] = log
    if let key { runFiles.add([log], to: key) }
  }

  func remove(_ log: RunLog) {
    logs[log.number] = nil
    if let key { runFiles.remove([log], of: key) }
  }

  /// A log has another name, or another file.
  func update(_ log: RunLog) {
    logs[log.number] = log
    if let key { runFiles.logs.update(log, of: key) }
  }

  /// The logs have another name.
  func moved(captures: [String: String]) {
    let key = plan.keys.key(captures: captures)
    guard key != self.key else { return }
    if let former = self.key, !logs.isEmpty { runFiles.remove(logs.values, of: former) }
    self.key = key
    if let key, !logs.isEmpty { runFiles.add(logs.values, to: key) }
  }
}

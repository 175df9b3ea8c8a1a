internal import Clocks
internal import LogFormats
internal import MetricCatalog
internal import MetricModel
internal import MetricRegistry
internal import Tailing

/// The compiled mapping of one log's fields: a plan for each slot, made when the field is first seen, that ends in
/// handles of series. Nothing is looked up by name for a value.
///
/// It is used on the tailer's thread only. What a log contributed is not here but in its `LogState`: documents that are
/// one log by their content share both.
final class RecordMapping {
  private struct Slot {
    var updates: Range<Int>
    /// The field's place among the tracked; -1: it is not.
    var tracked: Int
  }

  let plan: WatcherPlan
  /// The log at hand.
  @exclusivity(unchecked) var source: SeriesSource
  /// Whether that log is read for the first time, here or by this process: then it was found, and not seen to change.
  @exclusivity(unchecked) var isFirstReading = false
  /// Whether that log was read before, by who kept nothing of it: no record is new, whenever it was written.
  @exclusivity(unchecked) var isReadAgain = false
  /// When the record at hand was written, as far as is known: label values are as old as what says them.
  @exclusivity(unchecked) private(set) var time = SampleTime.now
  let registry: Registry
  let clock: () -> Moment
  private(set) var captures: [String: String]
  // One thread uses a mapping, and nothing in it calls back: the run-time check of exclusive access would be half of a
  // value's cost.
  @exclusivity(unchecked) private var slots: [Slot] = []
  /// Each keeps its place from the log's beginning to its next one, by which totals and staged values know it.
  @exclusivity(unchecked) var updates: [Update] = []
  /// The updates of each field that has some, in whatever order the fields were met.
  private var updatesByField: [String: Range<Int>] = [:]
  private let eachRecord: Range<Int>
  /// The value of each tracked field in the record at hand, by its place in the batch; -1: it has none.
  @exclusivity(unchecked) var trackedValues: [Int]
  @exclusivity(unchecked) var pendingUpdates: [Int] = []
  @exclusivity(unchecked) var pendingCount = 0
  var seriesByLabels: SeriesCache
  /// By update, of those whose samples have exemplars and were met. Not in the updates, which are copied for each value.
  var exemplarPlans: [Int: ExemplarPlan] = [:]

  /// The series that a last line without its end has a value in.
  var provisional: [Series] = []
  /// By update.
  var provisionalInfos: [Int: ProvisionalInfo] = [:]

  init(
    plan: WatcherPlan,
    source: SeriesSource,
    captures: [String: String],
    registry: Registry,
    clock: @escaping () -> Moment
  ) {
    self.plan = plan
    self.source = source
    self.captures = captures
    self.registry = registry
    self.clock = clock
    seriesByLabels = SeriesCache(budget: plan.budget)
    trackedValues = Array(repeating: -1, count: plan.tracked.count)
    let compiled = plan.watcher.eachRecord.enumerated().map { place, target in
      let source = Update.Source(field: nil, target: place)
      return Self.compile(target, from: source, plan: plan, fieldCaptures: [:], pathCaptures: captures)
    }
    updates = compiled
    eachRecord = 0..<compiled.count
  }

  /// Compiles the plan of a field at its first sight, and says what a parser has to bring of it.
  func resolve(field name: String, slot: Int) -> FieldUse {
    // A new parser begins with the first slot.
    if slot < slots.count { slots.removeSubrange(slot...) }
    let found = updates(of: name)
    var use: FieldUse = []
    for update in updates[found] { use.insert(update.type == .stateset ? [.number, .text] : .number) }
    if wantsDurations(updates[found]) { use.insert(.duration) }
    let tracked = plan.tracked[name] ?? -1
    if tracked >= 0 { use.insert([.number, .text]) }
    slots.append(Slot(updates: found, tracked: tracked))
    return use
  }

  /// The updates of a field, or nil for those of each record: compiled when they are first asked for.
  func updates(of field: String?) -> Range<Int> {
    guard let field else { return eachRecord }
    if let known = updatesByField[field] { return known }
    let first = updates.count
    guard let (targets, captured) = plan.mapping(forField: field) else { return first..<first }
    for (place, target) in targets.enumerated() {
      let source = Update.Source(field: field, target: place)
      updates.append(
        Self.compile(target, from: source, plan: plan, fieldCaptures: captured, pathCaptures: captures)
      )
    }
    updatesByField[field] = first..<updates.count
    return first..<updates.count
  }

  /// The log is read from its beginning: nothing that was learned of its fields is of use any more, and other fields may
  /// come. Whoever remembers updates by their places has forgotten them.
  func restart() {
    slots.removeAll(keepingCapacity: true)
    updates.removeSubrange(eachRecord.upperBound...)
    updatesByField.removeAll(keepingCapacity: true)
    seriesByLabels.removeAll()
    exemplarPlans.removeAll()
  }

  /// Lets `body` meet fields with a copy of the parser, and forgets them: the parser itself meets them again, perhaps in
  /// another order.
  func withoutLearning(_ body: () -> Void) {
    let (slotCount, updateCount) = (slots.count, updates.count)
    body()
    slots.removeSubrange(slotCount...)
    if updates.count == updateCount { return }
    updates.removeSubrange(updateCount...)
    updatesByField = updatesByField.filter { $0.value.upperBound <= updateCount }
    exemplarPlans = exemplarPlans.filter { $0.key < updateCount }
  }

  /// The log has another name: labels that the path settles are what the new one says, for what comes after. The
  /// updates keep their places, by which totals are remembered.
  func moved(to file: LogFile) {
    guard file.captures != captures else {
      source.name = file.path
      return
    }
    takeBack()
    // Series of the old name are the log's no more: its further changes do not make them newer.
    source = source.copy(name: file.path)
    captures = file.captures
    seriesByLabels.removeAll()
    exemplarPlans.removeAll()
    for index in updates.indices {
      let source = updates[index].source
      guard let (target, captured) = target(of: source) else { continue }
      updates[index] = Self.compile(
        target,
        from: source,
        plan: plan,
        fieldCaptures: captured,
        pathCaptures: captures
      )
    }
  }

  /// Whether all that takes the field's value as a number counts in seconds. What is scaled comes in another unit.
  private func wantsDurations(_ updates: ArraySlice<Update>) -> Bool {
    let numeric = updates.filter { $0.type.isNumeric && $0.from != .count }
    return !numeric.isEmpty && numeric.allSatisfy { $0.scale == 1 && plan.metrics[$0.metric].isInSeconds }
  }

  static func compile(
    _ target: Target,
    from source: Update.Source,
    plan: WatcherPlan,
    fieldCaptures: [String: String],
    pathCaptures: [String: String]
  ) -> Update {
    Update(
      target,
      from: source,
      descriptor: plan.metrics[target.metric],
      labels: LabelPlan(
        target.labels,
        fieldCaptures: fieldCaptures,
        pathCaptures: pathCaptures,
        tracked: plan.tracked
      )
    )
  }

  // MARK: Records

  /// Maps a batch's records into the registry, as far as they are new to the log.
  func apply(_ batch: borrowing RecordBatch, to log: LogState) {
    // Of the records that the log had before, another contribution may have read none.
    var known = 0
    for contribution in log.contributions { known = max(known, apply(batch, to: contribution, known: known)) }
  }

  /// - Parameter known: how many of the batch's first records the log had before, as far as is known.
  /// - Returns: how many this contribution had.
  private func apply(_ batch: borrowing RecordBatch, to log: Contribution, known: Int) -> Int {
    let isReadAgain = log.isComparing
    var had = 0
    var kept = 0
    var filtered = 0
    var start = 0
    var index = 0
    let written = timeOfLog()
    time = known > 0 ? written.readAgain : written
    batch.values.withUnsafeBufferPointer { values in
      batch.text.withUnsafeBufferPointer { text in
        for record in batch.records {
          if index == known, known > 0 {
            commit()
            time = written
          }
          index += 1
          let admission = log.admit(record.digest)
          if admission == .known { had += 1 }
          let fields = UnsafeBufferPointer(rebasing: values[start..<record.valuesEnd])
          start = record.valuesEnd
          let isKept = map(fields, text: text, admission: admission, log: log)
          if admission.counts {
            if isKept { kept += 1 } else { filtered += 1 }
          }
        }
      }
    }
    if log.countsRecords {
      plan.counters.add(kept, .mapped)
      plan.counters.add(filtered, .filtered)
    }
    plan.counters.add(log.newLines(batch.malformed, in: \.malformed, isReadAgain: isReadAgain), .malformed)
    plan.counters.add(log.newLines(batch.unmatched, in: \.unmatched, isReadAgain: isReadAgain), .unmatched)
    commit()
    return had
  }

  /// When the log at hand was written last.
  private func timeOfLog() -> SampleTime {
    let written = registry.time(ofLogModifiedAt: source.modified, isFollowed: !isFirstReading)
    return isReadAgain ? written.readAgain : written
  }

  func show(_ batch: borrowing RecordBatch, of log: Contribution) {
    var start = 0
    batch.values.withUnsafeBufferPointer { values in
      batch.text.withUnsafeBufferPointer { text in
        for record in batch.records {
          let fields = UnsafeBufferPointer(rebasing: values[start..<record.valuesEnd])
          start = record.valuesEnd
          _ = map(fields, text: text, admission: .provisional, log: log)
        }
      }
    }
  }

  /// The log was read to its end: shows what waited for that.
  func caughtUp(_ log: LogState) {
    for contribution in log.contributions {
      guard let staged = contribution.caughtUp() else { continue }
      time = timeOfLog()
      showStaged(staged, of: contribution)
    }
    log.caughtUp()
  }

  /// Maps one record. Returns whether the conditions keep it.
  private func map(
    _ fields: UnsafeBufferPointer<RecordBatch.Value>,
    text: UnsafeBufferPointer<UInt8>,
    admission: Admission,
    log: Contribution
  ) -> Bool {
    if !trackedValues.isEmpty {
      for place in trackedValues.indices { trackedValues[place] = -1 }
      for (index, value) in fields.enumerated() {
        let tracked = slots[Int(value.slot)].tracked
        if tracked >= 0 { trackedValues[tracked] = index }
      }
      for condition in plan.conditions {
        let index = trackedValues[condition.tracked]
        let value = index < 0 ? nil : fields[index]
        guard condition.holds(for: value.map { ($0.text(in: text), $0.isNumber ? $0.number : nil) }) else {
          return false
        }
      }
    }
    let record = Record(fields: fields, text: text, admission: admission)
    if let metrics = log.metrics {
      for value in fields {
        for index in slots[Int(value.slot)].updates where metrics[updates[index].metric] {
          apply(index, value, record, log)
        }
      }
      for index in eachRecord where metrics[updates[index].metric] { apply(index, nil, record, log) }
      return true
    }
    for value in fields {
      let plan = slots[Int(value.slot)].updates
      for index in plan { apply(index, value, record, log) }
    }
    for index in eachRecord { apply(index, nil, record, log) }
    return true
  }

  /// A record on its way through the mapping.
  struct Record {
    let fields: UnsafeBufferPointer<RecordBatch.Value>
    let text: UnsafeBufferPointer<UInt8>
    let admission: Admission
  }

  @inline(__always)
  private func apply(_ index: Int, _ value: RecordBatch.Value?, _ record: Record, _ log: Contribution) {
    let isPlainGauge = updates[index].type == .gauge && updates[index].from == .value
    if isPlainGauge, let value, value.isNumber, updates[index].series != nil,
      record.admission == .new
    {
      setPending(index, value.number * updates[index].scale + updates[index].offset)
      return
    }
    applyAny(index, value, record, log)
  }

  @inline(__always)
  func setPending(_ index: Int, _ number: Double) {
    updates[index].pending = number
    pendingCount &+= 1
    updates[index].pendingOrder = pendingCount
    if !updates[index].isPending {
      updates[index].isPending = true
      pendingUpdates.append(index)
    }
  }

  /// Every update but that of a gauge whose series is known.
  private func applyAny(_ index: Int, _ value: RecordBatch.Value?, _ record: Record, _ log: Contribution) {
    // Copied only where it is used as a whole: a copy of it costs more than counting.
    switch updates[index].type {
    case .info, .stateset:
      let labels = labelValues(of: updates[index], record)
      let text = value.map { String(decoding: $0.text(in: record.text), as: UTF8.self) }
      showOrStage(index, labels: labels, number: 1, text: text, record, log)
    case .gauge, .counter, .histogram, .summary:
      guard let number = quantity(of: index, value, record, log) else { return }
      if updates[index].showsNewest {
        let labels = labelValues(of: updates[index], record)
        showOrStage(index, labels: labels, number: number, text: nil, record, log)
      } else if record.admission.counts, isCountable(number, index), let series = series(of: index, record) {
        if series.source !== source { series.source = source }
        if updates[index].hasExemplar {
          add(number, to: series, of: index, record)
        } else if updates[index].type == .counter {
          series.add(number, at: time)
        } else {
          series.observe(number, at: time)
        }
      }
    }
  }

  /// Whether a counter or histogram can take the number. It is asked before the series is, which appears at 0 as soon
  /// as it is there.
  private func isCountable(_ number: Double, _ index: Int) -> Bool {
    let isCounter = updates[index].type == .counter
    // Nearly all can: asking the registry's room is a real call.
    if number.isFinite, number >= 0 || !isCounter { return true }
    guard let reason = isCounter ? number.whyNotCounted : number.whyNotObserved else { return true }
    refuse(reason, of: index)
    return false
  }

  private func refuse(_ reason: Rejection.Reason, of index: Int) {
    registry.count(rejection: Rejection(metric: metricName(updates[index].metric), reason: reason))
  }

  /// What a value means by the update's `from`; nil: nothing.
  private func quantity(of index: Int, _ value: RecordBatch.Value?, _ record: Record, _ log: Contribution) -> Double? {
    let from = updates[index].from
    guard let value, from != .count else { return 1 }
    guard value.isNumber else { return nil }
    let number = value.number * updates[index].scale + updates[index].offset
    switch from {
    case .value, .count:
      return number
    case .runningTotal, .difference:
      let admission = record.admission
      if admission == .provisional { return nil }
      // A total that is no finite number is none: the next is compared with the one before.
      if !number.isFinite, let reason = number.whyNotObserved {
        if admission.counts { refuse(reason, of: index) }
        return nil
      }
      var before: Double?
      switch updates[index].labels {
      case .fixed:
        before = log.totals.update(index, updates[index].source, to: number)
      case .perRecord:
        let update = updates[index]
        // What the registry refuses for its length is not to be remembered either.
        let labels = labelValues(of: update, record)
        if labels.contains(where: { $0.utf8.count > Registry.labelValueBytesMax }) {
          if admission.counts { _ = registry.series(metric: update.metric, labelValues: labels, at: time) }
          return nil
        }
        let key = key(of: index, record)
        guard log.totals.update(key, update.source, to: number, before: &before, budget: plan.budget) else {
          if admission.counts { plan.hit(.totals) }
          return nil
        }
      }
      if from == .difference { return before.flatMap { number >= $0 ? number - $0 : nil } }
      return before.map { number >= $0 ? number - $0 : number } ?? number
    }
  }
}

extension RecordBatch.Value {
  /// The value's text in its batch's.
  func text(in text: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>> {
    text[Int(textStart)..<Int(textStart) + Int(textLength)]
  }
}

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
  struct Slot {
    var updates: Range<Int>
    /// The field's place among the tracked; -1: it is not.
    var tracked: Int
    /// The field's place in the run's feed; -1: it says nothing of a run.
    var run: Int32
    /// Whether the last number of a batch is all that counts, once the updates have their series.
    var takesLatest: Bool
  }

  let plan: WatcherPlan
  /// The log at hand.
  @exclusivity(unchecked) var feeder: Feeder
  /// Whether that log is read for the first time, here or by this process: then it was found, and not seen to change.
  @exclusivity(unchecked) var isFirstReading = false
  /// Whether that log was read before, by who kept nothing of it: no record is new, whenever it was written.
  @exclusivity(unchecked) var isReadAgain = false
  /// Whether commas may part thousands in the records at hand.
  @exclusivity(unchecked) var partsThousands = true
  /// When the record at hand was written, as far as is known: label values are as old as what says them.
  @exclusivity(unchecked) var time = SampleTime.now
  /// Where records are read again: when the log was written that had them, which is how old the labels are that its path
  /// settles. nil: they are new.
  var pathTime: SampleTime?
  let registry: Registry
  let clock: () -> Moment
  private(set) var captures: [String: String]
  // One thread uses a mapping, and nothing in it calls back: the run-time check of exclusive access would be half of a
  // value's cost.
  @exclusivity(unchecked) private(set) var slots: [Slot] = []
  /// Each keeps its place from the log's beginning to its next one, by which totals and staged values know it.
  @exclusivity(unchecked) var updates: [Update] = []
  /// The updates of each field that has some, in whatever order the fields were met.
  private var updatesByField: [String: Range<Int>] = [:]
  let eachRecord: Range<Int>
  /// The value of each tracked field in the record at hand, by its place in the batch; -1: it has none.
  @exclusivity(unchecked) var trackedValues: [Int]
  /// The values of the record at hand, where some that were there are to be as if they were not.
  @exclusivity(unchecked) private var keptValues: [RecordBatch.Value] = []
  /// What the log at hand contributes to the metrics that are being set.
  @exclusivity(unchecked) var showing: Contribution?
  @exclusivity(unchecked) var pendingUpdates: [Int] = []
  @exclusivity(unchecked) var pendingCount = 0
  var seriesByLabels: SeriesCache
  /// The run that its logs belong to; nil: they tell of none.
  let run: RunFeed?
  /// The counters that exist as soon as the log has records.
  var beginnings: [Beginning] = []
  /// By update, of those whose samples have exemplars and were met. Not in the updates, which are copied for each value.
  var exemplarLabels: [Int: [ExemplarLabel]] = [:]
  /// How texts are read as numbers: by update, of those that met one. Not in the updates either.
  var forms: [Int: NumberForm] = [:]

  /// The series that a last line without its end has a value in.
  var provisional: [Series] = []
  /// By update.
  var provisionalInfos: [Int: ProvisionalInfo] = [:]

  init(
    plan: WatcherPlan,
    feeder: Feeder,
    captures: [String: String],
    registry: Registry,
    run: RunFeed? = nil,
    clock: @escaping () -> Moment
  ) {
    self.plan = plan
    self.run = run
    self.feeder = feeder
    self.captures = captures
    self.registry = registry
    self.clock = clock
    seriesByLabels = SeriesCache(budget: plan.budget)
    trackedValues = Array(repeating: -1, count: plan.tracked.count)
    eachRecord = plan.watcher.eachRecord.indices
    updates = compile(plan.watcher.eachRecord, of: nil, [:])
    beginnings = makeBeginnings()
  }

  /// Compiles the plan of a field at its first sight, and says what a parser has to bring of it.
  func resolve(field name: String, slot: Int) -> FieldUse {
    // A new parser begins with the first slot.
    if slot < slots.count { slots.removeSubrange(slot...) }
    let found = updates(of: name)
    var use: FieldUse = []
    for update in updates[found] {
      use.insert(update.type == .stateset ? [.number, .text] : .number)
      if !update.takesPlainNumbers { use.insert(.text) }
    }
    use.formUnion(plan.numberUse(updates[found]))
    let tracked = plan.tracked[name] ?? -1
    if tracked >= 0 || (plan.naValues != nil && !use.isEmpty) { use.insert([.number, .text]) }
    let place = run?.place(of: name, isCounted: updates[found].contains(where: \.takesNumbers))
    if let place, place >= 0 { use.insert(run?.wantsText(place) == true ? [.number, .text] : .number) }
    let takesLatest = use.isDisjoint(with: .text) && takesLatest(found, runPlace: place ?? -1)
    if takesLatest { use.insert(.latest) }
    slots.append(Slot(updates: found, tracked: tracked, run: place ?? -1, takesLatest: takesLatest))
    return use
  }

  private func takesLatest(_ found: Range<Int>, runPlace: Int32) -> Bool {
    if runPlace >= 0, run?.takesLatest(runPlace) != true { return false }
    return (runPlace >= 0 || !found.isEmpty) && updates[found].allSatisfy(\.takesLatest)
  }

  /// Says for the batch to come of which fields the last number is all that counts, if what the records of a log do does not
  /// depend on what it had before.
  ///
  /// - Parameter byteCount: how much is read into the batch. For a few rows it is not worth the asking.
  func announce(_ batch: inout RecordBatch, of log: LogState, byteCount: Int) {
    guard log.contributions.count == 1, log.contributions[0].isFollowing, log.contributions[0].metrics == nil,
      plan.naValues == nil, byteCount / 16 > slots.count
    else { return }
    if let run {
      guard takesBatches(batch, for: run) else { return }
      batch.keepsSomeValues = true
    }
    batch.settledSlots = slots.indices.first { !isSettled($0) } ?? slots.count
  }

  /// Leaves out values that later ones of the batch replace, whatever the format. A parser that can do better has done so.
  func leaveOutReplaced(from batch: inout RecordBatch) {
    guard batch.settledSlots != nil else { return }
    NewestValues(takesLatest: slots.indices.map { slots[$0].takesLatest && isSettled($0) }).keep(in: &batch)
  }

  private func isSettled(_ slot: Int) -> Bool {
    guard slots[slot].takesLatest else { return true }
    return slots[slot].updates.allSatisfy { updates[$0].series.map { !$0.isDropped } ?? false }
  }

  /// The updates of a field, or nil for those of each record: compiled when they are first asked for.
  func updates(of field: String?) -> Range<Int> {
    guard let field else { return eachRecord }
    if let known = updatesByField[field] { return known }
    let first = updates.count
    guard let (targets, captured) = plan.mapping(forField: field) else { return first..<first }
    updates += compile(targets, of: field, captured)
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
    exemplarLabels.removeAll()
    forms.removeAll()
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
    exemplarLabels = exemplarLabels.filter { $0.key < updateCount }
    forms = forms.filter { $0.key < updateCount }
  }

  /// The log has another name: labels that the path settles are what the new one says, for what is shown from now on. The
  /// updates keep their places, by which totals are remembered.
  func moved(_ log: LogState, to file: LogFile) {
    guard file.captures != captures else {
      feeder.name = file.path
      return
    }
    takeBack()
    log.forgetShown(by: feeder)
    // Series of the old name are the log's no more: its further changes do not make them newer.
    feeder = feeder.copy(name: file.path)
    captures = file.captures
    run?.moved(captures: captures)
    seriesByLabels.removeAll()
    exemplarLabels.removeAll()
    for index in updates.indices {
      let feed = updates[index].feed
      guard let (target, captured) = target(of: feed) else { continue }
      let hasDecimalComma = updates[index].hasDecimalComma
      updates[index] = compile(target, from: feed, captured)
      updates[index].hasDecimalComma = hasDecimalComma
    }
    beginnings = makeBeginnings()
    for contribution in log.contributions { relabelStaged(of: contribution) }
  }

  private func compile(_ targets: [Target], of field: String?, _ captured: [String: String]) -> [Update] {
    targets.enumerated().map { compile($1, from: Update.Feed(field: field, target: $0), captured) }
  }

  func compile(_ target: Target, from feed: Update.Feed, _ captured: [String: String]) -> Update {
    let takesPlainNumbers = target.pattern == nil && plan.takesPlainNumbers
    return Update(
      target,
      from: feed,
      descriptor: plan.metrics[target.metric],
      texts: texts(captured),
      takesPlainNumbers: takesPlainNumbers
    )
  }

  func texts(_ captured: [String: String]) -> LabelTexts {
    LabelTexts(field: captured, path: captures, tracked: plan.tracked)
  }

  // MARK: Records

  /// Maps a batch's records into the registry, as far as they are new to the log.
  func apply(_ batch: borrowing RecordBatch, to log: LogState) {
    partsThousands = batch.partsThousands
    // Of the records that the log had before, another contribution may have read none.
    var known = 0
    for contribution in log.contributions {
      known = max(known, apply(batch, to: contribution, known: known, readUpTo: log.readUpTo))
    }
    run?.flush(written: feeder.modified, isFirstReading: isFirstReading)
  }

  /// - Parameters:
  ///   - known: how many of the batch's first records the log had before, as far as is known.
  ///   - readUpTo: when these were there.
  /// - Returns: how many this contribution had.
  private func apply(_ batch: borrowing RecordBatch, to contribution: Contribution, known: Int, readUpTo: Int64) -> Int
  {
    showing = contribution
    let isComparing = contribution.isComparing
    plan.sight.note(batch, of: feeder.name)
    var had = 0
    var kept = 0
    var filtered = 0
    var index = 0
    setTime(of: known > 0 ? readUpTo : nil)
    let run = contribution.countsRecords ? run : nil
    let tellsEach = run.map { !takesBatches(batch, for: $0) } ?? false
    let takesTogether = contribution.isFollowing && contribution.metrics == nil && trackedValues.isEmpty && !tellsEach
    var withoutValues = 0
    forEach(batch) { digest, fields, text in
      if index == known, known > 0 {
        commit()
        setTime()
      }
      index += 1
      if takesTogether, fields.isEmpty {
        _ = contribution.admit(digest)
        withoutValues += 1
        return
      }
      if withoutValues > 0 {
        mapWithoutValues(withoutValues, contribution)
        kept += withoutValues
        withoutValues = 0
      }
      let admission = contribution.admit(digest)
      if admission == .known { had += 1 }
      let hasLateValues = admission == .known && batch.hasLateValues
      let record = Record(fields: fields, text: text, admission: admission, hasLateValues: hasLateValues)
      let isKept = map(record, contribution)
      if tellsEach, admission.counts, let run { note(record, isKept: isKept, in: run) }
      if admission.counts {
        if isKept { kept += 1 } else { filtered += 1 }
      }
    }
    if withoutValues > 0 { mapWithoutValues(withoutValues, contribution) }
    kept += withoutValues
    if let run, !tellsEach, kept + filtered > 0 { note(batch, from: had, in: run) }
    if kept + filtered > 0, !beginnings.isEmpty { begin(contribution) }
    if contribution.countsRecords {
      plan.counters.add(kept, .mapped)
      plan.counters.add(filtered, .filtered)
    }
    plan.counters.add(contribution.newLines(batch.malformed, in: \.malformed, isReadAgain: isComparing), .malformed)
    plan.counters.add(contribution.newLines(batch.unmatched, in: \.unmatched, isReadAgain: isComparing), .unmatched)
    commit()
    return had
  }

  func show(_ batch: borrowing RecordBatch, of contribution: Contribution) {
    partsThousands = batch.partsThousands
    forEach(batch) { _ = map(Record(fields: $1, text: $2, admission: .provisional), contribution) }
  }

  @inline(__always)
  func forEach(
    _ batch: borrowing RecordBatch,
    _ body: (_ digest: UInt64, Fields, _ text: UnsafeBufferPointer<UInt8>) -> Void
  ) {
    var start = 0
    batch.values.withUnsafeBufferPointer { values in
      batch.text.withUnsafeBufferPointer { text in
        for record in batch.records {
          let fields = Fields(rebasing: values[start..<record.valuesEnd])
          start = record.valuesEnd
          if let naValues = plan.naValues {
            keptValues.removeAll(keepingCapacity: true)
            keptValues += fields.lazy.filter { value in
              !naValues.contains(value.text(in: text), number: value.ownNumber)
            }
            keptValues.withUnsafeBufferPointer { body(record.digest, $0, text) }
          } else {
            body(record.digest, fields, text)
          }
        }
      }
    }
  }

  typealias Fields = UnsafeBufferPointer<RecordBatch.Value>

  /// The log was read to its end: shows what waited for that.
  func caughtUp(_ log: LogState) {
    for contribution in log.contributions {
      guard let staged = contribution.caughtUp() else { continue }
      setTime()
      showing = contribution
      showStaged(staged, of: contribution)
    }
    log.caughtUp()
    log.readUpTo = max(log.readUpTo, feeder.modified)
    sayPathLabels()
  }

  /// Maps one record. Returns whether the conditions keep it.
  private func map(_ record: Record, _ contribution: Contribution) -> Bool {
    if !trackedValues.isEmpty, let (condition, value) = refusal(of: record) {
      plan.sight.noteFiltered(by: condition.field, text: value?.shown(in: record.text), of: feeder.name)
      return false
    }
    if record.hasLateValues {
      mapLateValues(of: record, contribution)
      return true
    }
    if let metrics = contribution.metrics {
      for value in record.fields {
        for index in slots[Int(value.slot)].updates where metrics[updates[index].metric] {
          apply(index, value, record, contribution)
        }
      }
      for index in eachRecord where metrics[updates[index].metric] && isConcerned(index) {
        apply(index, nil, record, contribution)
      }
      return true
    }
    for value in record.fields {
      for index in slots[Int(value.slot)].updates { apply(index, value, record, contribution) }
    }
    for index in eachRecord where isConcerned(index) { apply(index, nil, record, contribution) }
    return true
  }

  /// Maps so many new records in a row that bring no values.
  private func mapWithoutValues(_ count: Int, _ contribution: Contribution) {
    let record = Record(fields: Fields(start: nil, count: 0), text: .init(start: nil, count: 0), admission: .new)
    for index in eachRecord where isConcerned(index) && !self.count(count, index, contribution) {
      for _ in 0..<count { apply(index, nil, record, contribution) }
    }
  }

  /// Maps the values of a record that was there before, of which some were not.
  private func mapLateValues(of record: Record, _ contribution: Contribution) {
    var late = record
    late.admission = .new
    for value in record.fields {
      for index in slots[Int(value.slot)].updates where contribution.feeds(updates[index].metric) {
        apply(index, value, value.isLate ? late : record, contribution)
      }
    }
    for index in eachRecord where contribution.feeds(updates[index].metric) && isConcerned(index) {
      apply(index, nil, record, contribution)
    }
  }

  /// Takes note of the tracked values of a record, and returns the condition that it does not meet, with its value there.
  @inline(__always)
  func refusal(of record: Record) -> (condition: CompiledCondition, value: RecordBatch.Value?)? {
    for place in trackedValues.indices { trackedValues[place] = -1 }
    for (index, value) in record.fields.enumerated() {
      let tracked = slots[Int(value.slot)].tracked
      if tracked >= 0 { trackedValues[tracked] = index }
    }
    for condition in plan.conditions {
      let index = trackedValues[condition.tracked]
      let value = index < 0 ? nil : record.fields[index]
      let isKept = condition.holds(for: value.map { ($0.text(in: record.text), $0.ownNumber) })
      if !isKept { return (condition, value) }
    }
    return nil
  }

  /// Whether the record at hand says something to a target of each record: of the fields that its labels come from it has
  /// one at least, if there are some.
  @inline(__always)
  func isConcerned(_ index: Int) -> Bool { !updates[index].isPerRecord || hasLabelField(of: index) }

  private func hasLabelField(of index: Int) -> Bool {
    guard case .perRecord(let labels) = updates[index].labels else { return true }
    for case .tracked(let place) in labels.joined() where trackedValues[place] >= 0 { return true }
    return false
  }

  /// A record on its way through the mapping.
  struct Record {
    let fields: Fields
    let text: UnsafeBufferPointer<UInt8>
    var admission: Admission
    /// Whether it is known, and some of its values are new.
    var hasLateValues = false
  }

  @inline(__always)
  private func apply(_ index: Int, _ value: RecordBatch.Value?, _ record: Record, _ contribution: Contribution) {
    if updates[index].isPlainGauge, let value, value.isNumber, updates[index].series != nil, record.admission == .new {
      setPending(index, updates[index].scaledPlainly(value.number))
      return
    }
    applyAny(index, value, record, contribution)
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
}

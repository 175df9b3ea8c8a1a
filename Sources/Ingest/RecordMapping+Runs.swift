internal import LogFormats

/// From records to the run that they belong to.
extension RecordMapping {
  /// Whether records can be told to the run a batch at a time: no record's own words decide whether it counts, or how.
  func takesBatches(_ batch: borrowing RecordBatch, for run: RunFeed) -> Bool {
    run.takesBatches && plan.conditions.isEmpty && plan.naValues == nil && !batch.hasLateValues
  }

  /// Tells the run what a new record says.
  func note(_ record: Record, isKept: Bool, in run: RunFeed) {
    guard isKept else { return run.take(isKept: false, isFinished: false, hasFailed: false) }
    noteValues(record.fields, record.text, in: run)
    run.take(isKept: true, isFinished: holds(run.plan.finished, record), hasFailed: holds(run.plan.failed, record))
  }

  /// Tells the run what the records of a batch say, from one of them on: of most only how many there are, since the newest
  /// values count.
  func note(_ batch: borrowing RecordBatch, from first: Int, in run: RunFeed) {
    batch.values.withUnsafeBufferPointer { values in
      batch.text.withUnsafeBufferPointer { text in
        batch.records.withUnsafeBufferPointer { records in
          func fields(_ index: Int) -> Fields {
            Fields(rebasing: values[(index > 0 ? records[index - 1].valuesEnd : 0)..<records[index].valuesEnd])
          }
          func take(_ index: Int) {
            noteValues(fields(index), text, in: run)
            run.take(isKept: true, isFinished: false, hasFailed: false)
          }
          take(first)
          guard first + 1 < records.count else { return }
          let tail = tailStart(after: first, records.count, run) { fields($0) }
          if batch.hasNonFinite {
            for index in first + 1..<tail { take(index) }
          } else {
            sampleLosses(in: first + 1..<tail, run) { fields($0) }
            var best: Int?
            if run.hasScore { best = bestScore(in: first + 1..<tail, run) { fields($0) } }
            if let best { take(best) }
            run.skip(tail - first - 1 - (best == nil ? 0 : 1))
          }
          for index in tail..<records.count { take(index) }
        }
      }
    }
  }

  /// Some of the losses of records that are not looked at else.
  private func sampleLosses(in range: Range<Int>, _ run: RunFeed, _ fields: (Int) -> Fields) {
    guard run.hasLoss, range.count >= Self.lossSpacingMin else { return }
    let before = run.recordCount
    let spacing = max(Self.lossSpacingMin, range.count / Self.lossesOfBatch)
    var next = range.lowerBound + spacing - 1
    for index in range where index >= next {
      // Of outdated records only some have values.
      guard let loss = run.loss(in: fields(index), place: { slots[Int($0.slot)].run }) else { continue }
      run.sample(loss, at: before + index - range.lowerBound + 1)
      next = index + spacing
    }
  }

  private static let lossSpacingMin = 3
  private static let lossesOfBatch = 16

  private func noteValues(_ fields: Fields, _ text: UnsafeBufferPointer<UInt8>, in run: RunFeed) {
    for value in fields {
      let place = slots[Int(value.slot)].run
      if place >= 0 { run.note(value, place, text) }
    }
  }

  /// The first of the last records that have all which the newest value counts of.
  private func tailStart(after first: Int, _ end: Int, _ run: RunFeed, _ fields: (Int) -> Fields) -> Int {
    var missing = run.rolesOfNewest
    var start = end
    repeat {
      start -= 1
      for value in fields(start) {
        let place = slots[Int(value.slot)].run
        if place >= 0 { missing.subtract(run.roles(of: place)) }
      }
    } while !missing.isEmpty && start > first + 1
    return start
  }

  /// The record with the best score, where that is better than the one that the run has been told.
  private func bestScore(in range: Range<Int>, _ run: RunFeed, _ fields: (Int) -> Fields) -> Int? {
    var best: (index: Int, score: Double)?
    // Where the record before had it.
    var offset = 0
    for index in range {
      let fields = fields(index)
      if offset >= fields.count || !run.isScore(slots[Int(fields[offset].slot)].run) {
        guard let place = fields.firstIndex(where: { run.isScore(slots[Int($0.slot)].run) }) else { continue }
        offset = place
      }
      guard let score = fields[offset].ownNumber, run.isBest(score, besides: best?.score) else { continue }
      best = (index, score)
    }
    return best?.index
  }

  /// Whether there are conditions, and all hold for the record at hand.
  private func holds(_ conditions: [CompiledCondition], _ record: Record) -> Bool {
    if conditions.isEmpty { return false }
    return conditions.allSatisfy { condition in
      let index = trackedValues[condition.tracked]
      let value = index < 0 ? nil : record.fields[index]
      return condition.holds(for: value.map { ($0.text(in: record.text), $0.ownNumber) })
    }
  }
}

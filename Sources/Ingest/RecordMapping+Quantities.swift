internal import LogFormats
internal import MetricRegistry

/// From a field's number to what a metric is given: `from`, with the totals that a log had before.
extension RecordMapping {
  /// What a value means by the update's `from`; nil: nothing.
  func quantity(of index: Int, _ value: RecordBatch.Value?, _ record: Record, _ contribution: Contribution) -> Double? {
    let from = updates[index].from
    if from == .time { return writtenAt }
    guard let value, from != .count else { return 1 }
    let number: Double
    if value.isNumber, updates[index].isPlain {
      number = updates[index].scaledPlainly(value.number)
    } else {
      guard let read = self.number(of: index, value, record, contribution) else { return nil }
      number = read
    }
    switch from {
    case .value, .count, .time:
      return number
    case .runningTotal, .highest, .difference:
      let admission = record.admission
      if admission == .provisional { return nil }
      // A total that is no finite number is none: the next is compared with the one before.
      if !number.isFinite, let reason = number.whyNotObserved {
        if admission.counts { refuse(reason, of: index) { "\(number)" } }
        return nil
      }
      let restarts = updates[index].restartsWith >= 0 && restarts(index, record, contribution)
      let keepsHighest = from == .highest && !restarts
      var before: Double?
      switch updates[index].labels {
      case .fixed:
        before = contribution.totals.update(index, updates[index].feed, to: number, keepsHighest: keepsHighest)
      case .perRecord:
        let update = updates[index]
        // What the registry refuses for its length is not to be remembered either.
        let labels = labelValues(of: update, record)
        if labels.contains(where: { $0.utf8.count > Registry.labelValueBytesMax }) {
          if admission.counts { _ = series(of: update, labelValues: labels) }
          return nil
        }
        let key = key(of: index, record)
        let isFollowed = contribution.totals.update(
          key,
          update.feed,
          to: number,
          keepsHighest: keepsHighest,
          before: &before,
          budget: plan.budget
        )
        guard isFollowed else {
          if admission.counts { plan.hit(.totals) }
          return nil
        }
      }
      if restarts { before = nil }
      switch from {
      case .difference: return before.flatMap { number >= $0 ? number - $0 : nil }
      case .highest: return before.map { number > $0 ? number - $0 : nil } ?? number
      default: return before.map { number >= $0 ? number - $0 : number } ?? number
      }
    }
  }

  /// When the record at hand was written, as far as its log tells, in seconds since 1970. A time still to come tells
  /// nothing, nor does none.
  private var writtenAt: Double {
    let now = registry.now
    let written = feeder.modified == .min ? now : min(feeder.modified, now)
    // To the millisecond: no more is meant.
    return (Double(written) / 1e6).rounded() / 1e3
  }

  /// Whether another run begins with the record: the field that tells so has not risen. Among lines out of order it may
  /// stay where it is.
  private func restarts(_ index: Int, _ record: Record, _ contribution: Contribution) -> Bool {
    let place = updates[index].restartsWith
    guard place >= 0, trackedValues[place] >= 0 else { return false }
    let value = record.fields[trackedValues[place]]
    guard let number = value.ownNumber, number.isFinite else { return false }
    var before: Double?
    let isFollowed = contribution.totals.update(
      RunningTotals.TotalKey(update: index, labels: RunningTotals.restartMark + key(of: index, record).labels),
      updates[index].feed,
      to: number,
      before: &before,
      budget: plan.budget
    )
    if !isFollowed, record.admission.counts { plan.hit(.totals) }
    return before.map { updates[index].from == .highest ? number < $0 : number <= $0 } ?? false
  }

  /// Whether an element of an array stands as it was in the state of the document before, and so has been counted: an
  /// array that grows has all that it had in each new state.
  func stoodBefore(
    _ index: Int,
    _ value: RecordBatch.Value?,
    _ record: Record,
    _ contribution: Contribution
  ) -> Bool {
    let from = updates[index].from
    guard let value, value.isInArray, from == .value || from == .count else { return false }
    // In the totals two NaN would never be equal.
    let number = value.number.isNaN ? .infinity : value.number
    var before: Double?
    switch updates[index].labels {
    case .fixed:
      before = contribution.totals.update(index, updates[index].feed, to: number)
    case .perRecord:
      let key = key(of: index, record)
      guard contribution.totals.update(key, updates[index].feed, to: number, before: &before, budget: plan.budget)
      else {
        plan.hit(.totals)
        return false
      }
    }
    return before == number
  }
}

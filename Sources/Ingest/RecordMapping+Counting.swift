internal import LogFormats
internal import MetricModel
internal import MetricRegistry

/// What a value does to its metric: it is counted at once, or handed over to be shown.
extension RecordMapping {
  /// Every update but that of a gauge whose series is known.
  func applyAny(_ index: Int, _ value: RecordBatch.Value?, _ record: Record, _ contribution: Contribution) {
    // Copied only where it is used as a whole: a copy of it costs more than counting.
    switch updates[index].type {
    case .info, .stateset:
      let text = value.map { String(decoding: $0.text(in: record.text), as: UTF8.self) }
      let said = Said(labels: labelValues(of: updates[index], record), text: text)
      showOrStage(index, said, record.admission, contribution)
    case .gauge, .counter, .histogram, .summary:
      guard let number = quantity(of: index, value, record, contribution) else { return }
      if updates[index].showsNewest {
        let said = Said(labels: labelValues(of: updates[index], record), number: number)
        showOrStage(index, said, record.admission, contribution)
      } else if record.admission.counts, isCountable(number, index) {
        if contribution.isOneRecord, stoodBefore(index, value, record, contribution) { return }
        guard let series = series(of: index, record) else { return }
        if !series.isFed(by: ObjectIdentifier(feeder)) { series.feeder = feeder }
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

  /// Counts so many records at once that bring no values, if that gives what counting one by one does: as long as all sums
  /// are whole numbers that a `Double` has.
  func count(_ count: Int, _ index: Int, _ contribution: Contribution) -> Bool {
    guard updates[index].type == .counter, updates[index].from != .time, !updates[index].hasExemplar,
      !contribution.isOneRecord, let series = updates[index].series, !series.isDropped, let before = series.number,
      before == before.rounded(), before + Double(count) <= 0x1p53
    else { return false }
    if series.feeder !== feeder { series.feeder = feeder }
    return series.add(Double(count), at: time)
  }

  /// Whether a counter or histogram can take the number. It is asked before the series is, which appears at 0 as soon
  /// as it is there.
  func isCountable(_ number: Double, _ index: Int) -> Bool {
    let isCounter = updates[index].type == .counter
    // Nearly all can: asking the registry's room is a real call.
    if number.isFinite, number >= 0 || !isCounter { return true }
    guard let reason = isCounter ? number.whyNotCounted : number.whyNotObserved else { return true }
    refuse(reason, of: index) { "\(number)" }
    return false
  }

  /// - Parameter value: what was refused.
  func refuse(_ reason: Rejection.Reason, of index: Int, value: () -> String) {
    let metric = updates[index].metric
    registry.count(rejection: Rejection(metric: metricName(metric), reason: reason), value: value)
    if reason == .notANumber { return }
    plan.sight.noteRefused(metric: metric, in: feeder.name) {
      WatcherSight.Refused(metric: metricName(metric), label: "", value: "", reason: reason)
    }
  }
}

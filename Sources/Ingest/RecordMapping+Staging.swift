internal import MetricRegistry

/// What waits until a log that was written again is read to its end, and what a log goes on with in another process.
extension RecordMapping {
  /// Shows what an update says now, or stages it, by what the record is.
  func showOrStage(
    _ index: Int,
    labels: [String],
    number: Double,
    text: String?,
    _ record: Record,
    _ log: Contribution
  ) {
    switch record.admission {
    case .new: show(index, labels: labels, number: number, text: text, log: log)
    case .known: stage(index, labels: labels, number: number, text: text, countsRefusal: false, log)
    case .differing: stage(index, labels: labels, number: number, text: text, countsRefusal: true, log)
    case .provisional: showProvisionally(index, labels: labels, number: number, text: text, log)
    }
  }

  private func stage(
    _ index: Int,
    labels: [String],
    number: Double,
    text: String?,
    countsRefusal: Bool,
    _ log: Contribution
  ) {
    let update = updates[index]
    if update.type == .info {
      let newest = Self.newest(labels, log.staged.labels(ofInfo: index))
      if registry.meaning(metric: update.metric, labelValues: newest, countsRefusal: countsRefusal) != nil {
        if !log.staged.stage(infoOf: index, labels: newest, budget: plan.budget) { plan.hit(.waitingValues) }
      }
      return
    }
    if let text, !isState(text, of: update, countsRefusal: countsRefusal) { return }
    let isFixed = if case .fixed = update.labels { true } else { false }
    if isFixed, log.staged.stageAgain(index, labels, number, text: text) { return }
    let metric = update.metric
    guard let values = registry.meaning(metric: metric, labelValues: labels, countsRefusal: countsRefusal) else {
      return
    }
    let hasRoom = log.staged.stage(
      index,
      metric: metric,
      labels: labels,
      values: values,
      isFixed: isFixed,
      number,
      text: text,
      budget: plan.budget
    )
    if !hasRoom { plan.hit(.waitingValues) }
  }

  /// Shows what waited, with what showing each value at once would have left: places that nothing makes room in go to who
  /// came first, and the last value of each label is its newest.
  func showStaged(_ entries: [StagedValues.Entry], of log: Contribution) {
    for entry in entries {
      let metric = updates[entry.update].metric
      if registry.evicts(metric: metric) { continue }
      _ = registry.series(metric: metric, labelValues: entry.labels, at: time)
    }
    for entry in entries.sorted(by: { $0.order < $1.order }) {
      let update = updates[entry.update]
      if update.type == .info {
        setInfo(entry.update, labels: entry.labels, log: log)
        continue
      }
      if let series = registry.series(metric: update.metric, labelValues: entry.labels, at: time) {
        set(entry.number, entry.text, in: series)
      }
    }
  }

  /// Goes on with what a log showed, and with what waited, as another process saved it.
  func restore(_ saved: Contribution.Saved, of log: Contribution) {
    for info in saved.infos {
      guard let index = index(of: info.source), log.feeds(updates[index].metric) else { continue }
      var series: Series?
      if info.isLive {
        series = registry.series(metric: updates[index].metric, labelValues: info.labels, at: .never)
        series?.logCount += 1
      }
      log.infos[info.source] = Contribution.InfoState(
        labels: info.labels,
        series: series,
        isOfFormerContent: info.isOfFormerContent
      )
    }
    for (place, entry) in saved.staged.enumerated() {
      guard let index = index(of: entry.source), log.feeds(updates[index].metric) else { continue }
      let before = log.staged.entries.count
      stage(index, labels: entry.labels, number: entry.number, text: entry.text, countsRefusal: false, log)
      if log.staged.entries.count > before { log.staged.restore(order: entry.order ?? place, of: before) }
    }
  }
}

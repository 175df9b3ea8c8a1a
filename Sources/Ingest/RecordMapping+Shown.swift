internal import MetricRegistry

/// What is shown: of gauges, statesets and infos, where the newest counts. Gauges whose series are known wait until the
/// batch is through; all of them until a log that was written again is read to its end.
extension RecordMapping {
  /// Shows what an update says, or stages it, by what the record is.
  func showOrStage(_ index: Int, _ said: Said, _ admission: Admission, _ contribution: Contribution) {
    switch admission {
    case .new: show(index, said, contribution)
    case .known: stage(index, said, countsRefusal: false, contribution)
    case .differing: stage(index, said, countsRefusal: true, contribution)
    case .provisional: showProvisionally(index, said, contribution)
    }
  }

  // MARK: At once

  private func show(_ index: Int, _ said: Said, _ contribution: Contribution) {
    let update = updates[index]
    if update.type == .info {
      let before = contribution.infos[update.feed]
      return setInfo(index, labels: Self.newest(said.labels, before?.currentLabels), contribution: contribution)
    }
    // Asked before the series is: a refused sample takes no place.
    if let text = said.text, !isState(text, of: update, countsRefusal: true) { return }
    guard let series = series(of: update, labelValues: said.labels) else { return }
    if said.text != nil {
      set(said, in: series)
    } else if case .fixed = update.labels {
      updates[index].series = series
      setPending(index, said.number)
    } else {
      // Another field may feed the same series with labels that do not change: what it said before comes first.
      if !pendingUpdates.isEmpty, pendingUpdates.contains(where: { updates[$0].metric == update.metric }) { commit() }
      set(said, in: series)
    }
  }

  /// Whether a stateset has a state.
  func isState(_ text: String, of update: Update, countsRefusal: Bool) -> Bool {
    let metric = plan.metrics[update.metric]
    if metric.states.contains(text) { return true }
    if countsRefusal {
      registry.count(rejection: Rejection(metric: metric.name, label: metric.name, reason: .labelValue)) { text }
      plan.sight.noteRefused(metric: update.metric, in: feeder.name) {
        WatcherSight.Refused(metric: metric.name, label: metric.name, value: text, reason: .labelValue)
      }
    }
    return false
  }

  /// The newest values of an info's labels, of which a log shows one series for each target: what a record does not say
  /// stays what it was.
  static func newest(_ labels: [String], _ before: [String]?) -> [String] {
    zip(labels, before ?? labels).map { $0.isEmpty ? $1 : $0 }
  }

  /// Makes an info's series the one that a log shows for a target.
  private func setInfo(_ index: Int, labels: [String], contribution: Contribution) {
    let feed = updates[index].feed
    let before = contribution.infos[feed]
    if let before, before.labels == labels, let series = before.series, !series.isDropped {
      series.feeder = self.feeder
      contribution.infos[feed]?.isOfFormerContent = false
      return
    }
    // A refused sample takes nothing away.
    guard let series = series(of: updates[index], labelValues: labels) else { return }
    series.set(1, at: time)
    series.takeBack()
    series.feeder = self.feeder
    series.logCount += 1
    if let old = before?.series { endShowing(old) }
    contribution.infos[feed] = Contribution.InfoState(labels: labels, series: series)
  }

  /// Lets a log show the infos of another that is gone, as far as it shows none itself.
  func giveInfos(of log: LogState, to heir: LogState) {
    for from in log.contributions {
      for (feed, info) in from.infos {
        let to = metric(of: feed).flatMap { metric in heir.contributions.first { $0.feeds(metric) } }
        if let to, to.infos[feed] == nil {
          to.infos[feed] = info
          to.infos[feed]?.isOfFormerContent = true
        } else if let series = info.series {
          endShowing(series)
        }
      }
      from.infos = [:]
    }
  }

  /// The log does not show the info's series any more; without any that does it ends.
  private func endShowing(_ series: Series) {
    series.logCount -= 1
    if series.logCount <= 0 { registry.drop(series) }
  }

  /// Sets a gauge or a stateset, unless another log has said something later: of logs that are read in any order, also
  /// in one look, the one that changed last has the last word. What is certain goes before what is not.
  private func set(_ said: Said, in series: Series) {
    if !series.isFed(by: ObjectIdentifier(feeder)) {
      if series.isSaid(after: feeder, now: isFirstReading ? nil : clock().wall) { return }
      showing?.shown.note(series, by: feeder)
    }
    series.said(by: feeder)
    if let state = said.text { series.setState(state, at: time) } else { series.set(said.number, at: time) }
    if series.provisionalFeeder != nil { series.takeBack() }
  }

  /// Sets the gauges that have a new value.
  func commit() {
    if pendingUpdates.count > 1 { pendingUpdates.sort { updates[$0].pendingOrder < updates[$1].pendingOrder } }
    for index in pendingUpdates {
      updates[index].isPending = false
      if updates[index].series?.isDropped == true, case .fixed(let labels) = updates[index].labels {
        updates[index].series = series(of: updates[index], labelValues: labels)
      }
      if let series = updates[index].series { set(Said(number: updates[index].pending), in: series) }
    }
    pendingUpdates.removeAll(keepingCapacity: true)
    pendingCount = 0
  }

  // MARK: Later

  private func stage(_ index: Int, _ said: Said, countsRefusal: Bool, _ contribution: Contribution) {
    let update = updates[index]
    if update.type == .info {
      let newest = Self.newest(said.labels, contribution.staged.labels(ofInfo: index))
      if registry.meaning(metric: update.metric, labelValues: newest, countsRefusal: countsRefusal) != nil {
        if !contribution.staged.stage(infoOf: index, labels: newest, budget: plan.budget) { plan.hit(.waitingValues) }
      }
      return
    }
    if let text = said.text, !isState(text, of: update, countsRefusal: countsRefusal) { return }
    let isFixed = if case .fixed = update.labels { true } else { false }
    if isFixed, contribution.staged.stageAgain(index, said) { return }
    let metric = update.metric
    guard let values = registry.meaning(metric: metric, labelValues: said.labels, countsRefusal: countsRefusal) else {
      return
    }
    if !contribution.staged.stage(index, metric: metric, said, values: values, isFixed: isFixed, budget: plan.budget) {
      plan.hit(.waitingValues)
    }
  }

  /// Shows what waited, with what showing each value at once would have left: places that nothing makes room in go to who
  /// came first, and the last value of each label is its newest. What the log has set and says no more ends.
  func showStaged(_ staged: StagedValues, of contribution: Contribution) {
    let entries = staged.entries
    var said: Set<Series> = []
    for entry in entries {
      let metric = updates[entry.update].metric
      if registry.evicts(metric: metric) { continue }
      _ = series(of: updates[entry.update], labelValues: entry.said.labels)
    }
    for entry in entries.sorted(by: { $0.order < $1.order }) {
      let update = updates[entry.update]
      if update.type == .info {
        setInfo(entry.update, labels: entry.said.labels, contribution: contribution)
      } else if let series = series(of: update, labelValues: entry.said.labels) {
        set(entry.said, in: series)
        said.insert(series)
        if series.feeder === feeder { contribution.shown.note(series, by: feeder) }
      }
    }
    if staged.isIncomplete { return }
    for series in contribution.shown.takeUnsaid(said: said) { registry.drop(series) }
    for (feed, info) in contribution.infos where info.isOfFormerContent {
      contribution.infos[feed] = nil
      if let series = info.series, !series.isDropped { endShowing(series) }
    }
  }

  /// Goes on with what a log showed, and with what waited, as another process saved it.
  func restore(_ saved: Contribution.Saved, of contribution: Contribution) {
    for info in saved.infos {
      guard let index = index(of: info.feed), updates[index].type == .info,
        contribution.feeds(updates[index].metric)
      else { continue }
      var series: Series?
      if info.isLive {
        series = registry.series(metric: updates[index].metric, labelValues: info.labels, at: .never)
        series?.logCount += 1
      }
      contribution.infos[info.feed] = Contribution.InfoState(
        labels: info.labels,
        series: series,
        isOfFormerContent: info.isOfFormerContent
      )
    }
    for (place, entry) in saved.staged.enumerated() {
      guard let index = index(of: entry.feed), updates[index].showsNewest,
        (entry.said.text != nil) == (updates[index].type == .stateset), contribution.feeds(updates[index].metric)
      else { continue }
      stageAgain(index, entry.said, order: entry.order > 0 ? entry.order : place, contribution)
    }
  }

  /// What waits to be shown has the labels of the path at hand.
  func relabelStaged(of contribution: Contribution) {
    for entry in contribution.staged.takeAll() {
      var said = entry.said
      said.labels = updates[entry.update].labels.values(inPlaceOf: said.labels)
      stageAgain(entry.update, said, order: entry.order, contribution)
    }
  }

  /// Stages what waited before, in its order among the others.
  private func stageAgain(_ index: Int, _ said: Said, order: Int, _ contribution: Contribution) {
    let before = contribution.staged.entries.count
    stage(index, said, countsRefusal: false, contribution)
    if contribution.staged.entries.count > before { contribution.staged.restore(order: order, of: before) }
  }
}

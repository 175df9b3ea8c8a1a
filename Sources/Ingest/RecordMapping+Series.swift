internal import LogFormats
internal import MetricRegistry

/// From updates to series: which one a record's labels name, and what it shall show. Gauges whose series are known wait
/// until the batch is through.
extension RecordMapping {
  func showOrStage(
    _ index: Int,
    labels: [String],
    number: Double,
    text: String?,
    _ record: Record,
    _ log: Contribution
  ) {
    if record.admission?.stages == true {
      // An info has one series, whatever its labels.
      var isPerSeries = false
      if case .perRecord = updates[index].labels { isPerSeries = updates[index].type != .info }
      if isPerSeries {
        log.staged.stage(number, text: text, labels: labels, perSeriesOf: index)
      } else {
        log.staged.stage(number, text: text, labels: labels, of: index)
      }
    } else {
      show(index, labels: labels, number: number, text: text, log: log)
    }
  }

  func show(_ index: Int, labels: [String], number: Double, text: String?, log: Contribution) {
    let update = updates[index]
    if update.type == .info {
      showInfo(index, labels: labels, log: log)
      return
    }
    if let text, !plan.metrics[update.metric].states.contains(text) {
      // Asked before the series is: a refused sample takes no place.
      registry.count(
        rejection: Rejection(
          metric: plan.metrics[update.metric].name,
          label: plan.metrics[update.metric].name,
          reason: .labelValue
        )
      )
      return
    }
    guard let series = registry.series(metric: update.metric, labelValues: labels) else { return }
    if let text {
      if mayShow(in: series) { series.setState(text) }
    } else if case .fixed = update.labels {
      updates[index].series = series
      setPending(index, number)
    } else {
      // Another field may feed the same series with labels that do not change: what it said before comes first.
      if !pendingUpdates.isEmpty, pendingUpdates.contains(where: { updates[$0].metric == update.metric }) { commit() }
      if mayShow(in: series) { series.set(number) }
    }
  }

  /// An info has one series for each target of a log: the newest values of its labels.
  private func showInfo(_ index: Int, labels: [String], log: Contribution) {
    let metric = updates[index].metric
    let source = updates[index].source
    let before = log.infos[source]
    let newest = zip(labels, before?.labels ?? labels).map { $0.isEmpty ? $1 : $0 }
    if let before, before.labels == newest, let series = before.series, !series.isDropped {
      series.source = self.source
      return
    }
    // A refused sample takes nothing away.
    guard let series = registry.series(metric: metric, labelValues: newest) else { return }
    series.set(1)
    series.source = self.source
    series.logCount += 1
    if let old = before?.series { endShowing(old) }
    log.infos[source] = Contribution.InfoState(labels: newest, series: series)
  }

  /// The log does not show the info's series any more; without any that does it ends.
  private func endShowing(_ series: Series) {
    series.logCount -= 1
    if series.logCount <= 0 { registry.drop(series) }
  }

  func series(of index: Int, _ record: Record) -> Series? {
    switch updates[index].labels {
    case .fixed(let values):
      if let series = updates[index].series, !series.isDropped { return series }
      let series = registry.series(metric: updates[index].metric, labelValues: values)
      updates[index].series = series
      return series
    case .perRecord:
      let key = key(of: index, record)
      if let series = seriesByLabels[key], !series.isDropped { return series }
      let values = labelValues(of: updates[index], record)
      guard let series = registry.series(metric: updates[index].metric, labelValues: values) else { return nil }
      seriesByLabels.keep(series, for: key)
      return series
    }
  }

  /// An update and what the record says for its labels, as one text.
  func key(of index: Int, _ record: Record) -> RunningTotals.Key {
    var bytes: [UInt8] = []
    if case .perRecord(let labels) = updates[index].labels {
      for case .tracked(let place) in labels.joined() {
        let value = trackedValues[place] < 0 ? nil : record.fields[trackedValues[place]]
        // Its length goes before each text, so that no text can stand for two.
        bytes.append(contentsOf: " \(value?.textLength ?? 0):".utf8)
        if let value { bytes.append(contentsOf: value.text(in: record.text)) }
      }
    }
    return RunningTotals.Key(update: index, labels: String(decoding: bytes, as: UTF8.self))
  }

  func labelValues(of update: Update, _ record: Record) -> [String] {
    switch update.labels {
    case .fixed(let values): values
    case .perRecord(let labels): labels.map { text(of: $0, record) }
    }
  }

  /// What a label is in a record; empty where it has not all the fields.
  private func text(of parts: [LabelPlan.Part], _ record: Record) -> String {
    var text = ""
    for part in parts {
      switch part {
      case .text(let literal): text += literal
      case .tracked(let place):
        guard trackedValues[place] >= 0 else { return "" }
        text += String(decoding: record.fields[trackedValues[place]].text(in: record.text), as: UTF8.self)
      }
    }
    return trimmed(text)
  }

  /// Adds to a counter or histogram with an exemplar, whose labels are those that the record has fields for. A record's
  /// own time is not known: it was written when its log was.
  func add(_ number: Double, to series: Series, of index: Int, _ record: Record) {
    let labels = (exemplarPlan(of: index)?.labels ?? []).map { label in
      Exemplar.Label(label.name, text(of: label.parts, record))
    }
    let time = source.modified == .min ? nil : source.modified
    if updates[index].type == .counter {
      series.add(number, exemplar: labels, time: time)
    } else {
      series.observe(number, exemplar: labels, time: time)
    }
  }

  /// Whether the log at hand may say what a series shows; from then on it is the one that said it last.
  private func mayShow(in series: Series) -> Bool {
    guard let other = series.source, other !== source else {
      if series.source == nil { series.source = source }
      return true
    }
    if isFirstReading, other.isNewer(than: source) { return false }
    series.source = source
    return true
  }

  /// Sets the gauges that have a new value.
  func commit() {
    if pendingUpdates.count > 1 { pendingUpdates.sort { updates[$0].pendingOrder < updates[$1].pendingOrder } }
    for index in pendingUpdates {
      updates[index].isPending = false
      if updates[index].series?.isDropped == true, case .fixed(let labels) = updates[index].labels {
        updates[index].series = registry.series(metric: updates[index].metric, labelValues: labels)
      }
      if let series = updates[index].series, mayShow(in: series) { series.set(updates[index].pending) }
    }
    pendingUpdates.removeAll(keepingCapacity: true)
    pendingCount = 0
  }

  /// Shows again which series of infos a log shows.
  func restoreInfos(_ infos: [Contribution.Saved.Info], of log: Contribution) {
    for info in infos {
      guard let index = index(of: info.source), log.metrics.map({ $0[updates[index].metric] }) ?? true else { continue }
      var series: Series?
      if info.isLive {
        series = registry.series(metric: updates[index].metric, labelValues: info.labels)
        series?.logCount += 1
      }
      log.infos[info.source] = Contribution.InfoState(labels: info.labels, series: series)
    }
  }
}
